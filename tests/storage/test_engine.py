from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from mainhub.errors import Invalid, Unavailable
from mainhub.storage import Database, DatabaseBusy, DatabaseUnavailable

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio
TALLY = Table(
    "tally", MetaData(), Column("id", Integer, primary_key=True), Column("count", Integer)
)
WRITERS = 30


@pytest.fixture
async def tally(database: Database) -> Database:
    """Return the database with one row whose count is 0."""
    async with database.write() as connection:
        await connection.run_sync(TALLY.create)
        await connection.execute(insert(TALLY).values(id=1, count=0))
    return database


async def count(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(TALLY.c.count))).scalar_one())


async def increment(database: Database) -> None:
    async with database.write() as connection:
        found = (await connection.execute(select(TALLY.c.count))).scalar_one()
        # Whoever wants to come between has the chance to.
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        await connection.execute(update(TALLY).values(count=found + 1))


async def test_concurrent_writers_lose_no_update(tally: Database) -> None:
    await asyncio.gather(*(increment(tally) for _ in range(WRITERS)))
    assert await count(tally) == WRITERS


async def test_writers_of_two_processes_lose_no_update(tally: Database, url: str) -> None:
    other = Database(url)
    try:
        await asyncio.gather(
            *(increment(database) for _ in range(WRITERS // 2) for database in (tally, other))
        )
    finally:
        await other.aclose()
    assert await count(tally) == WRITERS


async def test_a_reader_sees_one_state_while_others_write(tally: Database) -> None:
    async with tally.read() as connection:
        before = (await connection.execute(select(TALLY.c.count))).scalar_one()
        await increment(tally)
        again = (await connection.execute(select(TALLY.c.count))).scalar_one()
    assert (before, again) == (0, 0)
    assert await count(tally) == 1


async def test_a_writer_does_not_wait_for_a_reader(tally: Database) -> None:
    async with tally.read() as connection, asyncio.timeout(5):
        await connection.execute(select(TALLY.c.count))
        await increment(tally)


async def test_an_error_rolls_everything_back(tally: Database) -> None:
    async def fail() -> None:
        async with tally.write() as connection:
            await connection.execute(update(TALLY).values(count=7))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await count(tally) == 0
    await increment(tally)
    assert await count(tally) == 1


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(tally: Database) -> None:
    written = asyncio.Event()

    async def hang() -> None:
        async with tally.write() as connection:
            await connection.execute(update(TALLY).values(count=7))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await increment(tally)
    assert await count(tally) == 1


async def test_a_broken_constraint_is_the_callers_affair(tally: Database) -> None:
    async def again() -> None:
        async with tally.write() as connection:
            await connection.execute(insert(TALLY).values(id=1, count=0))

    with pytest.raises(IntegrityError):
        await again()


async def test_another_process_writing_for_too_long_is_told_as_busy(
    tally: Database, impatient: Database
) -> None:
    async with tally.write():
        with pytest.raises(DatabaseBusy, match=r"longer than 0\.05 s") as raised:
            await increment(impatient)
    assert "other process" in str(raised.value.remedy)
    await increment(impatient)


async def test_a_reader_does_not_wait_for_another_processs_writer(
    tally: Database, impatient: Database
) -> None:
    async with tally.write() as connection:
        await connection.execute(update(TALLY).values(count=9))
        assert await count(impatient) == 0


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


async def test_a_folder_that_appears_later_is_used(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'later' / 'mainhub.db'}")
    with pytest.raises(DatabaseUnavailable):
        await increment(database)
    (tmp_path / "later").mkdir()
    async with database.write() as connection:
        await connection.run_sync(TALLY.create)
    await database.aclose()


async def test_a_file_that_is_no_database_is_named_with_the_remedy(
    tmp_path: Path, database: Database
) -> None:
    (tmp_path / "mainhub.db").write_bytes(b"These are minutes of a meeting. " * 64)
    before = set(threading.enumerate())
    with pytest.raises(DatabaseUnavailable, match="not a database") as raised:
        await count(database)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), "the driver's thread is left behind"
    assert "healthy MainHub database" in str(raised.value.remedy)


async def test_a_missing_table_is_unavailable_rather_than_a_drivers_error(
    database: Database,
) -> None:
    with pytest.raises(Unavailable, match="no such table"):
        await count(database)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mainhub.db",
        "sqlite",
        "sqlite:///mainhub.db",
        "postgresql://mainhub:hunter2@localhost/mainhub",
        "postgresql+asyncpg://mainhub:hunter2@localhost/mainhub",
        "postgresql://mainhub:hunter2@localhost:port/mainhub",
        "mysql://localhost/mainhub",
        "nosuch://localhost/mainhub",
    ],
)
def test_a_wrong_url_is_refused_with_the_right_form_and_without_its_password(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        Database(url)
    assert "sqlite+aiosqlite:///" in str(raised.value.remedy)
    assert "hunter2" not in f"{raised.value} {raised.value.remedy}"


async def test_is_usable_again_after_closing(tally: Database) -> None:
    await tally.aclose()
    await increment(tally)
    assert await count(tally) == 1


async def test_an_acknowledged_write_is_in_the_file(tally: Database, tmp_path: Path) -> None:
    await increment(tally)
    with sqlite3.connect(tmp_path / "mainhub.db") as raw:
        assert raw.execute("SELECT count FROM tally").fetchall() == [(1,)]
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


async def test_foreign_keys_are_enforced(database: Database) -> None:
    async with database.read() as connection:
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2
