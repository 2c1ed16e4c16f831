"""Which version the schema has, and the way up and down (Alembic)."""

from collections.abc import Callable
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from mainhub.errors import Invalid
from mainhub.storage.engine import Database
from mainhub.storage.failures import SchemaMismatch

__all__ = ["current", "downgrade", "head", "require_head", "upgrade"]

_Step = Callable[[Config, str], None]


def head() -> str:
    """Return the revision that this version of MainHub works with."""
    with as_file(files("mainhub.storage") / "migrations") as folder:
        revision = ScriptDirectory(str(folder)).get_current_head()
    if revision is None:
        raise SchemaMismatch("this installation of MainHub has no migrations", remedy="Reinstall.")
    return revision


async def current(database: Database) -> str | None:
    """Return the revision that the database is at, or ``None`` if it is empty.

    Raises:
        SchemaMismatch: it holds tables that MainHub did not make, or that nobody knows the
            schema of, or its server is too old.
    """
    async with database.read() as connection:
        oldest = await connection.run_sync(database.too_old)
        if oldest is not None:
            raise SchemaMismatch(
                f"the server of {database.shown} is too old",
                remedy=f"MainHub needs {oldest} or newer.",
            )
        found = await connection.run_sync(_revision)
        tables = await connection.run_sync(_tables) if found is None else set()
    if tables & {"session", "signin_flow"}:
        raise SchemaMismatch(
            f"{database.shown} holds MainHub's tables, but not which schema they are of",
            remedy="Restore its table alembic_version from a copy, or use an empty database.",
        )
    if tables:
        raise SchemaMismatch(
            f"{database.shown} holds tables that are not MainHub's",
            remedy="Give MainHub a database of its own in database.url.",
        )
    return found


async def upgrade(database: Database, to: str = "head") -> None:
    """Bring the schema up to revision *to*; a no-op when it is there.

    Raises:
        SchemaMismatch: the database was made by a newer MainHub.
        Invalid: there is no revision *to*.
    """
    await _migrate(database, command.upgrade, to)


async def downgrade(database: Database, to: str) -> None:
    """Bring the schema down to revision *to* (``base``: empty), keeping what that one can hold."""
    await _migrate(database, command.downgrade, to)


async def require_head(database: Database) -> None:
    """Raise :class:`SchemaMismatch` unless the schema is the one that this version works with."""
    found = await current(database)
    wanted = head()
    if found == wanted:
        return
    _refuse_newer(database, found)
    raise SchemaMismatch(
        f"{database.shown} is at schema {found or 'none'}, this version needs {wanted}",
        remedy="Run: mainhub db upgrade",
    )


async def _migrate(database: Database, step: _Step, to: str) -> None:
    with as_file(files("mainhub.storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        scripts = ScriptDirectory(str(folder))
        _refuse_unknown(scripts, to)
        found = await current(database)
        _refuse_newer(database, found, scripts)
        async with database.write() as connection:
            await connection.run_sync(_run, config, step, to)


def _run(connection: Connection, config: Config, step: _Step, to: str) -> None:
    config.attributes["connection"] = connection
    step(config, to)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def _refuse_unknown(scripts: ScriptDirectory, to: str) -> None:
    known = [script.revision for script in scripts.walk_revisions()]
    if to not in {"head", "base", *known}:
        raise Invalid(
            f"there is no schema revision {to!r}",
            remedy=f"Choose one of: base, {', '.join(reversed(known))}, head.",
        )


def _refuse_newer(
    database: Database, found: str | None, scripts: ScriptDirectory | None = None
) -> None:
    if scripts is None:
        with as_file(files("mainhub.storage") / "migrations") as folder:
            scripts = ScriptDirectory(str(folder))
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaMismatch(
            f"{database.shown} is at schema {found}, which this version of MainHub does not know: "
            "a newer version made it",
            remedy="Install that newer version, and there run: mainhub db downgrade "
            f"{scripts.get_current_head()}",
        )
