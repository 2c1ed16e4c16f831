"""What a hub does with the database that it finds: fill an empty one, and touch no other."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect

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


async def tables(database: Database) -> set[str]:
    async with database.read() as connection:
        return set(await connection.run_sync(lambda raw: inspect(raw).get_table_names()))


async def start(folder: Path, database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    async with composed_hub(folder, database_url=url).running():
        pass


async def test_an_empty_database_is_filled(tmp_path: Path, database: Database) -> None:
    await start(tmp_path, database)
    assert await current(database) == head()


async def test_an_older_schema_is_refused_with_the_remedy_and_left_as_it_is(
    tmp_path: Path, database: Database, next_version: Callable[[], None]
) -> None:
    await upgrade(database)
    older, held = head(), await tables(database)
    next_version()
    with pytest.raises(SchemaMismatch, match=f"at schema {older}, .* needs 0815") as raised:
        await start(tmp_path, database)
    assert raised.value.remedy == "Run: mainhub db upgrade"
    assert await tables(database) == held
    # The remedy works.
    await upgrade(database)
    await start(tmp_path, database)
    assert "of_the_next_version" in await tables(database)


@pytest.mark.parametrize("versioned", [False, True], ids=["no version", "an emptied version"])
async def test_tables_of_somebody_else_are_refused_and_not_joined(
    tmp_path: Path, database: Database, *, versioned: bool
) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE customer (name TEXT)")
        await connection.exec_driver_sql("INSERT INTO customer VALUES ('Hautemer')")
        if versioned:
            await connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
    held = await tables(database)
    with pytest.raises(SchemaMismatch, match="not MainHub's") as raised:
        await start(tmp_path, database)
    assert "database.url" in str(raised.value.remedy)
    assert await tables(database) == held


async def test_tables_of_ours_without_a_version_are_not_filled_over(
    tmp_path: Path, database: Database
) -> None:
    await upgrade(database)
    async with database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM alembic_version")
    held = await tables(database)
    with pytest.raises(SchemaMismatch):
        await start(tmp_path, database)
    assert await tables(database) == held
