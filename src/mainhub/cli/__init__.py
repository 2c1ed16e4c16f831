"""The command line: ``mainhub``.

For: people and scripts that start a hub or look at it. Not for: behaviour of the hub itself. All
imports of the rooms are inside the commands, so that ``mainhub --help`` answers at once; what is
wrong is told in one line with the remedy and exit code 2, never in a traceback.
"""

from mainhub.cli.commands import main, typer_app

__all__ = ["main", "typer_app"]
