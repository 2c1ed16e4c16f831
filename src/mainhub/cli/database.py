"""``mainhub db``: the schema of the database, up and down."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mainhub.storage import Database

__all__ = ["app"]

app = typer.Typer(help="Look at and change the database's schema.", no_args_is_help=True)

_Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file; ./mainhub.toml if it exists.")
]


@app.command()
def current(config: _Config = None) -> None:
    """Tell which schema the database has, and which one this version needs."""
    from mainhub import storage

    async def show(database: "Database") -> None:
        found = await storage.current(database)
        sys.stdout.write(
            f"{database.shown}: schema {found or 'none'}, this version needs {storage.head()}\n"
        )

    _with_database(config, show)


@app.command()
def upgrade(to: Annotated[str, typer.Argument()] = "head", config: _Config = None) -> None:
    """Bring the schema up to revision TO."""
    from mainhub import storage

    async def move(database: "Database") -> None:
        await storage.upgrade(database, to)
        sys.stdout.write(f"{database.shown}: now at {await storage.current(database) or 'none'}\n")

    _with_database(config, move)


@app.command()
def downgrade(to: Annotated[str, typer.Argument()], config: _Config = None) -> None:
    """Bring the schema down to revision TO (base: empty); back up first."""
    from mainhub import storage

    async def move(database: "Database") -> None:
        await storage.downgrade(database, to)
        sys.stdout.write(f"{database.shown}: now at {await storage.current(database) or 'none'}\n")

    _with_database(config, move)


def _with_database(config: Path | None, use: "Callable[[Database], Awaitable[None]]") -> None:
    from mainhub.settings import default_config, load
    from mainhub.storage import Database

    settings = load(config=config or default_config(), environ=os.environ).settings

    async def run() -> None:
        database = Database(
            settings.database.url.get_secret_value(), busy_timeout=settings.database.busy_timeout
        )
        try:
            await use(database)
        finally:
            await database.aclose()

    asyncio.run(run())
