"""Whatever happens to Redis, nobody who asks the cache fails, and nobody waits for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cache.level2_contract import came
from cache.loaded import asked, linked, load, unlinked, well
from cache.slow_proxy import SlowProxy
from mainhub import cache as caches
from mainhub.cache import MISSING, Cache
from mainhub.cache.redis import RedisLevel2, RedisLocks
from redis_server.groups import PrivateSentinels
from redis_server.patient import patient

if TYPE_CHECKING:
    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("how", ["kill", "freeze"])
async def test_a_redis_that_is_gone_fails_nobody_and_is_used_again(
    redis_server: PrivateRedis, redis_kind: str, how: str
) -> None:
    assert redis_server.kind == redis_kind
    async with caches.connect(redis_server.url) as cache, load(cache) as made:
        getattr(redis_server, how)()
        await unlinked(cache)
        await asked(made, 2000)
        if how == "kill":
            redis_server.start()
        else:
            redis_server.thaw()
        await well(made)
        await asked(made, 500)
    made.judge()


async def test_a_redis_that_was_restarted_empty_is_filled_again(redis_server: PrivateRedis) -> None:
    async with caches.connect(redis_server.url) as cache, load(cache) as made:
        for _ in range(2):
            redis_server.kill()
            redis_server.start()
            await well(made)
            await asked(made, 300)
    made.judge()


@pytest.mark.parametrize("state", ["READONLY", "OOM"])
async def test_a_redis_that_refuses_writes_fails_nobody(
    redis_server: PrivateRedis, state: str
) -> None:
    async with caches.connect(redis_server.url) as cache, load(cache) as made:
        if state == "OOM":
            redis_server.run("CONFIG", "SET", "maxmemory", "1")
        else:
            redis_server.run("REPLICAOF", "127.0.0.1", "1")
        await asked(made, 1000)
        if state == "OOM":
            redis_server.run("CONFIG", "SET", "maxmemory", "0")
        else:
            redis_server.run("REPLICAOF", "NO", "ONE")
        await well(made)
    made.judge()


async def test_scripts_that_are_forgotten_under_load_are_sent_again(
    redis_server: PrivateRedis,
) -> None:
    # A busy machine's slowness is no error here: it is waited for.
    async with patient(redis_server.url) as connections:
        level2 = RedisLevel2(connections.commands, subscriber=connections.subscriber)
        async with Cache(level2, locks=RedisLocks(level2)) as cache, load(cache) as made:
            for _ in range(5):
                redis_server.run("SCRIPT", "FLUSH")
                await asked(made, 200)
            errors = cache.figures.l2_errors
    assert made.failed == []
    assert errors == 0


async def test_a_redis_that_is_slow_is_left_alone_and_tried_again(
    redis_server: PrivateRedis,
) -> None:
    async with (
        SlowProxy(redis_server.port) as proxy,
        caches.connect(f"redis://127.0.0.1:{proxy.port}") as cache,
        load(cache) as made,
    ):
        proxy.delay = 0.2
        await asked(made, 1500)
        assert cache.figures.l2_errors > 0
        proxy.delay = 0.0
        await well(made)
    made.judge()


@pytest.mark.parametrize("how", ["killed", "planned"])
async def test_a_failover_fails_nobody(how: str) -> None:
    group = PrivateSentinels("7", password="pass-word")
    try:
        async with caches.connect(group.url) as cache, load(cache) as made:
            if how == "killed":
                group.master.kill()
            else:
                ordered = ("SENTINEL", "FAILOVER", "main.hub")
                await came(lambda: group.sentinels[0].run(*ordered) == "+OK")
            await came(lambda: "role:master" in group.replica.replication())
            await well(made)
            await asked(made, 500)
        made.judge()
    finally:
        group.remove()


async def test_a_partitioned_process_soon_believes_nothing_of_before(
    redis_server: PrivateRedis,
) -> None:
    """Silence on the connection that tells of changes ends the belief in what was read."""
    async with (
        SlowProxy(redis_server.port) as proxy,
        caches.connect(redis_server.url) as near,
        caches.connect(f"redis://127.0.0.1:{proxy.port}") as far,
    ):
        await linked(near)
        await linked(far)
        await near.set("k", "old", ttl=timedelta(minutes=5))
        assert await far.get("k") == "old"
        proxy.swallowed = set(range(proxy.connections))
        began = asyncio.get_running_loop().time()
        await near.set("k", "new", ttl=timedelta(minutes=5))
        await came(lambda: far.state is not None and not far.state.linked)
        noticed = asyncio.get_running_loop().time() - began
        assert await far.get("k") in {MISSING, "new"}
        # Two seconds of silence, and a beat; generously.
        assert noticed < 10

        async def source() -> str:
            return "new"

        assert await far.get_or_set("k", source) == "new"
        proxy.swallowed = set()
        await linked(far)
        assert await far.get("k") == "new"


async def test_evicted_tokens_of_tags_bring_nothing_back(redis_server: PrivateRedis) -> None:
    async with (
        caches.connect(redis_server.url, namespace="n") as one,
        caches.connect(redis_server.url, namespace="n") as other,
    ):
        await linked(one)
        await linked(other)
        await one.set("k", "old", ttl=timedelta(minutes=5), tags=["t"])
        assert await other.get("k") == "old"
        await one.invalidate_tags("t")
        for name in redis_server.run("KEYS", "n:t:*").splitlines():
            redis_server.run("UNLINK", name.strip('"'))
        redis_server.run("UNLINK", "n:t:{t}")
        await came(lambda: len(one.engine.level1.entries) == 0)
        assert await one.get("k") is MISSING
        assert await other.get("k") is MISSING
