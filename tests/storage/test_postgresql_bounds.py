"""No wait on PostgreSQL is without end, and who is gone holds nobody up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.storage import Database, DatabaseUnavailable, SchemaMismatch, current
from storage.tally import count, increment, with_tally

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sql.postgresql import PrivatePostgresql

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("only_postgresql")]
BLINK = timedelta(milliseconds=50)


@pytest.fixture
async def tally(postgresql: PrivatePostgresql) -> AsyncIterator[Database]:
    """Return a database with one connection, which everything must give back."""
    opened = Database(
        postgresql.url(postgresql.fresh()), pool_size=1, statement_timeout=timedelta(seconds=30)
    )
    yield await with_tally(opened)
    await opened.aclose()


async def holds(server: PrivatePostgresql, database: Database, wanted: str) -> None:
    """Wait until some connection to *database* is in state *wanted*."""
    query = f"SELECT state FROM pg_stat_activity WHERE datname = '{database.url.database}'"  # noqa: S608 - ours
    async with asyncio.timeout(20):
        while wanted not in (await asyncio.to_thread(server.run, query)).splitlines():
            pass


async def sleep_in_it(database: Database) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE tally SET count = 7")
        await connection.exec_driver_sql("SELECT pg_sleep(600)")


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_statement_that_takes_too_long_is_told(postgresql: PrivatePostgresql) -> None:
    database = await with_tally(Database(postgresql.url(postgresql.fresh())))
    hasty = Database(
        postgresql.url(str(database.url.database)), busy_timeout=BLINK, statement_timeout=BLINK
    )
    with pytest.raises(DatabaseUnavailable, match="a statement took too long") as raised:
        await sleep_in_it(hasty)
    assert raised.value.remedy
    assert isinstance(raised.value.__cause__, TimeoutError)
    assert await count(database) == 0
    await increment(database)
    for one in (database, hasty):
        await one.aclose()


async def test_a_statement_cancelled_in_the_middle_leaves_nothing_and_no_open_connection(
    postgresql: PrivatePostgresql, tally: Database
) -> None:
    task = asyncio.create_task(sleep_in_it(tally))
    await holds(postgresql, tally, "active")
    await cancelled(task)
    async with asyncio.timeout(10):
        assert await count(tally) == 0
        await increment(tally)
    await tally.aclose()
    state = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{tally.url.database}'"  # noqa: S608 - ours
    async with asyncio.timeout(20):
        while await asyncio.to_thread(postgresql.run, state) != "0":
            pass


async def test_a_writer_cancelled_while_it_waits_for_its_turn_leaves_the_turn_to_others(
    postgresql: PrivatePostgresql, tally: Database
) -> None:
    holder = Database(postgresql.url(str(tally.url.database)))
    async with holder.write():
        task = asyncio.create_task(sleep_in_it(tally))
        await holds(postgresql, tally, "active")
        await cancelled(task)
    async with asyncio.timeout(10):
        await increment(tally)
    assert await count(tally) == 1
    await holder.aclose()


async def test_a_writer_that_vanished_is_not_waited_for_without_end(tally: Database) -> None:
    async with tally.write() as connection:
        found = await connection.exec_driver_sql(
            "SELECT current_setting('idle_in_transaction_session_timeout')"
        )
        assert found.scalar_one() == "1min"
    async with tally.read() as connection:
        found = await connection.exec_driver_sql(
            "SELECT current_setting('idle_in_transaction_session_timeout')"
        )
        assert found.scalar_one() == "0"


async def test_a_server_that_stops_in_the_middle_is_told(fragile: PrivatePostgresql) -> None:
    database = await with_tally(Database(fragile.url(fragile.fresh())))
    task = asyncio.create_task(sleep_in_it(database))
    await holds(fragile, database, "active")
    await asyncio.to_thread(fragile.stop)
    with pytest.raises(DatabaseUnavailable) as raised:
        await task
    assert raised.value.remedy
    await asyncio.to_thread(fragile.start)
    assert await count(database) == 0
    await database.aclose()


async def test_a_server_that_is_shutting_down_is_told(fragile: PrivatePostgresql) -> None:
    database = await with_tally(Database(fragile.url(fragile.fresh())))
    async with database.read() as connection:
        await connection.exec_driver_sql("SELECT 1")
        # It lets nobody in any more, and waits for those who are.
        stopping = asyncio.create_task(asyncio.to_thread(fragile.stop, 15))
        new = Database(database.url.render_as_string(hide_password=False))
        async with asyncio.timeout(20):
            told = ""
            while not told:
                try:
                    await new.probe()
                except DatabaseUnavailable as error:
                    told = f"{error} {error.remedy}"
                await new.aclose()
        assert "starting or stopping" in told
        assert "Try again" in told
    await database.aclose()
    await stopping
    fragile.start()


async def test_a_server_that_is_too_old_is_told(tally: Database) -> None:
    await tally.probe()
    tally.engine.sync_engine.dialect.server_version_info = (12, 22)
    with pytest.raises(SchemaMismatch, match="too old") as raised:
        await current(tally)
    assert raised.value.remedy == "MainHub needs PostgreSQL 13 or newer."


async def test_a_host_that_swallows_everything_is_not_waited_for_without_end() -> None:
    over = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        over.set()

    silent = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        database = Database(f"postgresql+asyncpg://a:b@127.0.0.1:{port}/x")
        with pytest.raises(DatabaseUnavailable, match="does not answer"):
            await database.probe()
        await database.aclose()
        async with asyncio.timeout(20):
            await over.wait()
