"""What a hub does with the database that it finds: fill an empty one, and touch no other."""

from __future__ import annotations

import shutil
import sqlite3
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.composed_hub import composed_hub
from mainhub.storage import Database, SchemaMismatch, current, head, upgrade, versions

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0815"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("of_the_next_version", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("of_the_next_version")
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make this MainHub the next one, whose schema has one revision more."""

    def install() -> None:
        package = tmp_path / "next"
        shutil.copytree(Path(str(files("mainhub.storage") / "migrations")), package / "migrations")
        (package / "migrations" / "versions" / "0815_next.py").write_text(NEXT.format(head=head()))
        monkeypatch.setattr(versions, "files", lambda _: package)

    return install


def tables(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "mainhub.db") as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    database.close()
    return {name for (name,) in found}


async def start(folder: Path) -> None:
    async with composed_hub(folder).running():
        pass


async def test_an_empty_database_is_filled(tmp_path: Path, database: Database) -> None:
    await start(tmp_path)
    assert await current(database) == head()


async def test_an_older_schema_is_refused_with_the_remedy_and_left_as_it_is(
    tmp_path: Path, database: Database, next_version: Callable[[], None]
) -> None:
    await upgrade(database)
    older, held = head(), tables(tmp_path)
    next_version()
    with pytest.raises(SchemaMismatch, match=f"at schema {older}, .* needs 0815") as raised:
        await start(tmp_path)
    assert raised.value.remedy == "Run: mainhub db upgrade"
    assert tables(tmp_path) == held
    # The remedy works.
    await upgrade(database)
    await start(tmp_path)
    assert "of_the_next_version" in tables(tmp_path)


@pytest.mark.parametrize("versioned", [False, True], ids=["no version", "an emptied version"])
async def test_tables_of_somebody_else_are_refused_and_not_joined(
    tmp_path: Path, database: Database, *, versioned: bool
) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE customer (name TEXT)")
        await connection.exec_driver_sql("INSERT INTO customer VALUES ('Hautemer')")
        if versioned:
            await connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
    held = tables(tmp_path)
    with pytest.raises(SchemaMismatch, match="not MainHub's") as raised:
        await start(tmp_path)
    assert "database.url" in str(raised.value.remedy)
    assert tables(tmp_path) == held


async def test_tables_of_ours_without_a_version_are_not_filled_over(
    tmp_path: Path, database: Database
) -> None:
    await upgrade(database)
    async with database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM alembic_version")
    held = tables(tmp_path)
    with pytest.raises(SchemaMismatch):
        await start(tmp_path)
    assert tables(tmp_path) == held
