"""The parts together: bulkhead, hedge, fallback, pauses, streams, and what is counted."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from mainhub.resilience import (
    BadResult,
    Bulkhead,
    BulkheadFull,
    Cause,
    CircuitBreaker,
    CircuitOpen,
    Deadline,
    DeadlineExceeded,
    Hedge,
    Pipeline,
    Pipelines,
    RateLimited,
    Retry,
    State,
    Throttled,
    Timeout,
    Transition,
)
from resilience.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
SOON = timedelta(milliseconds=20)


async def fails() -> None:
    raise OSError("down")


async def _fails() -> str:
    raise OSError("down")


async def works() -> str:
    return "fine"


class TestBulkhead:
    async def test_bounds_what_is_under_way_and_what_waits(self) -> None:
        pipeline = Pipeline("x", bulkhead=Bulkhead(2, queue=3))
        gate = asyncio.Event()
        most = now = 0

        async def work() -> int:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await gate.wait()
            now -= 1
            return now

        tasks = [asyncio.create_task(pipeline.call(work)) for _ in range(8)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [one for one in answers if isinstance(one, BulkheadFull)]
        assert (most, len(refused)) == (2, 3)
        assert pipeline.figures.rejected["bulkhead_full"] == 3
        assert refused[0].retry_after == 1.0
        assert pipeline.bulkhead is not None
        assert (pipeline.bulkhead.taken, len(pipeline.bulkhead.waiting)) == (0, 0)

    async def test_serves_in_the_order_of_coming(self) -> None:
        bulkhead, served = Bulkhead(1, queue=5), []

        async def work(number: int) -> None:
            async with bulkhead:
                served.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(work(number) for number in range(6)))
        assert served == [0, 1, 2, 3, 4, 5]

    async def test_waits_no_longer_than_there_is_time(self) -> None:
        pipeline = Pipeline("x", bulkhead=Bulkhead(1, queue=1), timeout=Timeout(total=SOON))
        async with pipeline.bulkhead or Bulkhead(1):
            with pytest.raises(DeadlineExceeded):
                await pipeline.call(works)
        assert pipeline.figures.rejected["deadline"] == 1
        assert await pipeline.call(works) == "fine"


class TestHedge:
    async def test_the_first_good_answer_counts(self) -> None:
        asked, cancelled = 0, asyncio.Event()

        async def ask() -> int:
            nonlocal asked
            asked += 1
            mine = asked
            try:
                await asyncio.sleep(3600 if mine == 1 else 0)
            except asyncio.CancelledError:
                cancelled.set()
                raise
            return mine

        pipeline = Pipeline("x", hedge=Hedge(SOON), breaker=CircuitBreaker(consecutive=1))
        assert await pipeline.call(ask) == 2
        assert cancelled.is_set()
        assert pipeline.figures.hedges == 1
        assert pipeline.breaker is not None
        assert pipeline.breaker.state is State.CLOSED, "a loser that was cancelled says nothing"

    async def test_is_within_a_budget(self) -> None:
        pipeline = Pipeline("x", hedge=Hedge(timedelta(milliseconds=1)))

        async def slow() -> None:
            await asyncio.sleep(0.03)

        await asyncio.gather(*(pipeline.call(slow) for _ in range(40)))
        assert 0 < pipeline.figures.hedges <= 16
        assert pipeline.figures.rejected["budget_exhausted"] >= 24

    async def test_all_failing_tells_the_first_failure(self) -> None:
        pipeline = Pipeline("x", hedge=Hedge(SOON), retry=Retry(2, base=timedelta()))
        with pytest.raises(OSError, match="down"):
            await pipeline.call(fails)
        assert pipeline.figures.retries == 1

    async def test_cancelling_cancels_all(self) -> None:
        started = 0

        async def hang() -> None:
            nonlocal started
            started += 1
            await asyncio.sleep(3600)

        before = asyncio.all_tasks()
        pipeline = Pipeline("x", hedge=Hedge(timedelta(milliseconds=1)))
        task = asyncio.create_task(pipeline.call(hang))
        while started < 2:  # noqa: ASYNC110 - until both are asked
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == before


class TestFallback:
    async def test_gets_the_cause(self) -> None:
        async def instead(cause: Exception) -> str:
            await asyncio.sleep(0)
            return f"instead of {cause}"

        pipeline = Pipeline("x", breaker=CircuitBreaker(consecutive=1), fallback=instead)
        assert await pipeline.call(_fails) == "instead of down"
        assert "x failed lately" in await pipeline.call(_fails)
        assert pipeline.figures.fallbacks == 2

    async def test_may_raise(self) -> None:
        def refuse(cause: Exception) -> None:
            raise LookupError("nothing kept") from cause

        pipeline = Pipeline("x", fallback=refuse)
        with pytest.raises(LookupError) as caught:
            await pipeline.call(_fails)
        assert isinstance(caught.value.__cause__, OSError)

    async def test_never_answers_for_who_was_cancelled(self) -> None:
        pipeline = Pipeline("x", fallback=lambda _: "instead")
        task = asyncio.create_task(pipeline.call(asyncio.sleep, 3600))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_answers_for_a_result_that_is_not_good(self) -> None:
        breaker = CircuitBreaker(failed_result=lambda answer: answer == "fine")
        pipeline = Pipeline("x", breaker=breaker, fallback=lambda cause: cause)
        cause: object = await pipeline.call(works)
        assert isinstance(cause, BadResult)
        assert cause.result == "fine"
        assert breaker.failed_in_a_row == 1


class TestPause:
    async def test_nobody_calls_until_it_is_over(self) -> None:
        async def busy() -> None:
            raise Throttled("429", retry_after=0.05)

        breaker = CircuitBreaker(consecutive=1)
        pipeline = Pipeline("x", breaker=breaker)
        with pytest.raises(Throttled):
            await pipeline.call(busy)
        with pytest.raises(RateLimited) as caught:
            await pipeline.call(works)
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after <= 0.05
        assert breaker.state is State.CLOSED
        assert pipeline.figures.rejected["rate_limited"] == 1
        await asyncio.sleep(0.06)
        assert await pipeline.call(works) == "fine"

    async def test_is_bounded_whatever_is_asked_for(self) -> None:
        pipeline = Pipeline("x")
        pipeline.pause(10**9)
        assert pipeline.paused_for is not None
        assert pipeline.paused_for <= 600

    async def test_a_shorter_one_does_not_end_a_longer_one(self) -> None:
        pipeline = Pipeline("x")
        pipeline.pause(100)
        pipeline.pause(1)
        assert (pipeline.paused_for or 0) > 50


class TestStream:
    async def test_keeps_its_place_until_it_was_read(self) -> None:
        pipeline = Pipeline("x", bulkhead=Bulkhead(1), breaker=CircuitBreaker())
        async with pipeline.stream(works) as answer:
            assert answer == "fine"
            with pytest.raises(BulkheadFull):
                await pipeline.call(works)
        assert await pipeline.call(works) == "fine"

    async def test_breaking_off_is_a_failure(self) -> None:
        breaker = CircuitBreaker()
        pipeline = Pipeline("x", breaker=breaker)
        for expected in range(1, 5):
            with pytest.raises(ConnectionError):
                await self._broken(pipeline)
            assert breaker.failed_in_a_row == expected
        assert (pipeline.figures.ok, pipeline.figures.failed) == (0, 4)

    @staticmethod
    async def _broken(pipeline: Pipeline) -> None:
        async with pipeline.stream(works):
            raise ConnectionError("reset")

    async def test_leaving_says_nothing(self) -> None:
        breaker = CircuitBreaker(consecutive=1)
        pipeline = Pipeline("x", breaker=breaker, bulkhead=Bulkhead(1))

        async def read() -> None:
            async with pipeline.stream(works):
                await asyncio.sleep(3600)

        task = asyncio.create_task(read())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert breaker.state is State.CLOSED
        assert pipeline.bulkhead is not None
        assert pipeline.bulkhead.taken == 0

    async def test_what_cannot_be_opened_leaves_nothing_behind(self) -> None:
        pipeline = Pipeline(
            "x", bulkhead=Bulkhead(1), retry=Retry(base=timedelta()), breaker=CircuitBreaker()
        )
        with pytest.raises(OSError, match="down"):
            async with pipeline.stream(fails):
                raise AssertionError
        assert pipeline.bulkhead is not None
        assert pipeline.bulkhead.taken == 0
        assert pipeline.figures.retries == 2


async def test_a_block_is_guarded_as_a_function_is() -> None:
    pipeline = Pipeline(
        "x", breaker=CircuitBreaker(consecutive=2), timeout=Timeout(SOON), bulkhead=Bulkhead(1)
    )
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with pipeline.attempt():
                await asyncio.sleep(3600)
    with pytest.raises(CircuitOpen):
        async with pipeline.attempt():
            raise AssertionError
    figures = pipeline.figures
    assert (figures.calls, figures.failed, figures.rejected["circuit_open"]) == (3, 2, 1)
    assert (figures.in_flight, pipeline.bulkhead and pipeline.bulkhead.taken) == (0, 0)


async def test_a_block_that_must_not_be_interrupted_is_not() -> None:
    pipeline = Pipeline("x", timeout=Timeout(timedelta(milliseconds=1)))
    async with pipeline.attempt(interrupt=False):
        await asyncio.sleep(0.03)
    assert pipeline.figures.ok == 1


async def test_the_same_way_without_a_second_attempt() -> None:
    calls = 0

    async def post() -> None:
        nonlocal calls
        calls += 1
        raise OSError("may have been processed")

    pipeline = Pipeline("x", retry=Retry(base=timedelta()), hedge=Hedge(SOON))
    with pytest.raises(OSError, match="may have been"):
        await pipeline.once.call(post)
    assert (calls, pipeline.figures.calls) == (1, 1)


async def test_a_hundred_at_once_are_bounded_by_places_not_by_the_breaker() -> None:
    reached = 0

    async def dead() -> None:
        nonlocal reached
        reached += 1
        await asyncio.sleep(0.001)
        raise OSError("down")

    pipeline = Pipeline("x", breaker=CircuitBreaker(), bulkhead=Bulkhead(10, queue=90))
    told: list[Transition] = []
    assert pipeline.breaker is not None
    pipeline.breaker.listen(told.append)
    await asyncio.gather(*(pipeline.call(dead) for _ in range(100)), return_exceptions=True)
    assert reached <= 20
    assert [one.cause for one in told] == [Cause.CONSECUTIVE_FAILURES]
    assert pipeline.figures.in_flight == 0


async def test_names_tell_what_happened_in_each_interval() -> None:
    clock = MovedClock()
    known = Pipelines(clock=clock)
    pipeline = known.add(Pipeline("erp", breaker=CircuitBreaker(consecutive=1)), kind="service")
    await pipeline.call(works)
    known.look()
    clock.move(timedelta(seconds=5))
    for _ in range(3):
        with pytest.raises((OSError, CircuitOpen)):
            await pipeline.call(fails)
    known.look()
    entry = known.get("erp")
    first, second = entry.moments
    assert (first.calls, first.failures, first.rejected, first.state) == (1, 0, 0, State.CLOSED)
    assert (second.calls, second.failures, second.rejected) == (3, 1, 2)
    assert second.state is State.OPEN
    assert entry.changes[0].transition.cause is Cause.CONSECUTIVE_FAILURES
    assert entry.since == entry.changes[0].at == clock.now()
    for _ in range(500):
        known.look()
    assert len(entry.moments) == 120


async def test_a_deadline_below_another_pipeline_is_that_ones() -> None:
    inner = Pipeline("inner")

    async def call() -> None:
        await inner.call(asyncio.sleep, 3600)

    outer = Pipeline("outer", timeout=Timeout(total=SOON))
    with pytest.raises(DeadlineExceeded):
        await outer.call(call)
    assert outer.figures.in_flight == inner.figures.in_flight == 0
    assert Deadline.remaining() is None
