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
    Deadline,
    DeadlineExceeded,
    Hedge,
    Outcome,
    Pipeline,
    RateLimited,
    Retry,
    State,
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


async def nothing() -> None:
    return None


def test_a_generous_caller_does_not_keep_the_circuit_closed() -> None:
    async def main() -> None:
        pipeline = Pipeline("orders", breaker=CircuitBreaker(), timeout=Timeout(total=seconds(0.2)))
        with Deadline.within(seconds(3600)):
            for _ in range(5):
                with pytest.raises(DeadlineExceeded):
                    await pipeline.call(hang)
            with pytest.raises(CircuitOpen):
                await pipeline.call(hang)

    run(main())


def test_waiting_for_a_place_speaks_against_nobody() -> None:
    async def main() -> None:
        breaker = CircuitBreaker()
        timeout, places = Timeout(total=seconds(0.5)), Bulkhead(5, queue=20)
        pipeline = Pipeline("orders", breaker=breaker, timeout=timeout, bulkhead=places)
        calls = [asyncio.create_task(pipeline.call(asyncio.sleep, 0.3)) for _ in range(10)]
        await asyncio.wait(calls)
        assert sum(call.exception() is None for call in calls) == 5
        assert breaker.state is State.CLOSED
        assert breaker.failed_in_a_row == 0

    run(main())


def test_the_kits_own_word_is_nobodys_failure_whatever_counts_as_one() -> None:
    async def main() -> None:
        breaker = CircuitBreaker(consecutive=1, failures=(OSError, TimeoutError))
        pipeline = Pipeline("orders", breaker=breaker)
        with Deadline.within(seconds(0.05)), pytest.raises(DeadlineExceeded):
            await pipeline.call(hang)
        assert breaker.state is State.CLOSED

    run(main())


def test_a_predicate_that_fails_takes_nothing_with_it() -> None:
    async def fails() -> None:
        raise OSError("the cause")

    def broken(error: Exception) -> bool:
        raise KeyError(str(error))

    async def main() -> None:
        pipeline = Pipeline("orders", breaker=CircuitBreaker(failures=broken))
        with pytest.raises(OSError, match="the cause"):
            await pipeline.call(fails)
        assert (pipeline.figures.in_flight, pipeline.figures.failed) == (0, 1)

    run(main())


def test_a_probe_keeps_its_place_for_as_long_as_a_call_may_take() -> None:
    breaker = CircuitBreaker(probe_lease=seconds(1))
    Pipeline("orders", breaker=breaker, timeout=Timeout(seconds(60)))
    assert breaker.probe_lease == 61


def test_an_attempt_after_a_listener_that_took_all_the_time_is_not_made() -> None:
    calls = 0

    async def fails() -> None:
        nonlocal calls
        calls += 1
        raise OSError("down")

    async def dawdles(_: object) -> None:
        await asyncio.sleep(5)

    async def main() -> None:
        retry = Retry(base=timedelta(), on_retry=dawdles)
        pipeline = Pipeline("orders", retry=retry, timeout=Timeout(total=seconds(1)))
        with pytest.raises(OSError, match="down"):
            await pipeline.call(fails)
        assert calls == 1

    run(main())


def test_one_who_never_retries_leaves_it_to_others() -> None:
    calls = 0

    async def fails() -> None:
        nonlocal calls
        calls += 1
        raise OSError("down")

    async def main() -> None:
        inner = Pipeline("inner", retry=Retry(base=timedelta()))
        with pytest.raises(OSError, match="down"):
            await Pipeline("outer", retry=Retry(1)).call(inner.call, fails)
        assert calls == 3

    run(main())


def test_what_others_asked_of_an_inner_way_pauses_that_one_alone() -> None:
    async def busy() -> None:
        raise Throttled("429", retry_after=30)

    async def main() -> None:
        inner, outer = Pipeline("inner"), Pipeline("outer")
        with pytest.raises(Throttled):
            await outer.call(inner.call, busy)
        assert (inner.paused_for is None, outer.paused_for) == (False, None)
        inner.resume()
        await inner.call(nothing)

    run(main())


def test_listeners_hear_of_transitions_in_their_order_whoever_causes_them() -> None:
    breaker = CircuitBreaker(consecutive=1)
    heard: list[State] = []
    breaker.listen(lambda told: breaker.close() if told.after is State.OPEN else None)
    breaker.listen(lambda told: heard.append(told.after))
    breaker.leave(breaker.enter(), Outcome.FAIL)
    assert heard == [State.OPEN, State.CLOSED]


def test_time_outs_that_never_ring_leave_nothing_behind() -> None:
    async def main() -> None:
        pipeline = Pipeline("orders", timeout=Timeout(seconds(3600)))
        for _ in range(200):
            await pipeline.call(asyncio.sleep, 0.02)
        wheel = pipeline.wheels.current
        assert wheel is not None
        assert wheel._buckets == {}

    run(main())


def test_a_stream_that_a_fallback_answered_is_one_failure() -> None:
    async def fails() -> str:
        raise OSError("down")

    async def main() -> None:
        pipeline = Pipeline("orders", breaker=CircuitBreaker(), fallback=lambda _: "instead")
        with pytest.raises(KeyError, match="instead"):
            async with pipeline.stream(fails) as answer:
                raise KeyError(answer)
        figures = pipeline.figures
        assert (figures.ok, figures.failed, figures.in_flight) == (0, 1, 0)

    run(main())
