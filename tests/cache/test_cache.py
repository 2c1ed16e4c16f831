"""What a cache gives: values, in both levels alike, for as long as they last."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from cache.unsteady import nodes
from mainhub.cache import MISSING, Cache, Fill, MemoryLevel2
from mainhub.resilience import Pipeline
from resilience.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


async def test_values_cannot_leak_from_one_caller_to_another() -> None:
    cache = Cache()
    mine = {"list": [1]}
    await cache.set("k", mine)
    mine["list"].append(2)
    found = await cache.get("k")
    with pytest.raises(TypeError, match="thaw"):
        found["list"].append(3)
    assert await cache.get("k") == {"list": [1]}


async def test_both_levels_give_the_same() -> None:
    async with nodes() as (caches, _):
        value = {"tuple": (1, 2.5, None, True), "text": "é" * 2000}
        for cache in (*caches, Cache()):
            await cache.set("k", value)
            assert await cache.get("k") == {**value, "tuple": [1, 2.5, None, True]}
        await caches[0].set("b", b"\x00\xff")
        assert await caches[1].get("b") == b"\x00\xff"


async def test_an_answer_of_one_process_is_known_to_the_other_until_it_changes() -> None:
    async with nodes() as (caches, ways):
        await caches[0].set("k", 1)
        assert [await caches[1].get("k") for _ in range(3)] == [1, 1, 1]
        assert ways[1].calls.count("read") == 1
        await caches[0].set("k", 2)
        assert await caches[1].get("k") == 2


async def test_tag_tokens_that_are_gone_resurrect_nothing() -> None:
    shared = MemoryLevel2()
    async with Cache(shared, way=Pipeline("x")) as one, Cache(shared, way=Pipeline("x")) as other:
        await one.set("k", 1, tags=("t",))
        await one.invalidate_tags("t")
        await one.set("k", 2, tags=("t",))
        shared._tokens.clear()
        for node in (one, other):
            node.engine.hear.tag_changed("t")
            node.engine.hear.tag_changed("*")
        assert await one.get("k") is MISSING
        assert await other.get("k") is MISSING


@pytest.mark.parametrize("step", [-3600, 3600])
async def test_a_step_of_the_wall_clock_lets_nothing_live_longer(step: int) -> None:
    class Stepped(MovedClock):
        off = 0

        def now(self) -> Any:
            return super().now() + timedelta(seconds=self.off)

    clock = Stepped()
    async with nodes(clock=clock) as (caches, _):
        await caches[0].set("k", 1, ttl=10 * SECOND)
        assert await caches[0].get("k") == 1
        clock.off = step
        assert await caches[0].get("k") == 1
        await caches[1].get("k")
        clock.move(11 * SECOND)
        assert [await cache.get("k") for cache in caches] == [MISSING, MISSING]


async def test_poisoned_bytes_are_a_miss_a_figure_and_gone() -> None:
    async with nodes(1) as ((cache,), (way,)):
        for raw in (b"", b"junk", b"\xb5mh\x07later", b"\xb5mh\x01"):
            await way.shared.write({"k": (raw, HOUR)})
            assert await cache.get("k") is MISSING
            assert await way.shared.read(["k"]) == [None]
        assert sum(cache.figures.refused.values()) == 4


async def test_a_region_has_keys_defaults_and_an_end_of_its_own() -> None:
    async with nodes() as (caches, _):
        feeds = [cache.region("feeds", ttl=HOUR, tags=("news",)) for cache in caches]
        await feeds[0].set("a", 1)
        await caches[0].set("a", 2)
        assert await feeds[1].get("a") == 1
        assert await caches[1].get("feeds:a") == 1
        assert (await feeds[1].lookup("a")).tags == ("news",)
        await feeds[1].clear()
        assert await feeds[0].get("a") is MISSING
        assert await caches[0].get("a") == 2


async def test_expire_moves_the_end() -> None:
    for level2 in (False, True):
        clock = MovedClock()
        async with AsyncExitStack() as stack:
            cache = Cache(clock=clock)
            if level2:
                caches, _ = await stack.enter_async_context(nodes(1, clock=clock))
                cache = caches[0]
            await cache.set("k", 1, ttl=10 * SECOND)
            assert await cache.expire("k", ttl=100 * SECOND)
            clock.move(50 * SECOND)
            assert await cache.get("k") == 1
            assert await cache.expire("k", ttl=SECOND)
            clock.move(1.1 * SECOND)
            assert await cache.get("k") is MISSING
            assert not await cache.expire("k", ttl=SECOND)


async def test_evicts_the_least_recently_used() -> None:
    cache = Cache(max_entries=2)
    await cache.set_many({"a": 1, "b": 2})
    await cache.get("a")
    await cache.set("c", 3)
    assert await cache.get_many(["a", "b", "c"]) == {"a": 1, "c": 3}
    small = Cache(max_bytes=100)
    await small.set("big", "x" * 200)
    assert await small.get("big") is MISSING
    for number in range(20):
        await small.set(f"k{number}", "x" * 20)
    assert small.describe()["level1"]["bytes"] <= 100


async def test_what_is_asked_for_most_is_shown() -> None:
    cache = Cache()
    await cache.set("cold", 1, tags=("t",))
    await cache.set("hot", 1, tags=("u",))
    for _ in range(3):
        await cache.get("hot")
    assert [(hot.key, hot.hits) for hot in cache.hot_keys(1)] == [("hot", 3)]
    assert [(hot.tag, hot.hits) for hot in cache.hot_tags()] == [("u", 3), ("t", 0)]
    assert cache.figures.hit_ratio == 1.0


async def test_not_modified_lets_a_value_live_on() -> None:
    clock = MovedClock()
    async with nodes(1, clock=clock) as ((cache,), _):
        seen: list[tuple[Any, str | None]] = []

        async def make(fill: Fill) -> Any:
            seen.append((fill.stale, fill.etag))
            fill.etag = "v1"
            return "body" if fill.stale is MISSING else fill.not_modified()

        for _ in range(3):
            assert await cache.get_or_set("k", make, ttl=SECOND, stale_ttl=HOUR) == "body"
            clock.move(2 * SECOND)
        assert seen == [(MISSING, None), ("body", "v1"), ("body", "v1")]


async def test_negative_answers_have_a_time_of_their_own() -> None:
    clock = MovedClock()
    cache, calls = Cache(clock=clock), 0

    async def nobody() -> None:
        nonlocal calls
        calls += 1

    for _ in range(3):
        await cache.get_or_set("k", nobody, ttl=HOUR, negative_ttl=SECOND)
    assert calls == 1
    clock.move(2 * SECOND)
    await cache.get_or_set("k", nobody, ttl=HOUR, negative_ttl=SECOND)
    assert calls == 2
