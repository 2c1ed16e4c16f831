from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from mainhub.errors import Invalid, Unavailable
from mainhub.storage import Database, DatabaseBusy
from storage.tally import TALLY, count, increment, with_tally

pytestmark = pytest.mark.anyio
WRITERS = 30


@pytest.fixture
async def tally(database: Database) -> Database:
    return await with_tally(database)


async def test_concurrent_writers_lose_no_update(tally: Database) -> None:
    await asyncio.gather(*(increment(tally) for _ in range(WRITERS)))
    assert await count(tally) == WRITERS


async def test_writers_of_two_processes_lose_no_update(tally: Database, other: Database) -> None:
    await asyncio.gather(
        *(increment(database) for _ in range(WRITERS // 2) for database in (tally, other))
    )
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
    assert raised.value.remedy
    await increment(impatient)


async def test_a_reader_does_not_wait_for_another_processs_writer(
    tally: Database, impatient: Database
) -> None:
    async with tally.write() as connection:
        await connection.execute(update(TALLY).values(count=9))
        assert await count(impatient) == 0


async def test_a_missing_table_is_unavailable_rather_than_a_drivers_error(
    database: Database,
) -> None:
    with pytest.raises(Unavailable, match=r"no such table|a table of MainHub's is missing"):
        await count(database)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mainhub.db",
        "sqlite",
        "sqlite:///mainhub.db",
        "postgresql://mainhub:hunter2@localhost/mainhub",
        "postgresql+asyncpg://mainhub:hunter2@localhost/mainhub?sslmode=sometimes",
        "postgresql+asyncpg://mainhub:hunter2@localhost/mainhub?password=hunter2",
        "postgresql+asyncpg://mainhub:hunter2@localhost/mainhub?sslrootcert=/nowhere/ca.pem",
        "postgresql://mainhub:hunter2@localhost:port/mainhub",
        "mysql://localhost/mainhub",
        "nosuch://localhost/mainhub",
    ],
)
def test_a_wrong_url_is_refused_with_the_right_form_and_without_its_password(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        Database(url)
    assert raised.value.remedy
    assert "hunter2" not in f"{raised.value} {raised.value.remedy}"


async def test_is_usable_again_after_closing(tally: Database) -> None:
    await tally.aclose()
    await increment(tally)
    assert await count(tally) == 1


@pytest.mark.usefixtures("tally")
async def test_many_readers_share_few_connections(database_url: str) -> None:
    few = Database(database_url, pool_size=2)
    try:
        assert await asyncio.gather(*(count(few) for _ in range(40))) == [0] * 40
    finally:
        await few.aclose()


async def test_gives_a_sign_of_life(database: Database) -> None:
    await database.probe()


async def test_a_failure_inside_that_is_no_databases_own_comes_out_as_it_is(
    tally: Database,
) -> None:
    async def fail() -> None:
        async with tally.write():
            raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        await fail()
    await increment(tally)
