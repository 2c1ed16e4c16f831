"""What others got wrong: each trap of caches under its name."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from cache.unsteady import UnsteadyLevel2, nodes, until
from mainhub.cache import (
    MISSING,
    Cache,
    CacheUnavailable,
    FactoryTimedOut,
    Fill,
    MemoryLevel2,
    Outcome,
)
from mainhub.resilience import Deadline, attempt_number
from resilience.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Source:
    """Makes a new number each time, when it is let; counts how often it was asked."""

    def __init__(self, *, free: bool = True) -> None:
        self.calls = 0
        self.asked = asyncio.Event()
        self.free = asyncio.Event()
        if free:
            self.free.set()

    async def __call__(self) -> int:
        self.calls += 1
        number = self.calls
        self.asked.set()
        await self.free.wait()
        return number


async def fail() -> int:
    raise OSError("down")


async def test_none_is_a_value_and_missing_is_not() -> None:
    cache = Cache()
    await cache.set("k", None)
    assert await cache.get("k") is None
    assert await cache.get("other") is MISSING
    assert not MISSING
    assert await cache.get("other", default=7) == 7
    assert cache.figures.negative_hits == 1


async def test_a_stampede_calls_the_factory_once() -> None:
    async with nodes(4) as (caches, ways):
        source = Source(free=False)
        asked = [
            asyncio.ensure_future(cache.get_or_set("k", source))
            for cache in caches
            for _ in range(250)
        ]
        await source.asked.wait()
        source.free.set()
        assert set(await asyncio.gather(*asked)) == {1}
        assert source.calls == 1
        assert sum(len(way.calls) for way in ways) <= 50


async def test_the_leader_of_a_thousand_may_go_away() -> None:
    cache, source = Cache(), Source(free=False)
    asked = [asyncio.ensure_future(cache.get_or_set("k", source)) for _ in range(1000)]
    await source.asked.wait()
    asked[0].cancel()
    asked[500].cancel()
    await asyncio.sleep(0)
    source.free.set()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert found.count(1) == 998
    assert source.calls == 1


async def test_a_fill_that_everybody_left_goes_on_to_its_end() -> None:
    cache, source = Cache(), Source(free=False)
    asked = asyncio.ensure_future(cache.get_or_set("k", source))
    await source.asked.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    source.free.set()
    await until(lambda: not cache.engine.filler.under_way)
    assert source.calls == 1
    await cache.aclose()


async def test_closing_ends_what_is_under_way_and_tells_who_waits() -> None:
    cache, source = Cache(), Source(free=False)
    asked = asyncio.ensure_future(cache.get_or_set("k", source))
    await source.asked.wait()
    await cache.aclose()
    with pytest.raises(CacheUnavailable, match="closed"):
        await asked
    assert not cache.engine.filler._tasks


@pytest.mark.parametrize("how", ["delete", "set", "tag", "clear", "pattern"])
@pytest.mark.parametrize("who", [0, 1])
async def test_what_is_taken_back_during_a_fill_stays_so(how: str, who: int) -> None:
    async with nodes() as (caches, _):
        source = Source(free=False)
        asked = asyncio.ensure_future(caches[0].get_or_set("k:1", source, tags=("t",)))
        await source.asked.wait()
        other = caches[who]
        if how == "delete":
            await other.delete("k:1")
        elif how == "set":
            await other.set("k:1", 99)
        elif how == "tag":
            await other.invalidate_tags("t")
        elif how == "clear":
            await other.clear()
        else:
            await other.invalidate("k:*")
        source.free.set()
        assert await asked == 1
        for cache in caches:
            assert await cache.get("k:1") == (99 if how == "set" else MISSING)


async def test_who_comes_after_an_invalidation_gets_a_new_value() -> None:
    cache, source = Cache(), Source(free=False)
    early = asyncio.ensure_future(cache.get_or_set("k", source, tags=("t",)))
    await source.asked.wait()
    await cache.invalidate_tags("t")
    late = asyncio.ensure_future(cache.get_or_set("k", source, tags=("t",)))
    source.free.set()
    assert (await early, await late) == (1, 2)
    assert await cache.get("k") == 2


async def test_a_tag_that_the_factory_adds_is_heeded_from_before_it_ran() -> None:
    async with nodes() as (caches, _):

        async def make(fill: Fill) -> int:
            fill.tags.append("late")
            await caches[1].invalidate_tags("late")
            return 1

        assert await caches[0].get_or_set("k", make) == 1
        assert await caches[0].get("k") is MISSING

        async def quietly(fill: Fill) -> int:
            fill.tags = ["late"]
            fill.ttl = HOUR
            return 2

        assert await caches[0].get_or_set("k", quietly) == 2
        assert await caches[1].get("k") == 2
        await caches[1].invalidate_tags("late")
        assert await caches[0].get("k") is MISSING


async def test_a_read_that_an_invalidation_overtakes_is_not_kept() -> None:
    async with nodes() as (caches, ways):
        await caches[1].set("k", 1)
        ways[0].late = asyncio.Event()
        reading = asyncio.ensure_future(caches[0].get("k"))
        await until(lambda: "read" in ways[0].calls)
        await caches[1].set("k", 2)
        ways[0].late.set()
        assert await reading == 1
        assert await caches[0].get("k") == 2


async def test_a_delete_that_was_heard_of_wins_though_level_2_goes_away() -> None:
    async with nodes() as (caches, ways):
        source = Source(free=False)
        asked = asyncio.ensure_future(caches[0].get_or_set("k", source))
        await source.asked.wait()
        await caches[1].delete("k")
        ways[0].up = False
        source.free.set()
        assert await asked == 1
        assert await caches[0].get("k") is MISSING


async def test_a_cut_link_leaves_level_1_for_emergencies() -> None:
    async with nodes() as (caches, ways):
        await caches[1].set("k", 1, stale_ttl=HOUR)
        assert await caches[0].get("k") == 1
        ways[0].link(linked=False)
        await caches[1].set("k", 2)
        assert await caches[0].get("k") == 2
        ways[0].up = False
        assert await caches[0].get("k") is MISSING
        assert (await caches[0].lookup("other")).outcome is Outcome.UNAVAILABLE


async def test_what_was_warm_is_given_when_everything_else_fails() -> None:
    async with nodes(1) as (caches, ways):
        await caches[0].set("k", 1)
        assert await caches[0].get("k") == 1
        ways[0].link(linked=False)
        ways[0].up = False
        assert await caches[0].get_or_set("k", fail) == 1
        assert (await caches[0].lookup("k")).outcome is Outcome.STALE
        with pytest.raises(OSError, match="down"):
            await caches[0].get_or_set("other", fail)


async def test_without_level_2_the_source_is_asked_once_in_two_seconds() -> None:
    clock, source = MovedClock(), Source()
    async with nodes(1, clock=clock) as (caches, ways):
        ways[0].up = False
        for _ in range(5):
            assert await caches[0].get_or_set("k", source) == 1
        clock.move(2.1 * SECOND)
        assert await caches[0].get_or_set("k", source) == 2


async def test_the_usual_way_gives_up_within_its_budget_and_comes_back() -> None:
    shared = MemoryLevel2()
    way, source = UnsteadyLevel2(shared), Source()
    async with Cache(way) as cache:
        way.held = asyncio.Event()
        # Twenty calls decide.
        for number in range(20):
            assert await cache.get_or_set(f"k{number}", source) == number + 1
        assert cache.way is not None
        assert cache.way.breaker is not None
        assert cache.way.breaker.state.value == "open"
        way.held.set()
        async with asyncio.timeout(30):
            while cache.way.breaker.state.value != "closed":
                await cache.get("k")
                await asyncio.sleep(0.01)


async def test_a_delete_that_level_2_did_not_hear_is_told_before_it_is_believed() -> None:
    async with nodes() as (caches, ways):
        await caches[0].set("k", 1)
        await caches[0].set("tagged", 1, tags=("t",))
        await caches[0].set("p:1", 1)
        ways[0].up = False
        await caches[0].delete("k")
        await caches[0].invalidate_tags("t")
        await caches[0].invalidate("p:*")
        assert caches[0].pending == 3
        ways[0].up = True
        assert await caches[0].get("k") is MISSING
        assert await caches[0].get("tagged") is MISSING
        assert await caches[0].get("p:1") is MISSING
        await until(lambda: not caches[0].pending)
        assert await caches[1].get_many(["k", "tagged", "p:1"]) == {}


async def test_a_write_that_failed_does_not_bury_what_is_newer() -> None:
    async with nodes() as (caches, ways):
        ways[0].up = False
        await caches[0].set("k", "old")
        await caches[1].set("k", "new")
        ways[0].up = True
        recovery = caches[0].engine.recovery
        assert recovery is not None
        await recovery.drain()
        assert await caches[1].get("k") is MISSING


async def test_a_queue_that_is_too_long_becomes_one_clear() -> None:
    async with nodes() as (caches, ways):
        await caches[1].set("kept", 1)
        ways[0].up = False
        recovery = caches[0].engine.recovery
        assert recovery is not None
        await caches[0].delete_many(f"k{number}" for number in range(10_001))
        assert caches[0].pending == 1
        ways[0].up = True
        await recovery.drain()
        assert await caches[1].get("kept") is MISSING
        assert caches[0].figures.overflows == 1


@pytest.mark.parametrize("level2", [False, True])
async def test_what_failed_is_answered_from_before_and_left_alone(level2: bool) -> None:  # noqa: FBT001
    clock = MovedClock()
    calls = 0

    async def broken() -> int:
        nonlocal calls
        calls += 1
        raise OSError("broken")

    async with AsyncExitStack() as stack:
        if level2:
            (cache,), _ = await stack.enter_async_context(nodes(1, clock=clock))
        else:
            cache = Cache(clock=clock)
        await cache.set("k", 1, ttl=10 * SECOND, stale_ttl=60 * SECOND)
        clock.move(11 * SECOND)
        assert await cache.get("k") is MISSING
        assert (await cache.lookup("k")).outcome is Outcome.STALE
        for _ in range(5):
            assert await cache.get_or_set("k", broken) == 1
        assert calls == 1
        clock.move(1.1 * SECOND)
        assert await cache.get_or_set("k", broken) == 1
        assert calls == 2
        clock.move(60 * SECOND)
        with pytest.raises(OSError, match="broken"):
            await cache.get_or_set("k", broken)


async def test_a_slow_factory_is_not_waited_for_if_there_is_an_older_value() -> None:
    clock, source = MovedClock(), Source(free=False)
    cache = Cache(clock=clock)
    await cache.set("k", 0, ttl=SECOND, stale_ttl=HOUR)
    clock.move(2 * SECOND)
    soft = timedelta(milliseconds=5)
    assert await cache.get_or_set("k", source, soft_timeout=soft) == 0
    assert await cache.get_or_set("k", source, soft_timeout=timedelta()) == 0
    source.free.set()
    await until(lambda: not cache.engine.filler.under_way)
    assert (await cache.get("k"), source.calls) == (1, 1)


async def test_a_factory_that_hangs_is_ended() -> None:
    cache, source = Cache(), Source(free=False)
    with pytest.raises(FactoryTimedOut):
        await cache.get_or_set("k", source, hard_timeout=timedelta(milliseconds=5))
    assert cache.figures.factory_timeouts == 1

    async def heedless() -> int:
        while True:
            try:
                await source.free.wait()
            except asyncio.CancelledError:
                continue
            return 1

    with pytest.raises(FactoryTimedOut):
        await cache.get_or_set("k", heedless, hard_timeout=timedelta(milliseconds=5))
    source.free.set()
    await cache.aclose()


async def test_a_factory_that_cancels_itself_cancels_nobody_else() -> None:
    async def cancelled() -> int:
        raise asyncio.CancelledError

    with pytest.raises(FactoryTimedOut, match="within"):
        await Cache().get_or_set("k", cancelled)


async def test_the_next_value_is_made_in_good_time_and_in_the_background() -> None:
    clock, source = MovedClock(), Source()
    cache = Cache(clock=clock)
    for moved in (0, 7, 2):
        clock.move(moved * SECOND)
        assert await cache.get_or_set("k", source, ttl=10 * SECOND, eager_refresh=0.8) == 1
    await until(lambda: source.calls == 2 and not cache.engine.filler.under_way)
    assert await cache.get_or_set("k", source, ttl=10 * SECOND, eager_refresh=0.8) == 2


async def test_a_fill_is_not_hurried_by_its_first_caller() -> None:
    cache, told = Cache(), []

    async def make() -> int:
        told.append((Deadline.remaining(), attempt_number()))
        return 1

    with Deadline.within(timedelta(seconds=30)):
        await cache.get_or_set("k", make)
    assert told[0][0] is None
