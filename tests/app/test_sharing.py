"""What hubs share through a real Redis, and that none of it is needed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.composed_hub import composed_hub
from mainhub.app.sharing import Sharing
from mainhub.clock import SystemClock
from mainhub.resilience import CircuitBreaker, Limit, Pipeline, Pipelines, State
from mainhub.settings import Settings, load
from mainhub.storage.redis import RedisState

if TYPE_CHECKING:
    from pathlib import Path

    from redis_server.server import PrivateRedis

SECRETS = [b"s" * 32]
pytestmark = pytest.mark.anyio
LIMIT = Limit(10, timedelta(days=1))


def settings(url: str | None) -> Settings:
    preset: dict[str, object] = {"redis": {"url": url}} if url else {}
    return load(config=None, environ={}, preset=preset, vendor_names=False).settings


def ways() -> Pipelines:
    known = Pipelines()
    known.add(Pipeline("service-erp", breaker=CircuitBreaker()))
    return known


def breaker_of(known: Pipelines) -> CircuitBreaker:
    breaker = known.get("service-erp").pipeline.breaker
    assert breaker is not None
    return breaker


async def test_two_hubs_count_together_and_open_together(redis_url: str) -> None:
    one, other = ways(), ways()
    clock = SystemClock()
    async with (
        Sharing(settings(redis_url), one, clock=clock, cache_secrets=SECRETS) as first,
        Sharing(settings(redis_url), other, clock=clock, cache_secrets=SECRETS) as second,
        asyncio.timeout(60),
    ):
        for sharing in (first, second):
            assert sharing.redis is not None
            await sharing.redis.until(RedisState.READY)
            await sharing.listening()
        for _ in range(5):
            assert (await first.limits.take("ada", LIMIT)).allowed
            assert (await second.limits.take("ada", LIMIT)).allowed
        assert not (await second.limits.take("ada", LIMIT)).allowed
        breaker_of(one).isolate("ada")
        while breaker_of(other).state is not State.ISOLATED:  # noqa: ASYNC110 - another's doing
            await asyncio.sleep(0.01)
        assert one.get("redis-limits").pipeline.figures.ok >= 5


async def test_a_redis_that_is_away_holds_up_nobody(
    redis_server: PrivateRedis, redis_url: str
) -> None:
    redis_server.stop()
    known = ways()
    async with (
        Sharing(settings(redis_url), known, clock=SystemClock(), cache_secrets=SECRETS) as sharing,
        asyncio.timeout(60),
    ):
        answers = [(await sharing.limits.take("ada", LIMIT)).allowed for _ in range(12)]
        assert answers.count(True) == 10, "alone it enforces all of the limit"
        redis_server.start()
        assert sharing.redis is not None
        await sharing.redis.until(RedisState.READY)
        for _ in range(10):
            assert (await sharing.limits.take("grace", LIMIT)).allowed


async def test_without_redis_each_counts_for_itself() -> None:
    async with Sharing(
        settings(None), ways(), clock=SystemClock(), cache_secrets=SECRETS
    ) as sharing:
        assert sharing.redis is None
        assert (await sharing.limits.take("ada", LIMIT)).remaining == 9


async def test_a_hub_names_every_way_out(tmp_path: Path) -> None:
    hub = composed_hub(tmp_path)
    names = [entry.pipeline.name for entry in hub._parts.pipelines]
    assert names == ["database", "identity-entra", "graph-entra", "service-orders", "health"]
