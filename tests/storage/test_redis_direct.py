"""The connection for scripts: lost in every way, opened again, and nobody waits for nothing."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import redis.exceptions as driver
from redis.asyncio import Redis, RedisCluster

from mainhub.storage.redis import Direct, RedisConnections, RedisState
from redis_server.server import PrivateRedis
from storage.test_redis import CHEAP, PASSWORD, SOON, came, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.anyio

ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])"


@pytest.fixture
def own(redis_kind: str) -> Iterator[PrivateRedis]:
    server = PrivateRedis(redis_kind, password=PASSWORD)
    yield server
    server.remove()


@pytest.fixture
async def connections(own: PrivateRedis) -> AsyncIterator[RedisConnections]:
    own.start()
    async with RedisConnections(own.url) as connections:
        await soon(connections.until(RedisState.READY))
        yield connections


def directly(connections: RedisConnections) -> Direct:
    assert isinstance(connections.direct, Direct)
    return connections.direct


async def asked(connections: RedisConnections) -> None:
    """Ask until there is an answer: a connection may be lost a moment later than its server."""
    async with asyncio.timeout(SOON):
        while True:
            try:
                await connections.direct.eval(ADD, 1, b"n", b"1")
            except (driver.RedisError, OSError):
                await asyncio.sleep(0.01)
            else:
                return


async def test_answers_come_in_order_over_one_connection(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    direct = directly(connections)
    async with Redis.from_url(own.url) as client:
        before = len(await client.client_list())
        told = await asyncio.gather(*(direct.eval(ADD, 1, b"n", b"1") for _ in range(500)))
        assert told == list(range(1, 501))
        assert len(await client.client_list()) == before + 1


async def test_a_script_that_is_refused_harms_nobody_else(connections: RedisConnections) -> None:
    direct = directly(connections)
    told = await asyncio.gather(
        direct.eval(ADD, 1, b"n", b"1"),
        direct.evalsha("0" * 40, 0),
        direct.eval(ADD, 1, b"n", b"much"),
        direct.eval(ADD, 1, b"n", b"1"),
        return_exceptions=True,
    )
    assert told[0] == 1
    assert isinstance(told[1], driver.NoScriptError)
    assert isinstance(told[2], driver.ResponseError)
    assert told[3] == 2


async def test_who_stops_waiting_takes_nobody_along(connections: RedisConnections) -> None:
    direct = directly(connections)
    waiting = [
        asyncio.create_task(_eval(direct)) for _ in range(3)
    ]  # the first one opens the connection for all
    await asyncio.sleep(0)
    waiting[0].cancel()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert all(isinstance(one, int) for one in told[1:])


async def _eval(direct: Direct) -> object:
    return await direct.eval(ADD, 1, b"n", b"1")


async def test_a_lost_server_costs_nothing_and_is_used_again_when_it_is_back(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    await asked(connections)
    own.kill()
    await soon(connections.until(RedisState.DOWN))
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(driver.ConnectionError, match="Redis is down"):
            await connections.direct.eval(ADD, 1, b"n", b"1")
    assert time.monotonic() - began < CHEAP
    own.start()
    await soon(connections.until(RedisState.READY))
    await asked(connections)


async def test_a_frozen_server_costs_each_caller_its_time_out_at_most(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    await asked(connections)
    own.freeze()
    began = time.monotonic()
    failed = await asyncio.gather(
        *(connections.direct.eval(ADD, 1, b"n", b"1") for _ in range(100)), return_exceptions=True
    )
    assert time.monotonic() - began < CHEAP
    assert all(isinstance(error, driver.RedisError) for error in failed)
    own.thaw()
    await soon(connections.until(RedisState.READY))
    await asked(connections)


async def test_a_server_that_became_a_replica_is_left(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    await asked(connections)
    async with Redis.from_url(own.url) as client:
        # Of nobody: it serves what it has, and takes no writes.
        await client.replicaof("127.0.0.1", "1")
        with pytest.raises(driver.ConnectionError, match="replica"):
            await connections.direct.eval(ADD, 1, b"n", b"1")
        await client.replicaof("NO", "ONE")
    await asked(connections)


async def test_a_connection_that_the_server_ends_is_opened_again(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    await asked(connections)
    async with Redis.from_url(own.url) as client:
        await client.client_kill_filter(_type="normal", skipme=True)
    await asked(connections)
    await came(lambda: connections.state is RedisState.READY)


async def test_who_comes_after_the_end_is_refused(own: PrivateRedis) -> None:
    own.start()
    connections = RedisConnections(own.url)
    waiting = asyncio.create_task(_eval(directly(connections)))
    await asyncio.sleep(0)
    await connections.aclose()
    with pytest.raises(driver.ConnectionError, match="closed"):
        await waiting
    with pytest.raises(driver.ConnectionError, match="closed"):
        await connections.direct.eval(ADD, 1, b"n", b"1")


async def test_a_server_that_takes_connections_and_says_nothing_costs_little(
    own: PrivateRedis,
) -> None:
    own.start()
    own.freeze()
    connections = RedisConnections(own.url, connect_timeout=timedelta(milliseconds=100))
    began = time.monotonic()
    failed = await asyncio.gather(
        *(connections.direct.eval(ADD, 1, b"n", b"1") for _ in range(50)), return_exceptions=True
    )
    assert time.monotonic() - began < CHEAP
    assert {type(error) for error in failed} == {driver.TimeoutError}
    await connections.aclose()


def test_a_cluster_asks_its_nodes(redis_kind: str) -> None:
    async def kind() -> type:
        connections = RedisConnections("redis+cluster://127.0.0.1:1")
        try:
            return type(connections.direct)
        finally:
            await connections.aclose()

    assert redis_kind
    assert issubclass(asyncio.run(kind()), RedisCluster)
