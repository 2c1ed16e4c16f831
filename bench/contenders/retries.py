"""Retries alone, over a service that fails altogether: what each sends there for every call."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import hyx.retry
import redress
import stamina
import tenacity

from bench.contenders.stacks import packages
from bench.harness import Contender, Upstream, UpstreamFailed, expect, shared_out
from mainhub.resilience import Pipeline, Retry

__all__ = ["OTHERS", "OURS", "TENACITY"]

Call = Callable[[], Awaitable[Any]]
Build = Callable[[Call], Call]

_ATTEMPTS: Final = 3
# As good as no pause, so that the budget's tokens of every second hardly count.
_PAUSE: Final = 0.00001
_FEW_A_MINUTE: Final = 100
_CALLERS: Final = 20


def _contender(name: str, build: Build) -> Contender:
    async def work(times: int) -> float:
        dead = Upstream(failures=None)
        call = build(dead.call)

        async def attempted() -> None:
            with contextlib.suppress(Exception):  # edge: a peer raises what it likes
                await call()

        # Several at a time, since each spends most of its time in pauses.
        await shared_out(attempted, _CALLERS)(times)
        return float(dead.calls)

    async def prove() -> None:
        shaky = Upstream(failures=_ATTEMPTS - 1)
        await build(shaky.call)()
        expect(shaky.calls == _ATTEMPTS, name, "three attempts are made while there is a budget")

    return Contender(name, work, prove)


def _ours(fn: Call) -> Call:
    return Pipeline("bench", retry=Retry(_ATTEMPTS, base=timedelta(seconds=_PAUSE)))(fn)


def _tenacity(fn: Call) -> Call:
    again = tenacity.retry(
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=_PAUSE, max=_PAUSE),
        retry=tenacity.retry_if_exception_type(UpstreamFailed),
        reraise=True,
    )
    return again(fn)  # type: ignore[no-any-return]


def _stamina(fn: Call) -> Call:
    stamina.instrumentation.set_on_retry_hooks([])
    again = stamina.retry(
        on=UpstreamFailed,
        attempts=_ATTEMPTS,
        wait_initial=_PAUSE,
        wait_max=_PAUSE,
        wait_jitter=_PAUSE,
    )
    return again(fn)  # type: ignore[no-any-return]


def _hyx(fn: Call) -> Call:
    # Its attempts are those after the first.
    retry = hyx.retry.retry(attempts=_ATTEMPTS - 1, on=UpstreamFailed, backoff=_PAUSE)
    return retry(fn)  # type: ignore[no-any-return]


def _redress(fn: Call) -> Call:
    retry = redress.AsyncRetry(
        classifier=lambda _error: redress.ErrorClass.TRANSIENT,
        strategy=redress.decorrelated_jitter(_PAUSE, _PAUSE),
        # A number, whatever is called: little of what is much, and much of what is little.
        budget=redress.Budget(max_retries=_FEW_A_MINUTE, window_s=60.0),
        max_attempts=_ATTEMPTS,
    )

    async def call() -> object:
        return await retry.call(fn)

    return call


OURS: Final = _contender("MainHub", _ours)
TENACITY: Final = _contender(packages("tenacity"), _tenacity)
STAMINA: Final = _contender(packages("stamina"), _stamina)
HYX: Final = _contender(packages("hyx"), _hyx)
REDRESS: Final = _contender(packages("redress") + f" (budget {_FEW_A_MINUTE}/min)", _redress)
OTHERS: Final = (STAMINA, HYX, REDRESS)
