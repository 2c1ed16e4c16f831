"""What every count of limits keeps to, whoever keeps it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.resilience import Limit, RateLimiter

if TYPE_CHECKING:
    from mainhub.resilience import LimitStore

# So slow that nothing comes back while a test runs.
SLOW = Limit(10, timedelta(days=1))


@pytest.mark.anyio
class LimitContract:
    """Inherit it, and give it a ``store``."""

    async def test_a_hundred_at_once_pass_and_the_next_is_refused(self, store: LimitStore) -> None:
        limiter = RateLimiter(store=store)
        answers = await asyncio.gather(*(limiter.check("ada") for _ in range(101)))
        assert [answer.allowed for answer in answers].count(True) == 100
        refused = next(answer for answer in answers if not answer.allowed)
        assert 0 < refused.retry_after <= 0.6
        assert 59 < refused.reset <= 60
        assert refused.remaining == 0

    async def test_tells_what_remains(self, store: LimitStore) -> None:
        left = [(await store.take("ada", SLOW)).remaining for _ in range(10)]
        assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]

    async def test_keys_do_not_know_each_other(self, store: LimitStore) -> None:
        for _ in range(10):
            await store.take("ada", SLOW)
        assert not (await store.take("ada", SLOW)).allowed
        assert (await store.take("grace", SLOW)).allowed

    async def test_places_come_back_one_by_one(self, store: LimitStore) -> None:
        quick = Limit(20, timedelta(seconds=1), burst=2)
        admitted = [await store.take("ada", quick) for _ in range(3)]
        assert [one.allowed for one in admitted] == [True, True, False]
        wait = admitted[-1].retry_after
        assert 0 < wait <= 0.05
        await asyncio.sleep(wait + 0.002)
        assert (await store.take("ada", quick)).allowed

    async def test_a_burst_is_its_own_number(self, store: LimitStore) -> None:
        limit = Limit(100, timedelta(days=1), burst=3)
        answers = [(await store.take("ada", limit)).allowed for _ in range(5)]
        assert answers == [True, True, True, False, False]

    async def test_a_refusal_takes_nothing(self, store: LimitStore) -> None:
        await store.take("ada", SLOW, 8)
        assert not (await store.take("ada", SLOW, 3)).allowed
        assert (await store.take("ada", SLOW, 2)).allowed

    @pytest.mark.parametrize("cost", [0, -1, 11])
    async def test_a_cost_that_can_never_be_paid_is_an_error(
        self, store: LimitStore, cost: int
    ) -> None:
        with pytest.raises(ValueError, match="write 1 to 10"):
            await store.take("ada", SLOW, cost)

    async def test_blocks_only_when_asked_and_for_as_long(self, store: LimitStore) -> None:
        blocking = Limit(20, timedelta(seconds=1), burst=1, block_for=timedelta(days=1))
        assert (await store.take("ada", blocking)).allowed
        first = await store.take("ada", blocking)
        assert not first.allowed
        assert first.retry_after == pytest.approx(86400, abs=1)
        await asyncio.sleep(0.06)
        # Without the block a place would have come back by now.
        again = await store.take("ada", blocking)
        assert not again.allowed
        assert again.retry_after < first.retry_after

    async def test_after_a_block_there_is_no_more_than_without_it(self, store: LimitStore) -> None:
        brief = Limit(10, timedelta(days=1), block_for=timedelta(milliseconds=30))
        for _ in range(10):
            await store.take("ada", brief)
        refused = await store.take("ada", brief)
        await asyncio.sleep(0.05)
        assert not refused.allowed
        assert not (await store.take("ada", brief)).allowed

    async def test_one_who_stops_waiting_takes_nobody_along(self, store: LimitStore) -> None:
        asked = [asyncio.create_task(store.take("ada", SLOW)) for _ in range(5)]
        await asyncio.sleep(0)
        asked[2].cancel()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        told = [one.allowed for one in answers if not isinstance(one, BaseException)]
        assert len(told) >= 4
        assert all(told)
