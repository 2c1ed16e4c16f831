"""Breaker and retry in one call: ours, and what people build from libraries for the same.

Each stack is given what it calls and, if it has to, how long an attempt may take. Five failures
open its breaker for an hour, three attempts are made, and pauses are as good as none.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any, Final

import hyx.bulkhead
import hyx.circuitbreaker
import hyx.retry
import hyx.timeout
import hyx.timeout.exceptions
import purgatory
import pybreaker
import redress
import stamina
import tenacity

from bench.harness import Upstream, UpstreamFailed, expect
from mainhub.resilience import Budget, Bulkhead, CircuitBreaker, Pipeline, Retry, Timeout

__all__ = ["DECORATED", "OTHERS", "OURS", "TENACITY", "Stack", "packages"]

Call = Callable[[], Awaitable[Any]]
Build = Callable[[Call, float | None], Awaitable[Call]]

_FAILURES: Final = 5
_ATTEMPTS: Final = 3
_OPEN: Final = 3600.0
_PAUSE: Final = 0.001
_PLACES: Final = 64
_QUEUE: Final = 32
_SHORT: Final = 0.05
_PATIENCE: Final = 10.0
_MANY: Final = 20
AGAIN: Final = (UpstreamFailed, TimeoutError)


@dataclass(frozen=True)
class Stack:
    """One way to guard a call; *build* puts it around a coroutine function."""

    name: str
    build: Build

    async def prove(self, *, timed: bool = False) -> None:
        """See to it that it retries, opens, and, if *timed*, ends attempts that hang.

        Raises:
            ProofFailed: it does not.
        """
        seconds = _PATIENCE if timed else None
        shaky = Upstream(failures=_ATTEMPTS - 1)
        await (await self.build(shaky.call, seconds))()
        expect(shaky.calls == _ATTEMPTS, self.name, "three attempts are made")
        await self.opened(seconds)
        if timed:
            hanging = Upstream(hangs=True)
            call = await self.build(hanging.call, _SHORT)
            try:
                await asyncio.wait_for(call(), _PATIENCE)
            except Exception as error:  # noqa: BLE001  # edge: a peer raises what it likes
                expect(hanging.calls == _ATTEMPTS, self.name, f"every attempt is timed ({error!r})")
            else:
                expect(holds=False, contender=self.name, promise="an attempt that hangs is ended")

    async def opened(self, seconds: float | None = None) -> Call:
        """Return a call whose breaker is open.

        Raises:
            ProofFailed: it does not open, or lets calls through.
        """
        dead = Upstream(failures=None)
        call = await self.build(dead.call, seconds)
        for _ in range(_MANY):
            with contextlib.suppress(Exception):  # edge: a peer raises what it likes
                await call()
        reached = dead.calls
        expect(_FAILURES <= reached < _MANY * _ATTEMPTS / 2, self.name, "the breaker opens")
        refused = 0
        for _ in range(_MANY):
            try:
                await call()
            except Exception:  # noqa: BLE001  # edge: a peer raises what it likes
                refused += 1
        expect(refused == _MANY and dead.calls == reached, self.name, "an open breaker refuses")
        return call


def packages(*names: str) -> str:
    """Return *names* with the versions that are installed."""
    return " + ".join(f"{name} {version(name)}" for name in names)


async def _ours(fn: Call, seconds: float | None) -> Call:
    return functools.partial(_pipeline(seconds).call, fn)


async def _decorated(fn: Call, seconds: float | None) -> Call:
    return _pipeline(seconds)(fn)


def _pipeline(seconds: float | None) -> Pipeline:
    return Pipeline(
        "bench",
        breaker=CircuitBreaker(open_for=timedelta(seconds=_OPEN)),
        retry=Retry(_ATTEMPTS, base=timedelta(seconds=_PAUSE), budget=Budget()),
        bulkhead=Bulkhead(_PLACES, queue=_QUEUE),
        timeout=None if seconds is None else Timeout(timedelta(seconds=seconds)),
    )


async def _tenacity(fn: Call, seconds: float | None) -> Call:
    breaker = pybreaker.CircuitBreaker(fail_max=_FAILURES, reset_timeout=_OPEN)
    again = tenacity.retry(
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=_PAUSE, max=_PAUSE),
        retry=tenacity.retry_if_exception_type(AGAIN),
        reraise=True,
    )

    # `@breaker` and `call_async` are no choice: the one sees no failure of a coroutine, the other
    # needs Tornado.
    async def plain() -> object:
        with breaker.calling():
            return await fn()

    async def timed() -> object:
        with breaker.calling():
            async with asyncio.timeout(seconds):
                return await fn()

    return again(plain if seconds is None else timed)  # type: ignore[no-any-return]


async def _stamina(fn: Call, seconds: float | None) -> Call:
    stamina.instrumentation.set_on_retry_hooks([])
    breakers = purgatory.AsyncCircuitBreakerFactory(default_threshold=_FAILURES, default_ttl=_OPEN)
    breaker = await breakers.get_breaker("bench")
    again = stamina.retry(
        on=AGAIN, attempts=_ATTEMPTS, wait_initial=_PAUSE, wait_max=_PAUSE, wait_jitter=_PAUSE
    )

    async def plain() -> object:
        async with breaker:
            return await fn()

    async def timed() -> object:
        async with breaker, asyncio.timeout(seconds):
            return await fn()

    return again(plain if seconds is None else timed)  # type: ignore[no-any-return]


async def _hyx(fn: Call, seconds: float | None) -> Call:
    again: tuple[type[Exception], ...] = AGAIN
    guarded = fn
    if seconds is not None:
        guarded = hyx.timeout.timeout(seconds)(guarded)
        again = (*AGAIN, hyx.timeout.exceptions.MaxDurationExceeded)
    breaker = hyx.circuitbreaker.consecutive_breaker(
        failure_threshold=_FAILURES, recovery_time_secs=_OPEN
    )
    places = hyx.bulkhead.bulkhead(_PLACES, _PLACES + _QUEUE)
    # Its attempts are those after the first.
    retry = hyx.retry.retry(attempts=_ATTEMPTS - 1, on=again, backoff=_PAUSE)
    return places(retry(breaker(guarded)))  # type: ignore[no-any-return]


async def _redress(fn: Call, seconds: float | None) -> Call:
    policy = redress.AsyncPolicy(
        retry=redress.AsyncRetry(
            classifier=lambda _error: redress.ErrorClass.TRANSIENT,
            strategy=redress.decorrelated_jitter(_PAUSE, _PAUSE),
            budget=redress.Budget(max_retries=1000, window_s=60.0),
            max_attempts=_ATTEMPTS,
            attempt_timeout_s=seconds,
        ),
        # It counts a call and all of its attempts as one failure.
        circuit_breaker=redress.CircuitBreaker(
            failure_threshold=_FAILURES, recovery_timeout_s=_OPEN
        ),
    )

    async def call() -> object:
        return await policy.call(fn)

    return call


OURS: Final = Stack("MainHub", _ours)
DECORATED: Final = Stack("MainHub", _decorated)
TENACITY: Final = Stack(packages("tenacity", "pybreaker"), _tenacity)
STAMINA: Final = Stack(packages("stamina", "purgatory"), _stamina)
HYX: Final = Stack(packages("hyx"), _hyx)
REDRESS: Final = Stack(packages("redress"), _redress)
OTHERS: Final = (STAMINA, HYX, REDRESS)
