"""Time-outs and deadlines, and whose fault they are."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.resilience import (
    AttemptTimedOut,
    CircuitBreaker,
    Deadline,
    DeadlineExceeded,
    Pipeline,
    Retry,
    Timeout,
)
from mainhub.resilience.timers import TimerWheel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
SOON = timedelta(milliseconds=30)
LONG = timedelta(hours=1)


async def hang() -> None:
    await asyncio.Event().wait()


def stand_still() -> None:
    """Hold the loop up for longer than an answer may take, as a busy process does."""
    time.sleep(SOON.total_seconds() * 3)


async def test_an_attempt_that_takes_too_long_is_a_failure() -> None:
    pipeline = Pipeline("x", timeout=Timeout(SOON), breaker=CircuitBreaker())
    with pytest.raises(AttemptTimedOut, match=r"x did not answer within 0\.03 s") as caught:
        await pipeline.call(hang)
    assert isinstance(caught.value, TimeoutError)
    assert pipeline.breaker is not None
    assert pipeline.breaker.failed_in_a_row == 1
    assert (pipeline.figures.timeouts, pipeline.figures.failed) == (1, 1)


async def test_an_answer_that_came_while_the_process_was_busy_counts() -> None:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)

    async def ask() -> bytes:
        theirs.send(b"!")
        stand_still()
        return await reader.readexactly(1)

    try:
        assert await Timeout(SOON).call(ask) == b"!"
    finally:
        writer.close()
        theirs.close()


async def test_a_process_that_is_busy_all_the_time_gives_up_all_the_same() -> None:
    over = False

    async def keep_busy() -> None:
        while not over:
            stand_still()
            await asyncio.sleep(0)

    busy = asyncio.create_task(keep_busy())
    try:
        with pytest.raises(AttemptTimedOut):
            await Timeout(SOON).call(hang)
    finally:
        over = True
        await busy


async def test_each_attempt_has_its_own_time() -> None:
    calls = 0

    async def third_time_lucky() -> int:
        nonlocal calls
        calls += 1
        if calls < 3:
            await hang()
        return calls

    retry = Retry(base=timedelta())
    assert await Pipeline("x", timeout=Timeout(SOON), retry=retry).call(third_time_lucky) == 3


async def test_the_callers_deadline_speaks_against_nobody() -> None:
    pipeline = Pipeline("x", timeout=Timeout(LONG), breaker=CircuitBreaker(consecutive=1))
    with pytest.raises(DeadlineExceeded) as caught, Deadline.within(SOON):
        await pipeline.call(hang)
    assert isinstance(caught.value, TimeoutError)
    assert pipeline.breaker is not None
    assert pipeline.breaker.failed_in_a_row == 0
    assert pipeline.figures.rejected["deadline"] == 1


async def test_the_whole_time_taken_by_one_attempt_is_a_failure() -> None:
    pipeline = Pipeline("x", timeout=Timeout(total=SOON), breaker=CircuitBreaker())
    with pytest.raises(DeadlineExceeded) as caught:
        await pipeline.call(hang)
    assert caught.value.blames
    assert pipeline.breaker is not None
    assert pipeline.breaker.failed_in_a_row == 1
    assert (pipeline.figures.failed, pipeline.figures.rejected["deadline"]) == (1, 0)


async def test_a_later_attempt_cut_short_by_the_whole_says_nothing() -> None:
    calls = 0

    async def fails_then_hangs() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            # So much of what there is for the whole that it counts, and so little that a machine
            # that stands still for a moment has the rest left.
            await asyncio.sleep(whole.total_seconds() / 4)
            raise OSError("down")
        await hang()

    whole = timedelta(seconds=2)
    breaker = CircuitBreaker()
    retry = Retry(base=timedelta())
    pipeline = Pipeline("x", timeout=Timeout(total=whole), breaker=breaker, retry=retry)
    with pytest.raises(DeadlineExceeded):
        await pipeline.call(fails_then_hangs)
    assert (calls, breaker.failed_in_a_row) == (2, 1)


async def test_what_is_due_already_is_not_called() -> None:
    async def never() -> None:
        raise AssertionError

    with Deadline.within(timedelta(microseconds=1)):
        await asyncio.sleep(0.01)
        with pytest.raises(DeadlineExceeded):
            await Pipeline("x").call(never)
        with pytest.raises(DeadlineExceeded):
            Deadline.check()


async def test_a_deadline_only_moves_closer() -> None:
    with Deadline.within(SOON), Deadline.within(LONG):
        left = Deadline.remaining()
        assert left is not None
        assert left <= 0.03
    assert Deadline.remaining() is None
    assert Deadline.header() is None


async def test_what_is_called_knows_the_pipelines_own_end() -> None:
    async def ask() -> float | None:
        return Deadline.remaining()

    left = await Pipeline("x", timeout=Timeout(total=LONG)).call(ask)
    assert left is not None
    assert 3500 < left <= 3600
    assert Deadline.remaining() is None


@pytest.mark.parametrize("value", [None, "", "-1", "1.5", "soon", "9999999999"])
def test_a_header_that_says_nothing_is_no_deadline(value: str | None) -> None:
    assert Deadline.parse(value) is None


def test_a_header_is_in_milliseconds() -> None:
    assert Deadline.parse(" 1500 ") == timedelta(seconds=1.5)


async def test_cancelled_from_outside_stays_cancelled() -> None:
    pipeline = Pipeline("x", timeout=Timeout(LONG), breaker=CircuitBreaker(consecutive=1))
    task = asyncio.create_task(pipeline.call(hang))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pipeline.figures.neutral == 1
    assert pipeline.breaker is not None
    assert pipeline.breaker.failed_in_a_row == 0


async def test_a_function_that_swallows_its_time_out_leaves_nothing_behind() -> None:
    async def stubborn() -> str:
        try:
            await hang()
        except asyncio.CancelledError:
            return "anyway"
        return "never"

    assert await Pipeline("x", timeout=Timeout(SOON)).call(stubborn) == "anyway"
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_time_outs_within_each_other_are_told_apart() -> None:
    inner = Pipeline("inner", timeout=Timeout(SOON))
    outer = Pipeline("outer", timeout=Timeout(LONG))

    async def call() -> None:
        await inner.call(hang)

    with pytest.raises(AttemptTimedOut, match="inner"):
        await outer.call(call)
    inner, outer = outer, inner
    with pytest.raises(AttemptTimedOut, match="inner"):
        await outer.call(call)


async def test_works_by_itself() -> None:
    limit = Timeout(SOON, connect=SOON, idle=SOON)
    with pytest.raises(AttemptTimedOut):
        await limit.call(hang)
    with pytest.raises(AttemptTimedOut):
        async with limit.connecting():
            await hang()

    async def drips() -> AsyncIterator[int]:
        yield 1
        yield 2
        await hang()
        yield 3

    reading = limit.reading(drips())
    assert [await anext(reading), await anext(reading)] == [1, 2]
    with pytest.raises(AttemptTimedOut):
        await anext(reading)


@given(st.lists(st.floats(0, 0.05), min_size=1, max_size=8))
def test_rings_never_early_and_everybody(waits: list[float]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        wheel = TimerWheel(loop)

        async def wait(seconds: float) -> None:
            task = asyncio.current_task()
            assert task is not None
            began = time.monotonic()
            alarm = wheel.set(task, seconds)
            with pytest.raises(asyncio.CancelledError):
                await hang()
            assert time.monotonic() - began >= seconds - 1e-6
            assert alarm.put_off()

        await asyncio.gather(*(wait(seconds) for seconds in waits))

    asyncio.run(main())
