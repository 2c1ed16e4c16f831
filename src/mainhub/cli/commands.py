"""All commands, and the one place where an error becomes a line and an exit code."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mainhub.cli import config, database
from mainhub.cli.doctor import doctor

__all__ = ["main", "typer_app"]

typer_app = typer.Typer(
    name="mainhub",
    help="MainHub: the self-hosted hub of a company's internal web applications.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
typer_app.add_typer(config.app, name="config")
typer_app.add_typer(database.app, name="db")
typer_app.command()(doctor)

_Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file; ./mainhub.toml if it exists.")
]


def main() -> None:
    """Run the command line; exit 2 for whatever the caller can mend."""
    from mainhub.cli.refusals import tell
    from mainhub.errors import MainHubError

    try:
        typer_app()
    except MainHubError as error:
        sys.exit(tell(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _version(*, wanted: bool) -> None:
    if wanted:
        from mainhub import __version__

        sys.stdout.write(f"mainhub {__version__}\n")
        raise typer.Exit


@typer_app.callback()
def _mainhub(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda wanted: _version(wanted=wanted))
    ] = False,
) -> None:
    del version


@typer_app.command()
def dev(
    config: _Config = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65533, help="The hub's port; the next two are taken too."),
    ] = None,
    state: Annotated[str, typer.Option(help="Where everything is kept.")] = ".mainhub",
) -> None:
    """Try MainHub on this machine: simulated sign-in, a sample service, nothing to configure."""
    from mainhub.cli.dev import run
    from mainhub.cli.dev_state import folder

    sys.exit(run(config=config, port=port, state=folder(state)))


@typer_app.command()
def serve(config: _Config = None) -> None:
    """Serve MainHub with the identity providers and services of the settings."""
    from mainhub.cli.serving import run

    run(config=config)
