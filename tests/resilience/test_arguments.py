"""What makes no sense is refused where it is given, with a sentence that says what to write."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mainhub.errors import Conflict
from mainhub.resilience import (
    Budget,
    Bulkhead,
    CircuitBreaker,
    Deadline,
    Hedge,
    Pipeline,
    Pipelines,
    Retry,
    Timeout,
    UnknownPipeline,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
NOTHING = timedelta()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: CircuitBreaker(consecutive=0), "write 1 or more"),
        (
            lambda: CircuitBreaker(failure_rate=50),
            r"write a share above 0 and up to 1, such as 0.5",
        ),
        (lambda: CircuitBreaker(failure_rate=True), "write a share such as 0.5"),
        (lambda: CircuitBreaker(min_calls=0), "write 1 or more"),
        (lambda: CircuitBreaker(window=NOTHING), "write more than zero"),
        (lambda: CircuitBreaker(window=10), r"write timedelta\(seconds=10\)"),  # type: ignore[arg-type]
        (lambda: CircuitBreaker(slow_rate=0.5), r"write slow_after=timedelta\(seconds=2\)"),
        (lambda: CircuitBreaker(open_for=-SECOND), "write more than zero"),
        (lambda: CircuitBreaker(open_for=2 * SECOND, open_max=SECOND), "write open_max=open_for"),
        (lambda: CircuitBreaker(growth=0.5), "write 1 up to 100, such as 2.0"),
        (lambda: CircuitBreaker(jitter=2), "write a share"),
        (lambda: CircuitBreaker(probes=0), "write 1 or more"),
        (lambda: CircuitBreaker(probe_lease=NOTHING), "write more than zero"),
        (lambda: CircuitBreaker(close_after=0), "write 1 or more"),
        (lambda: CircuitBreaker(failures="OSError"), "write exception classes"),  # type: ignore[arg-type]
        (lambda: CircuitBreaker(failures=(OSError, 1)), "write exception classes"),  # type: ignore[arg-type]
        (lambda: CircuitBreaker(consecutive=None, failure_rate=None), "nothing would ever open"),
        (lambda: Retry(0), "write 1 or more"),
        (lambda: Retry(101), "write 100 at most"),
        (lambda: Retry(base=-SECOND), "write zero or more"),
        (lambda: Retry(base=0.1), r"write timedelta\(seconds=0.1\)"),  # type: ignore[arg-type]
        (lambda: Retry(factor=0), "write 1 up to 100, such as 2.0"),
        (lambda: Retry(base=2 * SECOND, cap=SECOND), "write cap=base or more"),
        (lambda: Retry(jitter="some"), "write 'full' or 'none'"),  # type: ignore[arg-type]
        (lambda: Retry(on=5), "write exception classes"),  # type: ignore[arg-type]
        (lambda: Budget(0), "write a share"),
        (lambda: Budget(floor=-1), "such as 1.0 a second"),
        (lambda: Budget(burst=0), "write 1 or more"),
        (Timeout, r"write Timeout\(timedelta\(seconds=3\)\)"),
        (lambda: Timeout(NOTHING), "write more than zero"),
        (lambda: Timeout(2 * SECOND, total=SECOND), "write a total that holds an attempt"),
        (lambda: Bulkhead(0), "write 1 or more"),
        (lambda: Bulkhead(1, queue=-1), "write 0 or more"),
        (lambda: Hedge(NOTHING), "write more than zero"),
        (lambda: Hedge(SECOND, most=0), "write 1 or more"),
        (lambda: Pipeline(""), "write what people know it by"),
        (lambda: Pipeline("x", retry=3), r"write retry=Retry\(...\)"),  # type: ignore[arg-type]
        (lambda: Pipeline("x", breaker=Retry()), r"write breaker=CircuitBreaker\(...\)"),  # type: ignore[arg-type]
        (lambda: Pipeline("x", fallback=1), "write a function"),  # type: ignore[arg-type]
        (lambda: CircuitBreaker(failed_result=3), "write a function"),  # type: ignore[arg-type]
        (lambda: CircuitBreaker(growth="x"), "write 1 up to 100, such as 2.0"),  # type: ignore[arg-type]
        (lambda: Retry(on_retry=3), "write a function"),  # type: ignore[arg-type]
        (lambda: Retry(on_result=3), "write a function"),  # type: ignore[arg-type]
        (lambda: Retry(random=3), "write a function"),  # type: ignore[arg-type]
        (lambda: Retry(budget="x"), r"write budget=Budget\(0.2\)"),  # type: ignore[arg-type]
        (lambda: Retry(factor=None), "such as 2.0"),  # type: ignore[arg-type]
        (lambda: Budget(floor=float("nan")), "such as 1.0 a second"),
        (lambda: Hedge(SECOND, budget=3), r"write budget=Budget\(0.1\)"),  # type: ignore[arg-type]
        (lambda: Pipeline("x", timeout=Timeout(connect=SECOND)), r"write Timeout\(attempt\) or"),
        (lambda: Pipeline("x", timeout=Timeout(total=SECOND), hedge=Hedge(SECOND)), "shorter than"),
        (lambda: Pipelines().add(3), r"write Pipeline\('erp', ...\)"),  # type: ignore[arg-type]
        (lambda: Pipelines(most=0), "write 1 or more"),
    ],
)
def test_says_what_to_write_instead(make: Callable[[], Any], told: str) -> None:
    with pytest.raises((ValueError, TypeError), match=told):
        make()


def slow(number: int) -> int:
    return number


class Awaited:
    async def __call__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "part",
    [
        Pipeline("x"),
        CircuitBreaker(),
        Retry(),
        Timeout(SECOND),
        Bulkhead(1),
    ],
    ids=lambda part: type(part).__name__,
)
async def test_a_function_that_is_not_asynchronous_is_told_how_to_be(
    part: Any,  # noqa: ANN401 - any part
) -> None:
    with pytest.raises(TypeError, match=r"slow is not asynchronous: write `async def slow"):
        part(slow)

    async def fine() -> int:
        return 1

    assert await part(fine)() == 1
    assert await part(functools.partial(fine))() == 1


async def test_an_object_that_is_called_and_awaited_is_asynchronous() -> None:
    @functools.wraps(Awaited.__call__)
    async def called() -> int:
        return await Pipeline("x").call(Awaited())

    assert await called() == 1


async def test_calling_what_cannot_be_awaited_blames_nobody() -> None:
    pipeline = Pipeline("x", breaker=CircuitBreaker(consecutive=1), retry=Retry())
    with pytest.raises(TypeError, match=r"slow returned int.*asyncio\.to_thread with slow"):
        await pipeline.call(slow, 3)  # type: ignore[arg-type]
    assert pipeline.figures.neutral == 1
    assert pipeline.figures.retries == 0
    assert pipeline.breaker is not None
    assert pipeline.breaker.failed_in_a_row == 0


async def test_a_deadline_of_nothing_is_no_deadline() -> None:
    with pytest.raises(ValueError, match="write more than zero"), Deadline.within(NOTHING):
        pass


def test_names_are_given_once_and_there_is_an_end_to_them() -> None:
    known = Pipelines(most=2)
    known.add(Pipeline("a"))
    with pytest.raises(Conflict, match="named a already"):
        known.add(Pipeline("a"))
    known.add(Pipeline("b"))
    with pytest.raises(Conflict, match="no more are kept"):
        known.add(Pipeline("c"))
    with pytest.raises(UnknownPipeline):
        known.get("c")
