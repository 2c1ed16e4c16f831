from __future__ import annotations

import ast
import asyncio
import pkgutil
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    MetaData,
    bindparam,
    inspect,
    select,
    text,
)

import mainhub
from mainhub.errors import Invalid
from mainhub.storage import (
    METADATA,
    Database,
    SchemaMismatch,
    UtcTime,
    current,
    downgrade,
    head,
    require_head,
    upgrade,
)

pytestmark = pytest.mark.anyio
SCRIPTS = Path(str(files("mainhub.storage") / "migrations"))
SESSION = (
    "INSERT INTO session (id_hash, generation, summary, tokens, created_at, seen_at,"
    " idle_expires_at, expires_at) VALUES ('h', 1, :sealed, :sealed, :at, :at, :at, :at)"
)


async def add_session(database: Database) -> None:
    row = {"sealed": b"\0\xff", "at": datetime(2026, 1, 1, tzinfo=UTC)}
    typed = text(SESSION).bindparams(bindparam("at", type_=UtcTime))
    async with database.write() as connection:
        await connection.execute(typed, row)


async def tables(database: Database) -> set[str]:
    async with database.read() as connection:
        return set(await connection.run_sync(lambda raw: inspect(raw).get_table_names()))


async def stamp(database: Database, revision: str) -> None:
    await upgrade(database)
    async with database.write() as connection:
        await connection.execute(
            text("UPDATE alembic_version SET version_num = :r"), {"r": revision}
        )


async def test_an_empty_database_has_no_version(database: Database) -> None:
    assert await current(database) is None
    with pytest.raises(SchemaMismatch, match="at schema none") as raised:
        await require_head(database)
    assert raised.value.remedy == "Run: mainhub db upgrade"


async def test_goes_up_down_and_up_again_with_data_in_it(database: Database) -> None:
    await upgrade(database)
    assert await current(database) == head()
    await require_head(database)
    await add_session(database)
    await downgrade(database, "base")
    assert await current(database) is None
    assert await tables(database) == {"alembic_version"}
    await upgrade(database)
    await require_head(database)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM session"))).scalar_one() == 0


async def held(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, by reflection, with the columns that stand now."""
    found = MetaData()
    async with database.read() as connection:
        await connection.run_sync(found.reflect)
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table))]
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }


def made_up(column: Column[Any], number: int) -> object:
    """Return a value that *column* can hold."""
    if isinstance(column.type, JSON):
        return ["é", {"n": number}]
    if isinstance(column.type, UtcTime):
        return datetime(2026, 1, number, 12, 30, tzinfo=UTC)
    values: dict[type, object] = {
        bool: number % 2 == 0,
        int: number,
        bytes: bytes([0, 255, number]),
        str: f"é{number}",
    }
    return values[column.type.python_type]


async def fill(database: Database) -> None:
    """Put two rows into every table that stands now."""
    found = MetaData()
    async with database.write() as connection:
        await connection.run_sync(found.reflect)
        for table in found.sorted_tables:
            if table.name == "alembic_version":
                continue
            for column in table.columns:
                # SQLite tells neither, and its driver wants them told.
                if isinstance(column.type, DateTime):
                    column.type = UtcTime()
            rows = [{c.name: made_up(c, n) for c in table.columns} for n in (1, 2)]
            await connection.execute(table.insert(), rows)


async def test_from_the_first_schema_up_nothing_is_lost(database: Database) -> None:
    await upgrade(database, "0001")
    await fill(database)
    before = await held(database)
    await upgrade(database)
    after = await held(database)
    await downgrade(database, "0001")
    assert await held(database) == before
    assert {name: len(rows) for name, rows in before.items()}.items() <= {
        name: len(rows) for name, rows in after.items()
    }.items()


async def test_down_to_the_first_schema_and_up_again_loses_nothing_that_it_can_hold(
    database: Database,
) -> None:
    await upgrade(database)
    await fill(database)
    await downgrade(database, "0001")
    first = await held(database)
    assert {len(rows) for rows in first.values()} == {2}
    await upgrade(database)
    await require_head(database)
    await downgrade(database, "0001")
    assert await held(database) == first


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    await upgrade(database)
    await add_session(database)
    await upgrade(database)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM session"))).scalar_one() == 1


async def test_two_processes_may_upgrade_at_once(database: Database, other: Database) -> None:
    await asyncio.gather(upgrade(database), upgrade(other))
    await require_head(other)


async def test_an_upgrade_that_fails_leaves_nothing_behind(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("CREATE VIEW frontend AS SELECT 1"))
    with pytest.raises(Exception, match="already"):
        await upgrade(database)
    assert await tables(database) == set()
    assert await current(database) is None


async def test_a_database_of_somebody_else_is_refused_and_not_filled(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE customer (name TEXT)"))
    with pytest.raises(SchemaMismatch, match="not MainHub's") as raised:
        await upgrade(database)
    assert "database.url" in str(raised.value.remedy)
    assert await tables(database) == {"customer"}


async def test_the_migrated_schema_is_the_one_that_the_rooms_declare(database: Database) -> None:
    for module in pkgutil.walk_packages(mainhub.__path__, "mainhub."):
        if module.name.rpartition(".")[2] in {"sql", "flows", "log", "store"}:
            import_module(module.name)
    assert {"session", "frontend", "signin_flow", "audit_entry", "dashboard"} <= set(
        METADATA.tables
    )
    await upgrade(database)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_newer_schema_is_refused_with_the_remedy(database: Database) -> None:
    await stamp(database, "9999")
    for step in (require_head(database), upgrade(database), downgrade(database, "base")):
        with pytest.raises(SchemaMismatch, match="a newer version made it") as raised:
            await step
        assert f"mainhub db downgrade {head()}" in str(raised.value.remedy)
    assert await current(database) == "9999"


async def test_a_revision_that_does_not_exist_is_told_with_those_that_do(
    database: Database,
) -> None:
    for step in (upgrade(database, "heda"), downgrade(database, "-1")):
        with pytest.raises(Invalid, match="there is no schema revision") as raised:
            await step
        assert str(raised.value.remedy).startswith("Choose one of: base, 0001")
    assert await tables(database) == set()


def scripts() -> list[Path]:
    return sorted((SCRIPTS / "versions").glob("[0-9]*.py"))


def imported(script: Path) -> set[str]:
    """Return the first names of all modules that *script* imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0] if node.level == 0 else "mainhub")
    return found


def test_migrations_import_no_room() -> None:
    assert scripts()
    for script in [*scripts(), SCRIPTS / "env.py"]:
        assert imported(script) <= {"alembic", "sqlalchemy"}, script.name


def test_every_migration_goes_both_ways() -> None:
    for script in scripts():
        found = {node.name for node in ast.parse(script.read_text()).body if hasattr(node, "name")}
        assert {"upgrade", "downgrade"} <= found, script.name
