"""Trying again: when, how often, and when not."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.errors import Invalid
from mainhub.resilience import (
    Budget,
    CircuitBreaker,
    Deadline,
    Pipeline,
    Retry,
    Retrying,
    State,
    Throttled,
    attempt_header,
    attempt_number,
    attempting,
    is_idempotent,
    parse_attempt,
    parse_retry_after,
)
from resilience.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.anyio
AT_ONCE = timedelta()


class Flaky:
    """Fails so many times, then returns how often it was called."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures = failures
        self.error = error or OSError("down")
        self.calls = 0
        self.seen: list[int | None] = []

    async def __call__(self) -> int:
        self.calls += 1
        self.seen.append(attempt_number())
        if self.calls <= self.failures:
            raise self.error
        return self.calls


def quick(attempts: int = 3, **parts: Any) -> Retry:
    return Retry(attempts, base=AT_ONCE, **parts)


async def test_three_attempts_unless_told_otherwise() -> None:
    mended, hopeless = Flaky(2), Flaky(99)
    pipeline = Pipeline("x", retry=quick())
    assert await pipeline.call(mended) == 3
    with pytest.raises(OSError, match="down"):
        await pipeline.call(hopeless)
    assert hopeless.calls == 3
    assert pipeline.figures.retries == 4


async def test_works_by_itself_the_same() -> None:
    mended, hopeless = Flaky(2), Flaky(99)
    assert await quick().call(mended) == 3
    with pytest.raises(OSError, match="down"):
        await quick().call(hopeless)
    assert (mended.seen, hopeless.calls) == ([0, 1, 2], 3)
    assert attempt_number() is None


def test_pauses_grow_up_to_the_cap() -> None:
    retry = Retry(jitter="none")
    assert [retry.delay(number) for number in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert retry.delay(100) == 30


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 50))
def test_full_jitter_takes_any_part_of_it(chance: float, number: int) -> None:
    longest = Retry(jitter="none").delay(number)
    assert Retry(random=lambda: chance).delay(number) == pytest.approx(longest * chance)


async def test_tells_before_each_pause() -> None:
    told: list[Retrying] = []
    await Pipeline("x", retry=quick(on_retry=told.append)).call(Flaky(2))
    assert [(one.number, one.delay, str(one.error)) for one in told] == [
        (1, 0.0, "down"),
        (2, 0.0, "down"),
    ]


async def test_a_listener_may_be_asynchronous_and_may_fail() -> None:
    told: list[int] = []

    async def listen(what: Retrying) -> None:
        await asyncio.sleep(0)
        told.append(what.number)
        raise RuntimeError("of no concern")

    assert await Pipeline("x", retry=quick(on_retry=listen)).call(Flaky(2)) == 3
    assert told == [1, 2]


@pytest.mark.parametrize(
    "error", [ValueError("other"), Invalid("the caller's fault")], ids=["not named", "family"]
)
async def test_what_is_not_worth_it_is_not_tried_again(error: Exception) -> None:
    retry = quick(on=OSError) if isinstance(error, ValueError) else quick()
    flaky = Flaky(99, error)
    with pytest.raises(type(error)):
        await Pipeline("x", retry=retry).call(flaky)
    assert flaky.calls == 1


async def test_a_result_that_is_not_good_enough_is_asked_for_again_and_returned_at_last() -> None:
    answers = iter([503, 503, 200, 503, 503, 503])

    async def ask() -> int:
        return next(answers)

    pipeline = Pipeline("x", retry=quick(on_result=lambda status: status >= 500))
    assert await pipeline.call(ask) == 200
    assert await pipeline.call(ask) == 503
    assert pipeline.figures.retries == 4


async def test_honours_retry_after() -> None:
    waits: list[float] = []
    retry = quick(2, on_retry=lambda what: waits.append(what.delay))
    flaky = Flaky(1, Throttled("429", retry_after=0.05))
    assert await Pipeline("x", retry=retry).call(flaky) == 2
    assert waits == [0.05]


async def test_does_not_wait_for_longer_than_told() -> None:
    flaky = Flaky(99, Throttled("429", retry_after=3600))
    with pytest.raises(Throttled):
        await Pipeline("x", retry=quick()).call(flaky)
    assert flaky.calls == 1


