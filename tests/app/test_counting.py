"""What metrics say of rooms that count nothing themselves."""

from __future__ import annotations

import pytest

from mainhub.app.counting import count_cache
from mainhub.cache import Cache, MemoryLevel2
from mainhub.clock import SystemClock
from mainhub.telemetry import TelemetryOptions, start

pytestmark = pytest.mark.anyio


async def told_of(cache: Cache) -> dict[str, float]:
    """Return the metrics of *cache* as they are exposed, without the name's common part."""
    telemetry = start(TelemetryOptions(), clock=SystemClock())
    count_cache(cache, telemetry.metrics)
    lines = telemetry.exposition()[0].decode().splitlines()
    rows = [line.rpartition(" ") for line in lines if line.startswith("mainhub_cache_")]
    return {name.removeprefix("mainhub_cache_"): float(value) for name, _, value in rows}


async def fails() -> None:
    raise OSError("down")


async def test_counts_what_a_cache_alone_does() -> None:
    async with Cache() as cache:
        await cache.set("a", "value")
        await cache.get("a")
        await cache.get("b")
        with pytest.raises(OSError, match="down"):
            await cache.get_or_set("c", fails)
        told = await told_of(cache)
    assert told['lookups_total{outcome="l1-hit"}'] == 1
    assert told['lookups_total{outcome="miss"}'] == 2
    assert told['fills_total{outcome="failed"}'] == 1
    assert (told["entries"], told["bytes"], told["pending"]) == (1, 7, 0)
    assert "linked" not in told


async def test_tells_whether_level_2_is_linked() -> None:
    async with Cache(MemoryLevel2()) as cache:
        await cache.set("a", "value")
        await cache.get("a")
        told = await told_of(cache)
    assert told["linked"] == 1
    assert told['lookups_total{outcome="l2-hit"}'] == 1
