"""What falls into one moment, and what was once found to go wrong there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from mainhub.resilience import (
    AttemptTimedOut,
    Budget,
    Bulkhead,
    CircuitBreaker,
    CircuitOpen,
    DeadlineExceeded,
    Hedge,
    Pipeline,
    RateLimited,
    Throttled,
    Timeout,
)
from resilience.virtual_time import LoopClock, run


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_who_waits_may_be_cancelled_in_the_turn_in_which_a_place_is_given_back() -> None:
    async def main() -> None:
        bulkhead = Bulkhead(1, queue=2)
        await bulkhead.enter()
        first, second = (asyncio.create_task(bulkhead.enter()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        bulkhead.leave()
        await asyncio.wait([first, second])
        assert first.cancelled()
        assert second.exception() is None
        bulkhead.leave()
        assert (bulkhead.taken, len(bulkhead.waiting)) == (0, 0)

    run(main())


@pytest.mark.parametrize("hedge", [None, Hedge(seconds(0.01))])
@pytest.mark.parametrize(
    ("attempt", "total"), [(0.03, None), (0.03, 0.03), (0.03, 0.3), (None, 0.03)]
)
def test_what_hangs_opens_the_circuit_however_its_time_is_limited(
    attempt: float | None, total: float | None, hedge: Hedge | None
) -> None:
    async def main() -> None:
        timeout = Timeout(
            None if attempt is None else seconds(attempt),
            total=None if total is None else seconds(total),
        )
        if hedge is not None and total is not None and attempt in (None, total):
            # Nobody could tell who is slow there.
            with pytest.raises(ValueError, match=r"write Timeout\(attempt, total=...\)"):
                Pipeline("orders", timeout=timeout, hedge=hedge)
            return
        pipeline = Pipeline("orders", breaker=CircuitBreaker(), timeout=timeout, hedge=hedge)
        for _ in range(5):
            with pytest.raises((AttemptTimedOut, DeadlineExceeded, CircuitOpen)):
                await pipeline.call(hang)
        with pytest.raises(CircuitOpen):
            await pipeline.call(hang)
        # A hedge fails twice for one call.
        assert pipeline.figures.failed >= (5 if hedge is None else 3)

    # In real time, where a moment always passes between two looks at the clock.
    asyncio.run(main())


def test_an_answer_comes_late_where_asking_twice_is_too_dear() -> None:
    async def main() -> None:
        async def late() -> str:
            await asyncio.sleep(1.0)
            return "good"

        hedge = Hedge(seconds(0.1), budget=Budget(0.1, floor=0.0, burst=1, clock=LoopClock()))
        pipeline = Pipeline("orders", hedge=hedge)
        for _ in range(5):
            assert await pipeline.call(late) == "good"
        assert pipeline.figures.hedges == 1
        assert pipeline.figures.rejected["budget_exhausted"] == 4

    run(main())


def test_counts_attempts_that_took_too_long_when_it_asks_twice_too() -> None:
    async def main() -> None:
        timeout = Timeout(seconds(0.2))
        pipeline = Pipeline("orders", timeout=timeout, hedge=Hedge(seconds(0.1)))
        with pytest.raises(AttemptTimedOut):
            await pipeline.call(hang)
        assert pipeline.figures.timeouts == 2

    run(main())


def test_who_waits_for_a_place_is_held_back_by_a_pause() -> None:
    async def main() -> None:
        made = 0

        async def limited() -> None:
            nonlocal made
            made += 1
            await asyncio.sleep(0.1)
            raise Throttled("slow down", retry_after=5.0)

        bulkhead = Bulkhead(2, queue=10)
        pipeline = Pipeline("orders", bulkhead=bulkhead)
        calls = [pipeline.call(limited) for _ in range(6)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert made == 2
        assert [type(end) for end in ended] == [Throttled] * 2 + [RateLimited] * 4
        assert (bulkhead.taken, len(bulkhead.waiting)) == (0, 0)

    run(main())


async def hang() -> None:
    await asyncio.get_running_loop().create_future()
