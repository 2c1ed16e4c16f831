"""Whatever callers do and whatever is behind it, a pipeline gives back all that it took.

Time is virtual, in steps of 10 ms, so that results, time-outs and cancellations often fall into one
turn of the loop.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.resilience import (
    AttemptTimedOut,
    Bulkhead,
    BulkheadFull,
    CircuitBreaker,
    CircuitOpen,
    Deadline,
    DeadlineExceeded,
    Hedge,
    Pipeline,
    RateLimited,
    Rejected,
    Retry,
    State,
    Throttled,
    Timeout,
)
from resilience.virtual_time import LoopClock, run

if TYPE_CHECKING:
    from mainhub.resilience import Transition

STEP = 0.01
CALLS, AT_ONCE = 3000, 20
ATTEMPT, TOTAL = 0.2, 0.5
LIMIT, QUEUE, PROBES, ATTEMPTS = 4, 6, 2, 3
# So long that a probe which is not given back wedges the breaker for the rest of the test.
LEASE = timedelta(days=10)
ENDS = (CircuitOpen, BulkheadFull, DeadlineExceeded, AttemptTimedOut, RateLimited)


class Broken(Exception):
    """What is behind the pipeline failed."""


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


class Behind:
    """What is called: does anything, and watches who is let in."""

    def __init__(self, chance: random.Random, breaker: CircuitBreaker) -> None:
        self.chance = chance
        self.breaker = breaker
        self.inside = self.most_inside = self.made = 0
        # How bad it is now: 0 all is well, 1 nothing works.
        self.badness = 0.3
        self.wrong: list[str] = []
        self._epoch = 0
        self._probing: Counter[int] = Counter()
        breaker.listen(self._changed)

    async def call(self) -> str:
        state, epoch = self.breaker.state, self._epoch
        if state in {State.OPEN, State.ISOLATED}:
            self.wrong.append(f"called while {state}")
        self.made += 1
        self.inside += 1
        self.most_inside = max(self.inside, self.most_inside)
        if state is State.HALF_OPEN:
            self._probing[epoch] += 1
            if self._probing[epoch] > PROBES:
                self.wrong.append("more probes than allowed")
        try:
            return await self._answer()
        finally:
            self.inside -= 1
            if state is State.HALF_OPEN:
                self._probing[epoch] -= 1

    async def _answer(self) -> str:
        chance = self.chance
        if chance.random() >= self.badness:
            await self._take(chance.choice([0, 1, 1, 3, 10]))
            return "good"
        fault = chance.choice(["fail", "fail", "fail at once", "hang", "throttle", "linger"])
        if fault == "hang":
            await asyncio.get_running_loop().create_future()
        if fault == "linger":
            # Takes its time to end when it is cancelled.
            try:
                await asyncio.sleep(TOTAL)
            finally:
                await asyncio.sleep(chance.choice([0, STEP]))
        if fault == "throttle" and chance.random() < 0.1:
            raise Throttled("slow down", retry_after=chance.choice([0.0, STEP, 0.3]))
        if fault != "fail at once":
            await self._take(chance.choice([0, 1, 5, 20]))
        raise Broken

    async def read(self) -> None:
        """Read an answer that was opened; it keeps its place until then."""
        self.inside += 1
        try:
            await self._take(self.chance.choice([0, 1, 2]))
            if self.chance.random() < self.badness / 4:
                raise Broken
        finally:
            self.inside -= 1

    async def _take(self, steps: int) -> None:
        await asyncio.sleep(steps * STEP)

    def _changed(self, _told: Transition) -> None:
        self._epoch += 1


class Callers:
    """Make calls in all forms, with deadlines or without, and cancel many of them."""

    def __init__(self, pipeline: Pipeline, behind: Behind, chance: random.Random) -> None:
        self.pipeline = pipeline
        self.behind = behind
        self.chance = chance
        self.ends: Counter[str] = Counter()
        self.cancelled = 0
        # Those who went away while they read an answer, which was good as far as it came.
        self.left = 0
        self.forms = [self.by_call, self.by_decorator, self.by_attempt, self.by_stream]

    async def by_call(self) -> None:
        assert await self.pipeline.call(self.behind.call) == "good"

    async def by_decorator(self) -> None:
        assert await self.pipeline(self.behind.call)() == "good"

    async def by_attempt(self) -> None:
        async with self.pipeline.attempt():
            assert await self.behind.call() == "good"

    async def by_stream(self) -> None:
        async with self.pipeline.stream(self.behind.call) as answer:
            assert answer == "good"
            try:
                await self.behind.read()
            except asyncio.CancelledError:
                self.left += 1
                raise

    async def one(self) -> None:
        """Make a call, and see to it that it ends as it may, in time."""
        chance, loop = self.chance, asyncio.get_running_loop()
        limit: AbstractContextManager[object] = nullcontext()
        longest = TOTAL
        if chance.random() < 0.3:
            own = chance.choice([0.0, STEP, 5 * STEP, 0.2, 0.3])
            limit, longest = Deadline.within(max(seconds(own), timedelta.resolution)), own
        began = loop.time()
        end = "good"
        try:
            with limit:
                await chance.choice(self.forms)()
        except (*ENDS, Broken, Throttled) as error:
            end = error.reason if isinstance(error, Rejected) else type(error).__name__
        except asyncio.CancelledError:
            end = "cancelled"
            raise
        finally:
            self.ends[end] += 1
            # A tick of the wheel late, as long as what is behind lingers, and what is read.
            assert loop.time() - began <= longest + 5 * STEP

    async def one_maybe_cancelled(self) -> None:
        chance = self.chance
        task = asyncio.create_task(self.one())
        if chance.random() < 0.7:
            await asyncio.sleep(chance.choice([0, 0, 0, 1, 1, 3, 5, 20, 21]) * STEP)
            for _ in range(chance.choice([0, 0, 1, 2, 3])):
                await asyncio.sleep(0)
            if task.cancel():
                self.cancelled += 1
                with suppress(asyncio.CancelledError):
                    await task
                assert task.cancelled(), "a cancelled call ends as cancelled"
                return
        await task

    async def several(self, count: int) -> None:
        """Make *count* calls, one after the other."""
        for _ in range(count):
            await self.one_maybe_cancelled()
            # Whoever is refused comes back later; who is not, soon.
            if self.chance.random() < (0.1 if self.behind.breaker.state is State.CLOSED else 0.9):
                await asyncio.sleep(self.chance.choice([1, 10, 100]) * STEP)

    async def moods(self) -> None:
        """Let what is behind become better and worse, and an operator press buttons."""
        while True:
            await asyncio.sleep(self.chance.choice([0.2, 1.0, 2.0]))
            self.behind.badness = self.chance.choice([0.0, 0.2, 0.5, 0.8, 1.0])
            if self.chance.random() < 0.1:
                breaker = self.behind.breaker
                self.chance.choice([breaker.isolate, breaker.close, breaker.disable])()
                try:
                    await asyncio.sleep(0.2)
                finally:
                    breaker.close()


def build(chance: random.Random, hedge: Hedge | None = None) -> Pipeline:
    """Return a pipeline of all parts."""
    breaker = CircuitBreaker(
        consecutive=4,
        min_calls=10,
        window=seconds(2),
        slow_rate=0.9,
        slow_after=seconds(0.15),
        open_for=seconds(0.5),
        open_max=seconds(2),
        probes=PROBES,
        probe_lease=LEASE,
        clock=LoopClock(),
        random=chance.random,
    )
    return Pipeline(
        "orders",
        breaker=breaker,
        retry=Retry(ATTEMPTS, base=seconds(2 * STEP), random=chance.random),
        timeout=Timeout(seconds(ATTEMPT), total=seconds(TOTAL)),
        bulkhead=Bulkhead(LIMIT, queue=QUEUE),
        hedge=hedge,
    )


async def exercise(seed: int, hedge: Hedge | None = None) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    pipeline = build(chance, hedge)
    assert pipeline.breaker is not None
    behind = Behind(chance, pipeline.breaker)
    callers = Callers(pipeline, behind, chance)
    changes: list[Transition] = []
    pipeline.breaker.listen(changes.append)
    moods = asyncio.create_task(callers.moods())
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(callers.several(CALLS // AT_ONCE))
    moods.cancel()
    with suppress(asyncio.CancelledError):
        await moods
    assert not behind.wrong
    nothing_is_kept(pipeline, behind)
    counts_what_callers_saw(pipeline, callers)
    assert behind.most_inside <= LIMIT * (1 if hedge is None else 2)
    # It has been something to see.
    assert callers.cancelled > CALLS / 10
    assert len(changes) > 5
    await heals(pipeline, behind)


def nothing_is_kept(pipeline: Pipeline, behind: Behind) -> None:
    """Check that nobody holds a place or a task."""
    assert pipeline.bulkhead is not None
    assert (pipeline.bulkhead.taken, len(pipeline.bulkhead.waiting)) == (0, 0)
    assert pipeline.figures.in_flight == 0
    assert behind.inside == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert Deadline.remaining() is None


def counts_what_callers_saw(pipeline: Pipeline, callers: Callers) -> None:
    """Compare the pipeline's figures with what was counted outside of it."""
    figures, ends = pipeline.figures, callers.ends
    assert figures.calls == ends.total()
    assert figures.ok == ends["good"]
    for reason in ("circuit_open", "bulkhead_full", "deadline", "rate_limited"):
        assert figures.rejected[reason] == ends[reason], reason
    assert figures.failed == ends["Broken"] + ends["AttemptTimedOut"]
    assert figures.neutral == ends["cancelled"] + ends["Throttled"]