async def test_never_past_the_deadline() -> None:
    flaky = Flaky(99)
    slow = Retry(base=timedelta(hours=1), cap=timedelta(hours=1), jitter="none")
    with pytest.raises(OSError, match="down"), Deadline.within(timedelta(seconds=30)):
        await Pipeline("x", retry=slow).call(flaky)
    assert flaky.calls == 1


async def test_never_while_the_circuit_is_open() -> None:
    flaky = Flaky(99)
    pipeline = Pipeline("x", retry=quick(), breaker=CircuitBreaker(consecutive=2))
    with pytest.raises(OSError, match="down"):
        await pipeline.call(flaky)
    assert flaky.calls == 2
    assert pipeline.breaker is not None
    assert pipeline.breaker.state is State.OPEN


async def test_a_circuit_that_opens_during_the_pause_lets_no_retry_through() -> None:
    flaky = Flaky(99)
    breaker = CircuitBreaker()
    pipeline = Pipeline("x", retry=quick(on_retry=lambda _: breaker.isolate()), breaker=breaker)
    with pytest.raises(OSError, match="down"):
        await pipeline.call(flaky)
    assert flaky.calls == 1


async def test_only_the_outermost_layer_retries() -> None:
    flaky = Flaky(99)
    layers: Callable[[], Awaitable[int]] = flaky
    for name in ("database", "room", "gateway"):
        layers = Pipeline(name, retry=quick(budget=None))(_calling(layers))
    with pytest.raises(OSError, match="down"):
        await layers()
    assert flaky.calls == 3, "and not 27"
    assert flaky.seen == [0, 1, 2]


def _calling(inner: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    async def call() -> int:
        return await inner()

    return call


async def test_not_when_the_caller_said_that_it_retries() -> None:
    flaky = Flaky(99)
    with attempting(parse_attempt("1")):
        assert attempt_header() == ("X-MainHub-Attempt", "1")
        with pytest.raises(OSError, match="down"):
            await Pipeline("x", retry=quick()).call(flaky)
    assert flaky.calls == 1
    assert attempt_header() is None


@pytest.mark.parametrize("value", [None, "", "-1", "one", "1.5", "99999", "\uff11"])
def test_a_number_that_is_none_says_nothing(value: str | None) -> None:
    assert parse_attempt(value) is None


async def test_a_budget_keeps_the_load_near_what_it_was() -> None:
    clock = MovedClock()
    pipeline = Pipeline("x", retry=quick(budget=Budget(clock=clock)))
    hopeless = Flaky(10**9)
    for _ in range(2000):
        with pytest.raises(OSError, match="down"):
            await pipeline.call(hopeless)
    assert hopeless.calls / 2000 <= 1.25
    assert pipeline.figures.rejected["budget_exhausted"] > 1000
    assert pipeline.figures.failed == 2000


def test_a_budget_has_a_floor_and_a_top() -> None:
    clock = MovedClock()
    budget = Budget(floor=2, burst=3, clock=clock)
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    clock.move(timedelta(seconds=1))
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    clock.move(timedelta(days=1))
    assert budget.tokens == 3


async def test_cancelling_during_a_pause_ends_it() -> None:
    retry = Retry(base=timedelta(hours=1), cap=timedelta(hours=1))
    pipeline = Pipeline("x", retry=retry)
    flaky = Flaky(99)
    task = asyncio.create_task(pipeline.call(flaky))
    while flaky.calls < 1:  # noqa: ASYNC110 - until it pauses
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pipeline.figures.neutral == 1
    assert pipeline.figures.in_flight == 0


@pytest.mark.parametrize(
    ("method", "key", "may"),
    [
        ("GET", False, True),
        ("put", False, True),
        ("DELETE", False, True),
        ("POST", False, False),
        ("PATCH", False, False),
        ("POST", True, True),
    ],
)
def test_what_may_be_sent_twice(method: str, key: bool, may: bool) -> None:  # noqa: FBT001
    assert is_idempotent(method, has_key=key) is may


NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        (b"0", 0),
        ("1.5", 1.5),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("1e9", None),
        ("inf", None),
        ("9" * 500, None),
    ],
)
def test_reads_both_forms_of_retry_after(value: str | bytes | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=NOW) == seconds


@given(st.text() | st.binary())
def test_whatever_a_service_sends_is_a_wait_or_nothing(value: str | bytes) -> None:
    found = parse_retry_after(value, now=NOW)
    assert found is None or (found >= 0 and math.isfinite(found))
