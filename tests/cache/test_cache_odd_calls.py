"""What callers and factories do that nobody thought of: each ends, and is told what to write."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from typing_extensions import override

from cache.unsteady import nodes, until
from mainhub.cache import (
    MISSING,
    Cache,
    CacheArgumentInvalid,
    CacheValueInvalid,
    Fill,
    MemoryLevel2,
)
from resilience.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MANY = 450


class SetBack(MovedClock):
    """A clock whose time of day can be set back."""

    behind = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() - self.behind


async def one() -> int:
    return 1


async def test_a_factory_that_asks_for_its_own_key_is_told_so() -> None:
    cache = Cache()

    async def make() -> int:
        return int(await cache.get_or_set("k", make)) + 1

    with pytest.raises(CacheArgumentInvalid, match="without asking for its own key"):
        await cache.get_or_set("k", make)
    assert await cache.get_or_set("k", one) == 1


async def test_a_factory_that_refreshes_its_own_key_is_told_so() -> None:
    cache = Cache()

    @cache.cached(key="k")
    async def make() -> int:
        return int(await make.refresh()) + 1

    with pytest.raises(CacheArgumentInvalid, match="without asking for its own key"):
        await make()


async def test_factories_that_wait_for_each_other_are_told_so() -> None:
    cache = Cache()
    both = asyncio.Barrier(2)

    async def make(mine: str, other: str) -> str:
        await both.wait()
        return f"{mine}{await cache.get_or_set(other, one)}"

    found = await asyncio.gather(
        cache.get_or_set("a", lambda: make("a", "b")),
        cache.get_or_set("b", lambda: make("b", "a")),
        return_exceptions=True,
    )
    # Who closes the circle is told, and then so is who waited for that one.
    assert [type(each) for each in found] == [CacheArgumentInvalid, CacheArgumentInvalid]


async def test_factories_may_ask_for_other_keys() -> None:
    cache = Cache()

    async def sum_up() -> int:
        both = await asyncio.gather(cache.get_or_set("a", one), cache.get_or_set("a", one))
        return sum(both)

    assert await cache.get_or_set("sum", sum_up) == 2


async def test_what_a_factory_leaves_behind_may_ask_for_its_key() -> None:
    cache = Cache()
    later: list[asyncio.Task[Any]] = []
    over = asyncio.Event()

    async def ask_again() -> object:
        await over.wait()
        await cache.delete("k")
        return await cache.get_or_set("k", one)

    async def make() -> int:
        later.append(asyncio.create_task(ask_again()))
        return 0

    assert await cache.get_or_set("k", make) == 0
    over.set()
    assert await later[0] == 1


async def test_a_value_that_cannot_be_kept_gives_way_to_an_older_one() -> None:
    clock = MovedClock()
    cache = Cache(clock=clock)

    async def never() -> float:
        return float("nan")

    with pytest.raises(CacheValueInvalid):
        await cache.get_or_set("k", never, stale_ttl=HOUR)
    await cache.set("k", "old", ttl=SECOND, stale_ttl=HOUR)
    clock.move(2 * SECOND)
    assert await cache.get_or_set("k", never, stale_ttl=HOUR) == "old"
    assert cache.figures.factory_errors == 2


async def test_what_is_no_key_is_refused_whatever_it_is() -> None:
    cache = Cache()
    several: list[Any] = [["a"], {}, None, 5, b"k"]
    for wrong in several:
        for call in (
            cache.get(wrong),
            cache.set(wrong, 1),
            cache.delete(wrong),
            cache.get_or_set(wrong, one),
            cache.lookup(wrong),
        ):
            with pytest.raises(CacheArgumentInvalid, match="a key is text"):
                await call


async def test_half_a_character_is_no_etag() -> None:
    async with nodes(1) as ((cache,), _):

        async def make(fill: Fill) -> int:
            fill.etag = "\ud800"
            return 1

        with pytest.raises(CacheArgumentInvalid, match="halves of characters"):
            await cache.get_or_set("k", make)


async def test_a_clock_that_is_set_back_lets_nothing_live_longer() -> None:
    clock = SetBack()
    clock.move(HOUR)
    async with Cache(MemoryLevel2(clock=clock), clock=clock) as cache:
        await cache.set("k", "old", ttl=300 * SECOND, stale_ttl=HOUR)
        clock.behind = 3000 * SECOND
        assert await cache.get("k") is MISSING
        assert await cache.get_or_set("k", one) == 1


async def test_clocks_that_differ_by_a_little_are_believed() -> None:
    clock = SetBack()
    async with Cache(MemoryLevel2(clock=clock), clock=clock) as cache:
        await cache.set("k", "new", ttl=300 * SECOND)
        clock.behind = SECOND
        assert await cache.get("k") == "new"


async def test_a_deletion_during_a_hiccup_wins() -> None:
    """Level 2 is away as a fill begins and back before it ends; meanwhile somebody deletes."""
    async with nodes(2) as ((cache, other), (way, _)):
        asked, free = asyncio.Event(), asyncio.Event()

        async def make() -> str:
            asked.set()
            await free.wait()
            return "of before"

        way.up = False
        filling = asyncio.ensure_future(cache.get_or_set("k", make))
        await asked.wait()
        way.up = True
        await until(lambda: way.up and cache.state is not None and cache.state.linked)
        await cache.get("something else")
        await other.delete("k")
        free.set()
        assert await filling == "of before"
        assert await cache.get("k") is MISSING
        assert await cache.get_or_set("k", one) == 1


async def test_many_at_once_go_by_the_page() -> None:
    async with nodes(2) as ((cache, other), (way, _)):
        await cache.set_many({f"k:{number}": number for number in range(MANY)})
        assert way.calls.count("write") == 3
        assert len(await other.get_many(f"k:{number}" for number in range(MANY))) == MANY
        assert await cache.delete_many(f"k:{number}" for number in range(MANY)) == MANY
        assert way.calls.count("delete") == 3
        assert cache.pending == 0


async def test_an_invalidation_whose_caller_goes_away_is_not_forgotten() -> None:
    async with nodes(2) as ((cache, other), (way, _)):
        await other.set("o:1", 1)
        way.held = asyncio.Event()
        going = asyncio.ensure_future(cache.invalidate("o:*"))
        await until(lambda: "delete" in way.calls)
        going.cancel()
        await asyncio.wait([going])
        assert cache.pending == 1
        way.held.set()
        await cache.get("anything")
        await until(lambda: cache.pending == 0)
        assert await other.get("o:1") is MISSING
