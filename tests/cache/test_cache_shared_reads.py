"""Who asks level 2 for a key that somebody is reading just now shares the answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cache.unsteady import UnsteadyLevel2, nodes, until
from mainhub.cache import MISSING, Cache

pytestmark = pytest.mark.anyio
NEVER = timedelta(microseconds=1)
MANY = 50


async def asking(cache: Cache, way: UnsteadyLevel2) -> list[asyncio.Task[object]]:
    """Let many ask for the key ``k``, whose question is on its way."""
    way.calls.clear()
    way.late = asyncio.Event()
    tasks = [asyncio.create_task(cache.get("k")) for _ in range(MANY)]
    await until(lambda: "read" in way.calls)
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_all_who_ask_at_once_share_one_question() -> None:
    async with nodes(1, l1_ttl=NEVER) as ((cache,), (way,)):
        await cache.set("k", 1)
        tasks = await asking(cache, way)
        assert way.late is not None
        way.late.set()
        assert await asyncio.gather(*tasks) == [1] * MANY
        assert way.calls.count("read") == 1
        # Tokens of its tags are asked for once; each caller counts.
        assert cache.figures.l2_hits == MANY


async def test_whoever_asks_for_the_others_may_go_away() -> None:
    async with nodes(1, l1_ttl=NEVER) as ((cache,), (way,)):
        await cache.set("k", 1)
        first, *others = await asking(cache, way)
        first.cancel()
        await asyncio.wait([first])
        assert way.late is not None
        way.late.set()
        assert await asyncio.gather(*others) == [1] * (MANY - 1)
        assert way.calls.count("read") == 2


async def test_one_who_goes_away_leaves_the_others_alone() -> None:
    async with nodes(1, l1_ttl=NEVER) as ((cache,), (way,)):
        await cache.set("k", 1)
        first, gone, *others = await asking(cache, way)
        gone.cancel()
        await asyncio.wait([gone])
        assert way.late is not None
        way.late.set()
        assert await asyncio.gather(first, *others) == [1] * (MANY - 1)


async def test_nobody_shares_an_answer_of_before_a_change() -> None:
    async with nodes(2, l1_ttl=NEVER) as ((cache, other), (way, _)):
        await cache.set("k", "old")
        tasks = await asking(cache, way)
        await other.set("k", "new")
        late, way.late = way.late, None
        assert await cache.get("k") == "new"
        assert late is not None
        late.set()
        assert await asyncio.gather(*tasks) == ["old"] * MANY
        assert await cache.get("k") == "new"


async def test_a_level_2_that_fails_one_fails_nobody() -> None:
    async with nodes(1, l1_ttl=NEVER) as ((cache,), (way,)):
        await cache.set("k", 1)
        way.calls.clear()
        way.held = asyncio.Event()
        tasks = [asyncio.create_task(cache.get("k")) for _ in range(MANY)]
        await until(lambda: "read" in way.calls)
        way.up = False
        way.held.set()
        assert await asyncio.gather(*tasks) == [MISSING] * MANY
        assert cache.figures.unavailable == MANY
        assert way.calls.count("read") == 1
