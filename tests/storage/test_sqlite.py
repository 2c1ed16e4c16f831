from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from mainhub.storage import Database, DatabaseUnavailable
from storage.tally import TALLY, count, increment, with_tally

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
ROUNDS = 40


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """Return an empty file's database."""
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'mainhub.db'}")
    yield opened
    await opened.aclose()


async def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'mainhub.db'}")
    with pytest.raises(DatabaseUnavailable, match="nowhere does not exist") as raised:
        await count(database)
    assert "database.url" in str(raised.value.remedy)
    assert not list(tmp_path.iterdir())
    await database.aclose()


async def test_a_folder_in_place_of_the_file_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}")
    with pytest.raises(DatabaseUnavailable, match="it is a folder"):
        await count(database)
    await database.aclose()


async def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    # SQLite refuses at once whoever loses the race to switch the file to WAL.
    for number in range(ROUNDS):
        url = f"sqlite+aiosqlite:///{tmp_path / f'{number}.db'}"
        many = [Database(url) for _ in range(4)]
        await asyncio.gather(*(database.probe() for database in many))
        for database in many:
            await database.aclose()


async def test_a_folder_that_appears_later_is_used(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'later' / 'mainhub.db'}")
    with pytest.raises(DatabaseUnavailable):
        await increment(database)
    (tmp_path / "later").mkdir()
    async with database.write() as connection:
        await connection.run_sync(TALLY.create)
    await database.aclose()


async def test_a_file_that_is_no_database_is_named_with_the_remedy(
    tmp_path: Path, file: Database
) -> None:
    (tmp_path / "mainhub.db").write_bytes(b"These are minutes of a meeting. " * 64)
    before = set(threading.enumerate())
    with pytest.raises(DatabaseUnavailable, match="not a database") as raised:
        await count(file)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), "the driver's thread is left behind"
    assert "healthy MainHub database" in str(raised.value.remedy)


async def test_an_acknowledged_write_is_in_the_file(file: Database, tmp_path: Path) -> None:
    await increment(await with_tally(file))
    with sqlite3.connect(tmp_path / "mainhub.db") as raw:
        assert raw.execute("SELECT count FROM tally").fetchall() == [(1,)]
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


async def test_foreign_keys_are_enforced(file: Database) -> None:
    async with file.read() as connection:
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2
