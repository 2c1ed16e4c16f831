"""A shared count that is away: what all processes admit together, and what a fault costs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from mainhub.errors import Unavailable
from mainhub.resilience import (
    Admission,
    InsuredLimits,
    Limit,
    LimitStore,
    MemoryLimits,
    Pipeline,
    Timeout,
)
from resilience.test_limit_model import MovedClock

pytestmark = pytest.mark.anyio
US = 1_000_000


class Shared(LimitStore):
    """Counts, fails or hangs as it is told, and knows how often it was asked."""

    def __init__(self) -> None:
        self.mode = "fine"
        self.asked = 0
        self.count = MemoryLimits()

    @override
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        self.asked += 1
        if self.mode == "hangs":
            await asyncio.Event().wait()
        if self.mode == "fails":
            raise Unavailable("it is away")
        return await self.count.take(key, limit, cost)


@given(
    limit=st.integers(1, 40),
    burst=st.integers(1, 40),
    nodes=st.integers(1, 60),
    cost=st.integers(1, 40),
    pauses=st.lists(st.integers(0, 40_000_000), min_size=1, max_size=25),
)
def test_a_share_is_at_most_its_part_of_the_rate(
    limit: int, burst: int, nodes: int, cost: int, pauses: list[int]
) -> None:
    clock = MovedClock()
    whole = Limit(limit, timedelta(seconds=10), burst)
    paid = min(cost, burst)
    share = whole.share(nodes, least=paid if paid > burst // nodes else 1)
    store, admitted = MemoryLimits(clock=clock), 0
    began = clock.us
    for pause in pauses:
        clock.us += pause
        admitted += paid * store.take_now("x", share, paid).allowed
    rate = Fraction(limit, 10 * US * nodes)
    assert admitted <= max(burst // nodes, paid) + rate * (clock.us - began)


async def test_all_processes_keep_to_the_rate_though_each_call_costs_much() -> None:
    clock = MovedClock()
    limit, nodes = Limit(100, timedelta(seconds=100)), 10
    away = Shared()
    away.mode = "fails"
    stores = [
        InsuredLimits(away, nodes=lambda: nodes, local=MemoryLimits(clock=clock))
        for _ in range(nodes)
    ]
    admitted = 0
    for _ in range(30):
        for store in stores:
            admitted += 100 * (await store.take("ada", limit, 100)).allowed
        clock.us += 100 * US
    # One each at first, then one in 1,000 s each: a whole burst per process and the limit's rate.
    assert admitted == nodes * 100 + 2 * nodes * 100
    for store in stores:
        await store.aclose()


async def test_a_share_of_a_long_limit_with_a_large_burst_is_no_error() -> None:
    away = Shared()
    away.mode = "fails"
    async with InsuredLimits(away, nodes=lambda: 2) as store:
        assert (await store.take("ada", Limit(3, timedelta(days=3), 300), 300)).allowed
        assert not (await store.take("ada", Limit(3, timedelta(days=3), 300))).allowed


async def test_a_cost_that_can_never_be_paid_is_an_error_while_it_is_away() -> None:
    away = Shared()
    away.mode = "fails"
    async with InsuredLimits(away) as store:
        for _ in range(2):
            with pytest.raises(ValueError, match="write 1 to 100"):
                await store.take("ada", Limit(), 101)


async def test_asks_nobody_who_is_known_to_be_away_and_comes_back() -> None:
    shared = Shared()
    way = Pipeline("limits", timeout=Timeout(timedelta(milliseconds=20)))
    async with InsuredLimits(shared, way=way) as store, asyncio.timeout(60):
        shared.mode = "hangs"
        await store.take("ada", Limit())
        asked = shared.asked
        for _ in range(50):
            await store.take("ada", Limit())
        assert shared.asked == asked
        assert store.is_local
        shared.mode = "fine"
        while store.is_local:  # noqa: ASYNC110  it tells nobody when it changes
            await asyncio.sleep(0.01)
        await store.take("ada", Limit())
        # The look, and the last call.
        assert shared.asked >= asked + 2


async def test_ends_what_looks_for_it() -> None:
    shared = Shared()
    shared.mode = "hangs"
    before = asyncio.all_tasks()
    async with InsuredLimits(shared, budget=timedelta(milliseconds=10)) as store:
        await store.take("ada", Limit())
    await store.take("ada", Limit())
    assert asyncio.all_tasks() == before
