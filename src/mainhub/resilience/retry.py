"""Trying again: after a while that grows and varies, within a budget, and never past the deadline.

Full jitter (a time anywhere between nothing and the whole backoff) keeps a thousand clients that
failed together from coming back together.
"""

import asyncio
import functools
import inspect
import random as chance
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal, ParamSpec, TypeVar

from mainhub.resilience import bounds
from mainhub.resilience.budget import Budget
from mainhub.resilience.context import CONTEXT, Surroundings
from mainhub.resilience.deadline import current_end
from mainhub.resilience.failures import Throttled
from mainhub.resilience.judging import (
    Errors,
    ResultTest,
    error_test,
    is_failure,
    require_async,
)
from mainhub.telemetry import get_logger

__all__ = ["BadResult", "OnRetry", "Retry", "Retrying", "is_idempotent"]

log = get_logger("resilience")

P = ParamSpec("P")
T = TypeVar("T")
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_STEEPEST: Final = 100
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Retrying:
    """What is about to happen: attempt *number* (1 is the first retry) after *delay* seconds.

    *error* is what the attempt before raised; for a result that was not good enough, that is
    :class:`BadResult`.
    """

    number: int
    delay: float
    error: Exception


OnRetry = Callable[[Retrying], object]
"""Told before each pause; may be asynchronous. What it raises is logged and goes no further."""


class BadResult(Exception):
    """A *result* that a predicate did not take; seen by ``on_retry`` and fallbacks only.

    *again* tells whether it is worth another attempt, *failed* whether it speaks against what was
    called.
    """

    def __init__(
        self,
        result: Any,  # noqa: ANN401 - whatever a call returns
        *,
        again: bool = True,
        failed: bool = False,
    ) -> None:
        super().__init__("the result is not good enough")
        self.result = result
        self.again = again
        self.failed = failed


def is_idempotent(method: str, *, has_key: bool = False) -> bool:
    """Tell whether a request may be sent twice (RFC 9110, 9.2.2).

    *has_key* says that it carries an ``Idempotency-Key``, by which the other side knows it again.
    """
    return has_key or method.upper() in _IDEMPOTENT


class Retry:
    """When to try again; by itself ``await retry.call(fn, ...)`` or ``@retry``.

    Args:
        attempts: how often in all, the first time included.
        base: the longest pause before the second attempt.
        factor: by what the longest pause grows with each further one.
        cap: what it does not grow beyond.
        jitter: ``full`` takes any time up to the longest pause; ``none`` takes the longest.
        budget: what bounds retries in all; ``None``: nothing does.
        on: which exceptions are worth another attempt.
        on_result: which results are.
        on_retry: told before each pause.
        longest_wait: a ``Retry-After`` beyond this is not waited for: the failure goes on at once.
        random: numbers from 0 up to 1.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    def __init__(
        self,
        attempts: int = 3,
        *,
        base: timedelta = timedelta(seconds=1),
        factor: float = 2.0,
        cap: timedelta = timedelta(seconds=30),
        jitter: Literal["full", "none"] = "full",
        budget: Budget | Literal["own"] | None = "own",
        on: Errors | None = None,
        on_result: ResultTest | None = None,
        on_retry: OnRetry | None = None,
        longest_wait: timedelta = timedelta(minutes=5),
        random: Callable[[], float] = chance.random,
    ) -> None:
        self.attempts = bounds.count(attempts, "attempts")
        if self.attempts > _MOST:
            raise ValueError(f"attempts={attempts}: write {_MOST} at most, such as 3")
        self.base = bounds.seconds(base, "base", zero=True)
        self.factor = bounds.number(factor, "factor", least=1, most=_STEEPEST, such_as="2.0")
        self.cap = bounds.seconds(cap, "cap", zero=True)
        if self.cap < self.base:
            raise ValueError("cap is shorter than base: write cap=base or more")
        if jitter not in {"full", "none"}:
            raise ValueError(f"jitter={jitter!r}: write 'full' or 'none'")
        self.jitter = jitter
        self.budget = Budget() if budget == "own" else budget
        if self.budget is not None and not isinstance(self.budget, Budget):
            raise TypeError(f"budget={budget!r}: write budget=Budget(0.2), or None for no bound")
        self.longest_wait = bounds.seconds(longest_wait, "longest_wait")
        self.on_result = None if on_result is None else bounds.function(on_result, "on_result")
        self.on_retry = None if on_retry is None else bounds.function(on_retry, "on_retry")
        self._is_worth = _is_worth if on is None else error_test(on, "on")
        self._random = bounds.function(random, "random")

    def delay(self, number: int) -> float:
        """Return how many seconds to wait before retry *number*, the first one being 1."""
        longest = min(self.cap, self.base * self.factor ** min(number - 1, 64))
        return longest * self._random() if self.jitter == "full" else longest

    def plan(self, error: Exception, number: int, left: float | None) -> float | None:
        """Return how long to wait before trying again after attempt *number*; ``None``: do not.

        *left* is what the deadline leaves, in seconds. The budget is asked apart, last of all.
        """
        if number + 1 >= self.attempts:
            return None
        # A result has been judged already.
        worth = error.again if isinstance(error, BadResult) else self._is_worth(error)
        if not worth:
            return None
        delay = self.delay(number + 1)
        asked = asked_wait(error)
        if asked is not None:
            if asked > self.longest_wait:
                return None
            delay = max(delay, asked)
        return None if left is not None and delay >= left else delay

    async def tell(self, number: int, delay: float, error: Exception) -> None:
        """Tell ``on_retry``."""
        if self.on_retry is None:
            return
        try:
            told = self.on_retry(Retrying(number, delay, error))
            if inspect.isawaitable(told):
                await told
        except Exception:  # edge: a listener is a plug-in
            log.exception("resilience.listener_failed")

    async def call(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *fn* returns, at last; what the last attempt raised goes through."""
        known = CONTEXT.get() or Surroundings()
        above = known.attempt
        begins = above is None and self.attempts > 1
        token = CONTEXT.set(replace(known, attempt=0) if begins else known)
        if self.budget is not None:
            self.budget.earned += 1
        number = 0
        try:
            while True:
                try:
                    result = await fn(*args, **kwargs)
                except Exception as error:  # edge: whatever a caller's function raises
                    failure = error
                    delay = None if above is not None else self._spent(error, number)
                    if delay is None:
                        raise
                else:
                    if self.on_result is None or not self.on_result(result):
                        return result
                    failure = BadResult(result)
                    delay = None if above is not None else self._spent(failure, number)
                    if delay is None:
                        return result
                number += 1
                await self.tell(number, delay, failure)
                await asyncio.sleep(delay)
                CONTEXT.set(replace(known, attempt=number))
        finally:
            CONTEXT.reset(token)

    def __call__(self, fn: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate the asynchronous function *fn*."""
        require_async(fn)

        @functools.wraps(fn)
        async def retried(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.call(fn, *args, **kwargs)

        return retried

    def _spent(self, error: Exception, number: int) -> float | None:
        end = current_end()
        left = None if end is None else end - asyncio.get_running_loop().time()
        delay = self.plan(error, number, left)
        if delay is None or (self.budget is not None and not self.budget.spend()):
            return None
        return delay


def asked_wait(error: Exception) -> float | None:
    """Return the seconds that *error* asks to wait by its ``retry_after``, if it does."""
    asked = getattr(error, "retry_after", None)
    if isinstance(asked, timedelta):
        return asked.total_seconds()
    return float(asked) if isinstance(asked, int | float) and asked >= 0 else None


def _is_worth(error: Exception) -> bool:
    return isinstance(error, Throttled) or is_failure(error)
