"""One Redis: lost in every way, found again, and cheap while it is away."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import redis.exceptions as driver
from structlog.testing import capture_logs

from mainhub.storage.redis import RedisChange, RedisConnections, RedisState, RedisUnavailable
from redis_server.server import PrivateRedis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

pytestmark = pytest.mark.anyio

PASSWORD = "s3cret-of-a-test"
SOON = 20.0
LOOK_AGAIN = 0.005
# The driver by itself would take 5 s, ten times over; each command that waited its 0.25 s, 25 s.
CHEAP = 10.0


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


async def came(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while True:
            if condition():
                return
            await asyncio.sleep(LOOK_AGAIN)


async def soon(awaited: Awaitable[object]) -> None:
    async with asyncio.timeout(SOON):
        await awaited


async def test_a_hub_starts_without_redis_and_uses_it_when_it_is_there(own: PrivateRedis) -> None:
    async with RedisConnections(own.url) as connections:
        assert connections.state == "connecting"
        await soon(connections.until(RedisState.DOWN))
        assert connections.cause == f"127.0.0.1:{own.port} refuses the connection"
        with pytest.raises(RedisUnavailable, match="refuses"):
            await connections.probe()
        own.start()
        await soon(connections.until(RedisState.READY))
        assert connections.cause is None
        await connections.probe()
        assert await connections.commands.set("a", "b")


async def test_connections_serve_before_anybody_watches(own: PrivateRedis) -> None:
    own.start()
    connections = RedisConnections(own.url)
    assert await connections.commands.ping()
    await connections.aclose()


@pytest.mark.parametrize(
    "wrong",
    [{"connect_timeout": timedelta()}, {"command_timeout": timedelta(-1)}, {"pool_size": 0}],
)
async def test_budgets_of_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="longer than zero"):
        RedisConnections("redis://localhost", **wrong)


async def test_many_commands_at_once_share_few_connections(own: PrivateRedis) -> None:
    own.start()
    # Of 400 the last waits for 380 others, on a machine that may be busy.
    async with RedisConnections(own.url, connect_timeout=timedelta(seconds=SOON)) as connections:
        await soon(connections.until(RedisState.READY))
        counted = await asyncio.gather(*(connections.commands.incr("n") for _ in range(400)))
        assert sorted(counted) == list(range(1, 401))
        assert int(_clients(own)) <= 20 + 1


async def test_who_waits_for_a_connection_is_not_overtaken(own: PrivateRedis) -> None:
    own.start()
    async with RedisConnections(own.url, pool_size=2) as few:
        await soon(few.until(RedisState.READY))

        async def busy() -> None:
            for _ in range(50):
                await few.commands.incr("n")

        # None of them may wait for a connection longer than connecting may take.
        await asyncio.gather(*(busy() for _ in range(60)))
        assert await few.commands.get("n") == b"3000"
        assert int(_clients(own)) <= 2 + 1


async def test_each_transition_is_told_and_logged_once_without_the_password(
    own: PrivateRedis,
) -> None:
    heard: list[RedisChange] = []
    with capture_logs() as logs:
        async with RedisConnections(own.url.replace(PASSWORD, "wrong-one")) as wrong:
            off = wrong.on_change(heard.append)
            await soon(wrong.until(RedisState.DOWN))
            own.start()
            await came(lambda: "password" in (wrong.cause or ""))
            off()
        async with RedisConnections(own.url) as connections:
            connections.on_change(_raise)
            connections.on_change(heard.append)
            await soon(connections.until(RedisState.READY))
            own.kill()
            await soon(connections.until(RedisState.DOWN))
            own.start()
            await soon(connections.until(RedisState.READY))
    assert [(change.before, change.after) for change in heard] == [
        ("connecting", "down"),
        ("connecting", "ready"),
        ("ready", "down"),
        ("down", "ready"),
    ]
    told = [line["event"] for line in logs if line["event"].startswith("redis.")]
    assert [event for event in told if event != "redis.listener_failed"] == [
        "redis.lost",
        "redis.ready",
        "redis.lost",
        "redis.ready",
    ]
    assert PASSWORD not in repr(logs)
    assert "wrong-one" not in repr(logs)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((PASSWORD, "wrong"), "does not take the user or the password"),
        ((f":{PASSWORD}@", ""), "asks for a password"),
        (("/0", "/9999"), "has no such database"),
        (("redis://", "redis+cluster://"), "is no node of a cluster"),
        (("127.0.0.1", "nowhere.localhost"), "is unknown"),
    ],
)
async def test_says_what_is_wrong_in_the_operators_words(
    own: PrivateRedis, change: tuple[str, str], told: str
) -> None:
    own.start()
    async with RedisConnections(own.url.replace(*change)) as connections:
        await soon(connections.until(RedisState.DOWN))
        assert told in (connections.cause or "")
        assert PASSWORD not in (connections.cause or "")


async def test_a_frozen_server_costs_a_command_little_and_later_ones_nothing(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    await connections.commands.set("a", "b")
    own.freeze()
    began = time.monotonic()
    failed = await asyncio.gather(
        *(connections.commands.get("a") for _ in range(100)), return_exceptions=True
    )
    assert time.monotonic() - began < CHEAP
    assert all(isinstance(error, driver.RedisError) for error in failed)
    await soon(connections.until(RedisState.DOWN))
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(driver.ConnectionError, match="does not answer"):
            await connections.commands.get("a")
    assert time.monotonic() - began < CHEAP
    own.thaw()
    await soon(connections.until(RedisState.READY))
    assert await connections.commands.get("a") == b"b"


async def test_a_server_that_is_frozen_before_it_is_asked_costs_little(own: PrivateRedis) -> None:
    own.start()
    own.freeze()
    connections = RedisConnections(own.url)
    began = time.monotonic()
    with pytest.raises(driver.TimeoutError):
        await connections.commands.get("a")
    async with connections:
        await soon(connections.until(RedisState.DOWN))
    assert time.monotonic() - began < CHEAP


async def test_an_idle_hub_notices_that_redis_is_lost(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    for lose, back in ((own.freeze, own.thaw), (own.kill, own.start)):
        lose()
        began = time.monotonic()
        await soon(connections.until(RedisState.DOWN))
        assert time.monotonic() - began < CHEAP
        back()
        await soon(connections.until(RedisState.READY))


async def test_a_server_that_is_still_loading_is_not_used(redis_kind: str) -> None:
    # It waits after each key, and hears callers after each two megabytes.
    slowly = ("key-load-delay 100", "rdbcompression no")
    server = PrivateRedis(redis_kind, lines=slowly)
    try:
        server.start()
        server.run("EVAL", "for i = 1, 9000 do redis.call('SET', i, ('x'):rep(2048)) end", "0")
        assert server.run("SAVE") == "+OK"
        server.kill()
        server.start(wait=False)
        async with RedisConnections(server.url) as connections:
            await came(lambda: "loading" in (connections.cause or ""))
            await soon(connections.until(RedisState.READY))
            assert await connections.commands.dbsize() == 9000
    finally:
        server.remove()


async def test_a_replica_is_not_used_and_a_master_that_becomes_one_is_left(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    own.run("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(driver.ConnectionError, match="replica"):
        await connections.commands.set("a", "b")
    await soon(connections.until(RedisState.DOWN))
    assert "is a replica" in (connections.cause or "")
    own.run("REPLICAOF", "NO", "ONE")
    await soon(connections.until(RedisState.READY))
    assert await connections.commands.set("a", "b")


async def test_who_listens_is_told_of_a_loss_and_hears_again_afterwards(
    own: PrivateRedis, connections: RedisConnections
) -> None:
    listener = connections.subscriber.pubsub(ignore_subscribe_messages=True)
    await listener.subscribe("news")
    waiting = asyncio.create_task(_next(listener))
    await connections.publisher.publish("news", "one")
    assert await waiting == b"one"

    waiting = asyncio.create_task(_next(listener))
    own.freeze()
    with pytest.raises(driver.ConnectionError):
        await asyncio.wait_for(waiting, SOON)
    own.thaw()
    await soon(connections.until(RedisState.READY))
    waiting = asyncio.create_task(_next(listener))
    async with asyncio.timeout(SOON):
        while not waiting.done():
            # It may not have subscribed again yet.
            await connections.publisher.publish("news", "two")
            await asyncio.sleep(LOOK_AGAIN)
    assert await waiting == b"two"
    await listener.aclose()  # type: ignore[no-untyped-call]  # the driver is half typed


async def test_a_caller_that_leaves_takes_no_connection_along(own: PrivateRedis) -> None:
    own.start()
    async with RedisConnections(own.url, pool_size=2) as connections:
        await soon(connections.until(RedisState.READY))
        for turns in range(60):
            leaving = [asyncio.create_task(_get(connections)) for _ in range(5)]
            for _ in range(turns % 15):
                await asyncio.sleep(0)
            for task in leaving:
                task.cancel()
            await asyncio.gather(*leaving, return_exceptions=True)
        await connections.commands.set("a", "b")
        answers = await asyncio.gather(*(connections.commands.get("a") for _ in range(50)))
        assert answers == [b"b"] * 50
        assert int(_clients(own)) <= 2 + 1


async def test_closing_waits_for_nobody(own: PrivateRedis) -> None:
    own.start()
    async with RedisConnections(own.url) as connections:
        await soon(connections.until(RedisState.READY))
        await connections.commands.ping()
        own.freeze()
        began = time.monotonic()
    assert time.monotonic() - began < CHEAP


async def _get(connections: RedisConnections) -> object:
    return await connections.commands.get("a")


async def _next(listener: object) -> object:
    message = None
    while message is None:
        message = await listener.get_message(timeout=None)  # type: ignore[attr-defined]
    return message["data"]


def _clients(server: PrivateRedis) -> str:
    told = server.run("INFO", "clients")
    line = next(line for line in told.splitlines() if line.startswith("connected_clients:"))
    # The one that asks is no client of ours.
    return str(int(line.partition(":")[2]) - 1)


def _raise(_change: RedisChange) -> None:
    raise LookupError("a listener's own fault")
