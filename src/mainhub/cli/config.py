"""``mainhub config``: what the settings are, and where each of them comes from."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mainhub.settings import Row

__all__ = ["app", "show"]

app = typer.Typer(help="Look at the settings.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    # With a callback, Typer keeps "show" a command of its own instead of folding it away.
    """Look at the settings."""


@app.command()
def show(
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Settings file; ./mainhub.toml if it exists."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Show every effective setting and where it comes from; secrets are masked."""
    from mainhub.settings import default_config, load

    configuration = load(config=config or default_config(), environ=os.environ)
    rows = configuration.rows()
    if as_json:
        sys.stdout.write(json.dumps([row._asdict() for row in rows], indent=2) + "\n")
    else:
        _print_table(rows)


def _print_table(rows: "list[Row]") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for title in ("Setting", "Value", "Source"):
        table.add_column(title, overflow="fold")
    for row in rows:
        unset = "not set" if row.value is None else "empty"
        value = Text(row.value) if row.value else Text(unset, style="dim")
        # As Text, so that brackets in a value are not taken for Rich's markup.
        table.add_row(Text(row.path), value, Text(row.source))
    Console().print(table)
