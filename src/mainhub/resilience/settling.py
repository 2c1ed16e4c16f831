"""What a pipeline does when all is not well: off the fast way, so plain rather than quick."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextvars import Token
from time import monotonic
from typing import Any, Final, TypeVar

from mainhub.resilience.breaker import CircuitBreaker
from mainhub.resilience.budget import Budget
from mainhub.resilience.bulkhead import Bulkhead
from mainhub.resilience.context import CONTEXT, Surroundings
from mainhub.resilience.failures import (
    AttemptTimedOut,
    CircuitOpen,
    DeadlineExceeded,
    RateLimited,
    Rejected,
    Throttled,
)
from mainhub.resilience.figures import Figures
from mainhub.resilience.judging import Outcome, is_failure
from mainhub.resilience.retry import BadResult, Retry
from mainhub.resilience.timeout import TimeLimit, Timeout
from mainhub.resilience.timers import Alarm, Wheels

__all__ = ["Fallback", "Settling"]

T = TypeVar("T")
Fallback = Callable[[Exception], Any]
"""Gets what went wrong and returns an answer in its place, or raises; may be asynchronous."""

# Where the other side asks for a pause without saying how long, and the longest that is believed.
_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 600.0
_NEARLY: Final = 0.9
# A pause that is over but for what a clock rounds.
_OVER: Final = 0.005


class Settling:
    """The parts of a pipeline, and what follows from how a call went."""

    def __init__(
        self,
        name: str,
        *,
        breaker: CircuitBreaker | None,
        retry: Retry | None,
        timeout: Timeout | None,
        bulkhead: Bulkhead | None,
        fallback: Fallback | None,
    ) -> None:
        self.name = name
        self.breaker = breaker
        self.retry = retry
        self.timeout = timeout
        self.bulkhead = bulkhead
        self.fallback = fallback
        self.figures = Figures()
        # Asked whether a retry makes sense; the breaker of what is inside, where there is such.
        self.watched = breaker
        self._attempt = timeout.attempt if timeout else None
        self._total = timeout.total if timeout else None
        if self._attempt == self._total:
            # The end of the whole comes first, by the moment that passes before an attempt begins.
            self._attempt = None
        self._only_total = self._total is not None and self._attempt is None
        self._clocked = breaker is not None and breaker.times_calls
        self.judges = (breaker is not None and breaker.failed_result is not None) or (
            retry is not None and retry.on_result is not None
        )
        # Calls are counted in one place whether or not there is a budget that asks for it.
        budget = None if retry is None else retry.budget
        self._budget = Budget() if budget is None else budget
        self.wheels = Wheels()
        # A pipeline whose one attempt is all that there is leaves retrying to others.
        self._retries = retry is not None and retry.attempts > 1
        # 0 where somebody else counts what comes back well: a stream, at its end.
        self.counted = 1

    @property
    def paused_for(self) -> float | None:
        """Seconds for which the other side asked to be left alone; ``None``: not at all."""
        until = self.figures.paused_until
        if until is None:
            return None
        left = until - asyncio.get_running_loop().time()
        if left > 0:
            return left
        self.figures.paused_until = None
        return None

    def pause(self, seconds: float) -> None:
        """Make no call for *seconds*, ten minutes at most; a longer pause under way stays."""
        until = asyncio.get_running_loop().time() + min(seconds, _LONGEST_PAUSE)
        known = self.figures.paused_until
        self.figures.paused_until = until if known is None else max(known, until)

    def resume(self) -> None:
        """End a pause that the other side asked for: an operator knows better."""
        self.figures.paused_until = None

    def _inherit(
        self, above: Surroundings | None, *, retries: bool
    ) -> tuple[float | None, Token[Surroundings | None] | None]:
        """Return when the call is due, and a token if its surroundings differ from those *above*.

        Raises:
            RateLimited: the other side asked for a pause.
            DeadlineExceeded: it was due already.
        """
        left = self.paused_for
        if left is not None:
            raise self._paused(left)
        known = above or Surroundings()
        now = asyncio.get_running_loop().time()
        end = known.end
        if end is not None and end <= now:
            raise self._too_late()
        if self._total is not None:
            own = now + self._total
            end = own if end is None else min(own, end)
        attempt = known.attempt
        if retries and attempt is None:
            attempt = 0
            self._budget.earned += 1
        surroundings = Surroundings(end, attempt)
        return end, None if surroundings == known else CONTEXT.set(surroundings)

    async def _queue(self, end: float | None) -> None:
        """Wait for a place in the bulkhead, at most until *end*.

        Raises:
            RateLimited: the other side asked for a pause meanwhile.
        """
        if self.bulkhead is None:
            return
        if end is None:
            await self.bulkhead.enter()
        else:
            async with TimeLimit(self.wheels.of(asyncio.get_running_loop()), None):
                await self.bulkhead.enter()
        left = self.paused_for
        if left is not None:
            self.bulkhead.leave()
            raise self._paused(left)

    def _paused(self, left: float) -> RateLimited:
        return RateLimited(f"{self.name} asked for a pause", name=self.name, retry_after=left)

    def _arm(self, end: float | None) -> Alarm | None:
        """Set the alarm of an attempt."""
        loop, wheel = asyncio.get_running_loop(), self.wheels.current
        if wheel is None or wheel.loop is not loop:
            wheel = self.wheels.of(loop)
        task = asyncio.current_task(loop)
        seconds = self._attempt
        if task is None:
            return None
        if end is not None:
            left = end - wheel.loop.time()
            if seconds is None or left < seconds:
                alarm = wheel.set(task, max(0.0, left))
                alarm.is_deadline = True
                # Neither a queue nor a caller in a hurry has taken of it.
                alarm.is_whole = self._only_total and left >= _NEARLY * (self._total or 0.0)
                return alarm
        return None if seconds is None else wheel.set(task, seconds)

    def _enter_again(self, failure: Exception) -> int:
        """Enter the breaker for a retry; where it does not let one through, *failure* stands."""
        if (self.paused_for or 0.0) > _OVER:
            raise failure
        if self.breaker is None:
            return 0
        try:
            return self.breaker.enter()
        except CircuitOpen:
            raise failure from None

    def _judge(self, result: Any) -> None:  # noqa: ANN401 - whatever a call returns
        judge = None if self.watched is None else self.watched.failed_result
        failed = judge is not None and bool(judge(result))
        wanted = None if self.retry is None else self.retry.on_result
        again = wanted is not None and bool(wanted(result))
        if failed or again:
            raise BadResult(result, again=again or failed, failed=failed)

    def _settle(
        self,
        error: BaseException,
        ticket: int,
        alarm: Alarm | None,
        began: float,
    ) -> BaseException:
        """Tell the breaker how an attempt ended; return *error* by its right name.

        An attempt that was cut short by the deadline says nothing, unless it had all the time that
        the pipeline itself gives to a call.
        """
        if alarm is not None and alarm.put_off() and isinstance(error, asyncio.CancelledError):
            error = self._out_of_time(alarm, error)
        if isinstance(error, DeadlineExceeded) and alarm is not None and alarm.is_whole:
            error.blames = True
        outcome = self._outcome(error)
        if isinstance(error, AttemptTimedOut) and alarm is not None and alarm.rang:
            outcome = Outcome.FAIL
        if self.breaker is not None:
            took = monotonic() - began if self._clocked else 0.0
            self.breaker.leave_at_once(ticket, outcome, took)
        if isinstance(error, Throttled) and not error.is_heeded:
            error.is_heeded = True
            self.pause(_PAUSE if error.retry_after is None else error.retry_after)
        return error

    def _out_of_time(self, alarm: Alarm, cancelled: BaseException) -> Exception:
        self.figures.timeouts += 1
        found: Exception
        if alarm.is_deadline:
            found = self._too_late()
        else:
            found = AttemptTimedOut(f"{self.name} did not answer within {self._attempt:g} s")
        found.__cause__ = cancelled
        return found

    def _too_late(self) -> DeadlineExceeded:
        return DeadlineExceeded(f"{self.name} did not answer in time", name=self.name)

    def _outcome(self, error: BaseException) -> Outcome:
        if isinstance(error, BadResult):
            return Outcome.FAIL if error.failed else Outcome.OK
        if not isinstance(error, Exception) or isinstance(error, Throttled):
            return Outcome.NEUTRAL
        if self.breaker is not None:
            return self.breaker.judge(error)
        return Outcome.FAIL if is_failure(error) else Outcome.NEUTRAL

    async def _try_again(
        self,
        fn: Callable[[], Awaitable[T]],
        failure: BaseException,
        end: float | None,
        above: Surroundings | None,
    ) -> T:
        """Return the answer of a further attempt, after the first one has ended with *failure*."""
        retries = above is None or above.attempt is None
        number = 0
        while True:
            delay = None
            if retries and isinstance(failure, Exception):
                delay = self._plan(failure, number, end)
            if delay is None or not isinstance(failure, Exception):
                raise failure
            number += 1
            await self._rest(number, delay, failure, end)
            if end is not None and asyncio.get_running_loop().time() >= end:
                # A listener, or the loop itself, took longer than there was time.
                raise failure
            ticket = self._enter_again(failure)
            alarm, began = self._arm(end), monotonic()
            try:
                result = await fn()
                self._judge(result)
            except BaseException as error:  # noqa: BLE001 # edge: the breaker is told
                failure = self._settle(error, ticket, alarm, began)
                continue
            if alarm is not None:
                alarm.put_off()
            if self.breaker is not None:
                self.breaker.leave(ticket, Outcome.OK, monotonic() - began)
            self.figures.ok += self.counted
            return result

    def _plan(self, error: Exception, number: int, end: float | None) -> float | None:
        retry = self.retry
        if retry is None:
            return None
        left = None if end is None else end - asyncio.get_running_loop().time()
        delay = retry.plan(error, number, left)
        if delay is not None:
            delay = max(delay, self.paused_for or 0.0)
            delay = None if left is not None and delay >= left else delay
        if delay is None or (self.watched is not None and not self.watched.lets_retry):
            return None
        if retry.budget is not None and not retry.budget.spend():
            self.figures.rejected["budget_exhausted"] += 1
            return None
        return delay

    async def _rest(self, number: int, delay: float, failure: Exception, end: float | None) -> None:
        """Wait before attempt *number*."""
        self.figures.retries += 1
        if self.retry is not None:
            await self.retry.tell(number, delay, failure)
        # Seen by the attempt, and put back with everything else when the call is over.
        CONTEXT.set(Surroundings(end, number))
        await asyncio.sleep(delay)

    def _count(self, error: BaseException, *, made: bool) -> None:
        """Count a call that ended with *error*; *made* says that it came as far as an attempt."""
        figures = self.figures
        if _blames(error):
            figures.failed += 1
        elif isinstance(error, Rejected) and (not made or self._is_ours(error)):
            figures.rejected[error.reason] += 1
        elif isinstance(error, AttemptTimedOut) or self._outcome(error) is Outcome.FAIL:
            figures.failed += 1
        elif isinstance(error, BadResult):
            figures.ok += self.counted
        else:
            figures.neutral += 1

    def _is_ours(self, error: Rejected) -> bool:
        watched = self.watched
        return error.name == self.name or (watched is not None and error.name == watched.name)

    async def _fall_back(self, error: BaseException) -> Any:  # noqa: ANN401 - likewise
        """Return what the fallback has in the place of *error*, or the result that was not good."""
        if isinstance(error, Exception) and self.fallback is not None:
            self.figures.fallbacks += 1
            answer = self.fallback(error)
            return await answer if inspect.isawaitable(answer) else answer
        if isinstance(error, BadResult):
            return error.result
        raise error


def _blames(error: BaseException) -> bool:
    return isinstance(error, DeadlineExceeded) and error.blames
