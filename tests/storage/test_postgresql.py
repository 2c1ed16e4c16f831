"""What is particular about PostgreSQL: it is another program, which can be away or say no."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from house.isolation import free_ports
from mainhub.storage import Database, DatabaseBusy, DatabaseUnavailable, upgrade
from sql.postgresql import ROLE, PrivatePostgresql
from storage.refusal import failing
from storage.tally import count, increment, with_tally

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("only_postgresql")]


@pytest.fixture
async def tally(postgresql: PrivatePostgresql) -> AsyncIterator[Database]:
    opened = Database(postgresql.url(postgresql.fresh()))
    yield await with_tally(opened)
    await opened.aclose()


async def test_a_wrong_password_is_told(postgresql: PrivatePostgresql) -> None:
    name = postgresql.fresh()
    told = await failing(postgresql.url(name, password="wrong-s3cret"))
    assert f"the password of {ROLE} is wrong" in str(told)
    assert "wrong-s3cret" not in str(told)


async def test_a_role_that_there_is_not_is_told(postgresql: PrivatePostgresql) -> None:
    assert "nobody" in str(await failing(postgresql.url("postgres", role="nobody")))


async def test_a_database_that_there_is_not_is_told(postgresql: PrivatePostgresql) -> None:
    told = await failing(postgresql.url("absent"))
    assert "there is no database absent" in str(told)
    assert "createdb" in str(told.remedy)


async def test_a_port_without_a_server_is_told() -> None:
    told = await failing(f"postgresql+asyncpg://a:b@127.0.0.1:{free_ports(1)}/x")
    assert "refuses the connection" in str(told)


async def test_a_host_that_there_is_not_is_told() -> None:
    told = await failing("postgresql+asyncpg://a:b@nowhere.localhost/x")
    assert "nowhere.localhost" in str(told)


async def test_a_folder_without_a_socket_is_told() -> None:
    told = await failing("postgresql+asyncpg://a:b@/x?host=/nowhere")
    assert "socket" in str(told)


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_tls_that_the_server_does_not_offer_is_told(
    postgresql: PrivatePostgresql, mode: str
) -> None:
    told = await failing(f"{postgresql.url('postgres')}?sslmode={mode}")
    assert "TLS" in str(told)
    assert "sslmode" in str(told.remedy)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
async def test_a_mode_that_does_not_insist_on_tls_gets_along_without(
    postgresql: PrivatePostgresql, mode: str
) -> None:
    database = Database(f"{postgresql.url(postgresql.fresh())}?sslmode={mode}")
    await database.probe()
    await database.aclose()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\0" * 64])
async def test_what_is_no_postgresql_is_told(answer: bytes) -> None:
    async def reply(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    other = await asyncio.start_server(reply, "127.0.0.1", 0)
    async with other:
        port = other.sockets[0].getsockname()[1]
        await failing(f"postgresql+asyncpg://a:b@127.0.0.1:{port}/x")


async def test_a_role_that_may_make_no_tables_is_told_the_grant(
    postgresql: PrivatePostgresql,
) -> None:
    name = postgresql.fresh()
    postgresql.run(
        f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {ROLE}",
        f"ALTER DATABASE {name} OWNER TO postgres",
        database=name,
    )
    database = Database(postgresql.url(name))
    with pytest.raises(DatabaseUnavailable, match=r"may see no schema|may not do this") as raised:
        await upgrade(database)
    assert "GRANT CREATE, USAGE ON SCHEMA public TO mainhub" in str(raised.value.remedy)
    await database.aclose()


async def test_a_standby_is_told(postgresql: PrivatePostgresql) -> None:
    name = postgresql.fresh()
    postgresql.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database = Database(postgresql.url(name))
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        await upgrade(database)
    await database.aclose()


async def test_a_lost_connection_is_told_and_the_next_call_works(
    postgresql: PrivatePostgresql, tally: Database
) -> None:
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    )

    async def lose() -> None:
        async with tally.write() as connection:
            await connection.exec_driver_sql("UPDATE tally SET count = 7")
            name = str(tally.url.database)
            await asyncio.to_thread(
                postgresql.run, f"{end} AND pid <> pg_backend_pid()", database=name
            )
            await connection.exec_driver_sql("UPDATE tally SET count = 8")

    with pytest.raises(DatabaseUnavailable):
        await lose()
    assert await count(tally) == 0
    await increment(tally)


async def test_a_server_that_was_started_again_is_used_at_the_next_call(
    fragile: PrivatePostgresql,
) -> None:
    database = await with_tally(Database(fragile.url(fragile.fresh())))
    await asyncio.gather(*(count(database) for _ in range(5)))
    await asyncio.to_thread(fragile.stop)
    for step in (count(database), increment(database)):
        with pytest.raises(DatabaseUnavailable, match="refuses the connection"):
            await step
    await asyncio.to_thread(fragile.start)
    await increment(database)
    assert await count(database) == 1
    await database.aclose()


async def test_a_server_without_a_connection_left_is_told(postgresql: PrivatePostgresql) -> None:
    name = postgresql.fresh()
    postgresql.run(f"ALTER DATABASE {name} CONNECTION LIMIT 1")
    holder = Database(postgresql.url(name), pool_size=1)
    async with holder.read() as connection:
        await connection.exec_driver_sql("SELECT 1")
        told = await failing(postgresql.url(name))
    assert "no connection left" in str(told)
    await holder.aclose()


async def test_a_pool_that_is_used_up_is_told_as_busy(postgresql: PrivatePostgresql) -> None:
    url = postgresql.url(postgresql.fresh())
    database = Database(url, pool_size=1, busy_timeout=timedelta(milliseconds=50))
    async with database.read() as connection:
        await connection.exec_driver_sql("SELECT 1")
        with pytest.raises(DatabaseBusy, match="in use for too long"):
            await database.probe()
    await database.aclose()


async def test_works_behind_a_pooler_that_keeps_no_prepared_statements(
    postgresql: PrivatePostgresql,
) -> None:
    url = f"{postgresql.url(postgresql.fresh())}?prepared_statement_cache_size=0"
    database = await with_tally(Database(url))
    await increment(database)
    assert await count(database) == 1
    await database.aclose()


async def test_says_in_the_servers_list_who_it_is(
    postgresql: PrivatePostgresql, tally: Database
) -> None:
    name = str(tally.url.database)
    async with tally.read() as connection:
        await connection.exec_driver_sql("SELECT 1")
        shown = await asyncio.to_thread(
            postgresql.run,
            f"SELECT application_name FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608 - ours
        )
    assert "mainhub" in shown.split()


async def test_a_reader_cannot_write(tally: Database) -> None:
    async def write() -> None:
        async with tally.read() as connection:
            await connection.exec_driver_sql("UPDATE tally SET count = 7")

    with pytest.raises(DatabaseUnavailable, match="read-only"):
        await write()
