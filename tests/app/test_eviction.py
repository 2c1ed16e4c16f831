"""A Redis that may throw sessions away is told of, at the start and in the state of health."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from app.composed_hub import composed_hub
from mainhub.health import State
from mainhub.storage.redis import RedisState, eviction_policy
from redis_server.groups import PrivateCluster
from redis_server.patient import patient

if TYPE_CHECKING:
    from pathlib import Path

    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio

EVICTING = ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"]


@pytest.fixture
def server(redis_server: PrivateRedis) -> PrivateRedis:
    redis_server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
    return redis_server


@pytest.mark.parametrize("policy", ["noeviction", *EVICTING])
async def test_a_policy_is_told(server: PrivateRedis, redis_kind: str, policy: str) -> None:
    assert server.kind == redis_kind
    assert server.run("CONFIG", "SET", "maxmemory-policy", policy) == "+OK"
    try:
        async with patient(server.url) as connections:
            await connections.until(RedisState.READY)
            told = await eviction_policy(connections)
            assert told == (None if policy == "noeviction" else policy)
    finally:
        server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")


async def test_one_node_of_a_cluster_is_enough() -> None:
    cluster = PrivateCluster("7")
    try:
        async with patient(cluster.url) as connections:
            await connections.until(RedisState.READY)
            assert await eviction_policy(connections) is None
            cluster.nodes[1].run("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
            assert await eviction_policy(connections) == "allkeys-lfu"
    finally:
        cluster.remove()


async def test_a_hub_warns_once_and_says_what_to_do(tmp_path: Path, server: PrivateRedis) -> None:
    sections = {"redis": {"url": server.url}, "sessions": {"store": "redis"}}
    hub = composed_hub(tmp_path, sections=sections)
    server.run("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        async with hub.running():
            redis = hub._parts.sharing.redis
            assert redis is not None
            await redis.until(RedisState.READY)
            check = hub._parts.checks._results["redis-sessions"].check
            with capture_logs() as logs:
                found = [await check.probe() for _ in range(2)]
            assert [one.state for one in found] == [State.DEGRADED] * 2
            assert "allkeys-lru" in (found[0].detail or "")
            assert "noeviction" in (found[0].remedy or "")
            warned = [line for line in logs if line["event"] == "sessions.may_be_evicted"]
            assert len(warned) <= 1
            server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
            assert (await check.probe()).state is State.FINE
    finally:
        server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")


async def test_without_sessions_in_redis_nothing_is_said(
    tmp_path: Path, server: PrivateRedis
) -> None:
    hub = composed_hub(tmp_path, sections={"redis": {"url": server.url}})
    assert "redis" in hub._parts.checks._results
    assert "redis-sessions" not in hub._parts.checks._results