async def heals(pipeline: Pipeline, behind: Behind) -> None:
    """Check that all places of probes were given back: with as many calls at once, it closes."""
    behind.badness = 0.0
    await asyncio.sleep(10.0)
    for _ in range(2):
        await asyncio.gather(*(pipeline.call(behind.call) for _ in range(PROBES)))
    assert pipeline.breaker is not None
    assert pipeline.breaker.state is State.CLOSED


@pytest.mark.parametrize("seed", range(8))
def test_gives_everything_back_whatever_happens(seed: int) -> None:
    run(exercise(seed))


@pytest.mark.parametrize("seed", range(2))
def test_gives_everything_back_when_it_asks_twice(seed: int) -> None:
    run(exercise(seed, Hedge(seconds(3 * STEP))))


@pytest.mark.parametrize("seed", range(2))
def test_cancellations_say_nothing_and_take_nothing(seed: int) -> None:
    run(cancel_many(seed, count=5000))


async def cancel_many(seed: int, *, count: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    pipeline = build(chance)
    assert pipeline.breaker is not None
    assert pipeline.bulkhead is not None
    changes: list[Transition] = []
    pipeline.breaker.listen(changes.append)
    for _ in range(count // 10):
        tasks = [asyncio.create_task(pipeline.call(hang)) for _ in range(10)]
        for _ in range(chance.randint(1, 3)):
            await asyncio.sleep(0)
        for task in chance.sample(tasks, len(tasks)):
            task.cancel()
            if chance.random() < 0.3:
                await asyncio.sleep(0)
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        # Four have a place and six wait for one.
        assert {type(end) for end in ended} == {asyncio.CancelledError}
        assert (pipeline.bulkhead.taken, len(pipeline.bulkhead.waiting)) == (0, 0)
    assert pipeline.figures.neutral == pipeline.figures.calls == count
    assert pipeline.breaker.window.calls == 0
    assert not changes


async def hang() -> None:
    await asyncio.get_running_loop().create_future()
