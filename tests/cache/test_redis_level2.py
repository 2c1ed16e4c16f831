"""Level 2 and locks on real servers: alone, behind Sentinels, in a cluster, and restricted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis, RedisCluster
from typing_extensions import override

from cache.level2_contract import Heard, Level2Contract, came
from cache.locks_contract import LocksContract
from mainhub.cache import CacheArgumentInvalid, Coherence
from mainhub.cache.redis import RedisLevel2, RedisLocks
from mainhub.storage.redis import RedisState
from redis_server.groups import PrivateCluster, PrivateSentinels
from redis_server.patient import patient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from mainhub.cache import Level2, Locks
    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio

NAMESPACE = "test[1]*{x}"
_DAY = timedelta(days=1)
RESTRICTED = "restricted"


@asynccontextmanager
async def linked(client: Any, subscriber: Any = None) -> AsyncIterator[RedisLevel2]:
    """Yield a level 2 over *client* that hears of changes."""
    level2 = RedisLevel2(client, subscriber=subscriber, namespace=NAMESPACE)
    listener = Heard()
    off = level2.listen(listener)
    await came(lambda: listener.is_linked)
    off()
    yield level2
    await level2.aclose()


class _Driver(Level2Contract):
    """Over the driver's own clients, as a service that takes no part in the hub has them."""

    protocol = 2

    @asynccontextmanager
    async def opened(self, server: PrivateRedis) -> AsyncIterator[RedisLevel2]:
        client = Redis(port=server.port, protocol=self.protocol)
        async with linked(client) as level2:
            yield level2
        await client.aclose()

    @pytest.fixture
    @override
    async def one(self, redis_server: PrivateRedis, redis_kind: str) -> AsyncIterator[Level2]:
        assert redis_kind in redis_server.kind
        async with self.opened(redis_server) as level2:
            assert level2.state.coherence is Coherence.TRACKING
            yield level2

    @pytest.fixture
    @override
    async def other(self, redis_server: PrivateRedis) -> AsyncIterator[Level2]:
        async with self.opened(redis_server) as level2:
            yield level2


class TestRedisLevel2Resp2(_Driver):
    protocol = 2


class TestRedisLevel2Resp3(_Driver):
    protocol = 3


class TestRedisLevel2WithoutClient(Level2Contract):
    """Where CLIENT is forbidden, changes are published by whoever makes them."""

    @asynccontextmanager
    async def opened(self, server: PrivateRedis) -> AsyncIterator[RedisLevel2]:
        client = Redis(port=server.port, username=RESTRICTED, password="x" * 8)
        async with linked(client) as level2:
            yield level2
        await client.aclose()

    @pytest.fixture
    @override
    async def one(self, redis_server: PrivateRedis) -> AsyncIterator[Level2]:
        rights = ("on", f">{'x' * 8}", "~*", "&*", "+@all", "-client")
        assert redis_server.run("ACL", "SETUSER", RESTRICTED, *rights) == "+OK"
        async with self.opened(redis_server) as level2:
            assert level2.state.coherence is Coherence.PUBSUB
            yield level2

    @pytest.fixture
    @override
    async def other(self, redis_server: PrivateRedis) -> AsyncIterator[Level2]:
        async with self.opened(redis_server) as level2:
            yield level2


class _Connections(Level2Contract):
    """Over the hub's own connections."""

    @asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[RedisLevel2]:
        async with patient(url) as connections:
            await connections.until(RedisState.READY)
            async with linked(connections.commands, connections.subscriber) as level2:
                yield level2

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    @override
    async def one(self, url: str) -> AsyncIterator[Level2]:
        async with self.opened(url) as level2:
            yield level2

    @pytest.fixture
    @override
    async def other(self, url: str) -> AsyncIterator[Level2]:
        async with self.opened(url) as level2:
            yield level2


@pytest.fixture(scope="module")
def sentinels() -> Iterator[PrivateSentinels]:
    made = PrivateSentinels("7", password="pass-word")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def cluster() -> Iterator[PrivateCluster]:
    made = PrivateCluster("7")
    yield made
    made.remove()


class TestRedisLevel2BehindSentinels(_Connections):
    @pytest.fixture
    @override
    def url(self, sentinels: PrivateSentinels) -> str:
        sentinels.master.run("FLUSHALL")
        return sentinels.url


class TestRedisLevel2InACluster(_Connections):
    @pytest.fixture
    @override
    def url(self, cluster: PrivateCluster) -> str:
        for node in cluster.nodes:
            node.run("FLUSHALL")
        return cluster.url


class TestRedisLocks(LocksContract):
    @asynccontextmanager
    async def opened(self, server: PrivateRedis) -> AsyncIterator[RedisLocks]:
        client = Redis(port=server.port)
        async with linked(client) as level2:
            yield RedisLocks(level2)
        await client.aclose()

    @pytest.fixture
    @override
    async def one(self, redis_server: PrivateRedis, redis_kind: str) -> AsyncIterator[Locks]:
        assert redis_kind in redis_server.kind
        async with self.opened(redis_server) as locks:
            yield locks

    @pytest.fixture
    @override
    async def other(self, redis_server: PrivateRedis) -> AsyncIterator[Locks]:
        async with self.opened(redis_server) as locks:
            yield locks

    async def test_numbers_grow_though_the_server_has_forgotten(
        self, one: Locks, redis_server: PrivateRedis
    ) -> None:
        first = await one.acquire("job", b"me", _DAY)
        redis_server.run("FLUSHALL")
        second = await one.acquire("job", b"you", _DAY)
        assert first is not None
        assert second is not None
        assert first < second < 2**53


class TestRedisLocksInACluster(LocksContract):
    @asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[RedisLocks]:
        async with patient(url) as connections:
            await connections.until(RedisState.READY)
            async with linked(connections.commands, connections.subscriber) as level2:
                yield RedisLocks(level2)

    @pytest.fixture
    @override
    async def one(self, cluster: PrivateCluster) -> AsyncIterator[Locks]:
        for node in cluster.nodes:
            node.run("FLUSHALL")
        async with self.opened(cluster.url) as locks:
            yield locks

    @pytest.fixture
    @override
    async def other(self, cluster: PrivateCluster) -> AsyncIterator[Locks]:
        async with self.opened(cluster.url) as locks:
            yield locks


async def test_the_drivers_client_of_a_cluster_is_enough(cluster: PrivateCluster) -> None:
    client = RedisCluster(host="127.0.0.1", port=cluster.nodes[0].port)
    async with linked(client) as level2:
        await level2.write({"a": (b"\xff", _DAY), "b": (b"2", _DAY)})
        assert await level2.read(["a", "b"]) == [b"\xff", b"2"]
        assert level2.state.coherence is Coherence.PUBSUB
    await client.aclose()


def test_a_clusters_client_that_turns_bytes_into_text_is_refused() -> None:
    client = RedisCluster(host="127.0.0.1", port=1, decode_responses=True)
    with pytest.raises(CacheArgumentInvalid, match="decode_responses=False"):
        RedisLevel2(client)
