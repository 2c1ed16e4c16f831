"""The circuit breaker: leaves alone what keeps failing, and looks carefully whether it is back.

Entering and leaving are plain functions: nothing is awaited between looking and counting, so within
one event loop there is no race and no lock. The states are drawn in ``docs/resilience.md``.
"""

import functools
import random as chance
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, ParamSpec, TypeVar

from mainhub.clock import Clock
from mainhub.resilience import bounds
from mainhub.resilience.failures import CircuitOpen
from mainhub.resilience.guarded import Guarded
from mainhub.resilience.judging import (
    Errors,
    Outcome,
    ResultTest,
    error_test,
    is_failure,
    ours,
    require_async,
)
from mainhub.resilience.transition import Cause, Listener, State, Transition
from mainhub.resilience.window import Window
from mainhub.telemetry import get_logger

__all__ = ["CircuitBreaker"]

log = get_logger("resilience")

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")
# What a caller is told while a probe is under way: it may be over at any moment.
_PROBING: Final = 1.0
# The epoch while nothing is counted; and a ticket that never is anybody's.
_NOBODYS: Final = -1
_UNCOUNTED: Final = -2
_STEEPEST: Final = 100


class CircuitBreaker:
    """Opens when calls fail; use it in a :class:`Pipeline`, or by itself.

    By itself: ``await breaker.call(fn, ...)``, ``@breaker`` or ``async with breaker.guard():``.

    Args:
        name: what it is called in messages and events.
        consecutive: opens after so many failures in a row; ``None``: never for that.
        failure_rate: opens when at least this share of the window's calls failed.
        min_calls: the window decides nothing before it holds so many calls.
        window: how far back the window reaches.
        slow_rate: opens when at least this share of the window's calls was slow.
        slow_after: from how long on a call is slow.
        open_for: how long it stays open the first time.
        open_max: how long at most, when probes keep failing.
        growth: by what the time grows with each probe that failed.
        jitter: the share by which a grown time varies, so that processes do not move in step.
        probes: how many calls pass at once while half-open.
        probe_lease: how long a probe may keep its place; then the next caller is given it.
        close_after: closes after so many good probes.
        failures: which exceptions speak against what is called; others are neutral.
        failed_result: which results do, though no exception was raised.
        clock: the time; only its monotonic side is used.
        random: numbers from 0 up to 1, for the jitter.

    Attributes:
        epoch: the ticket of a closed breaker, whose results are counted; below 0 in other states.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    def __init__(
        self,
        name: str = "",
        *,
        consecutive: int | None = 5,
        failure_rate: float | None = 0.5,
        min_calls: int = 20,
        window: timedelta = timedelta(seconds=10),
        slow_rate: float | None = None,
        slow_after: timedelta | None = None,
        open_for: timedelta = timedelta(seconds=60),
        open_max: timedelta | None = None,
        growth: float = 2.0,
        jitter: float = 0.1,
        probes: int = 1,
        probe_lease: timedelta = timedelta(seconds=30),
        close_after: int = 2,
        failures: Errors = is_failure,
        failed_result: ResultTest | None = None,
        clock: Clock | None = None,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self.name = name
        self.consecutive = _optional(bounds.count, consecutive, "consecutive")
        self.failure_rate = _optional(bounds.share, failure_rate, "failure_rate")
        self.min_calls = bounds.count(min_calls, "min_calls")
        self.slow_rate = _optional(bounds.share, slow_rate, "slow_rate")
        self.slow_after = _optional(bounds.seconds, slow_after, "slow_after")
        self.open_for = bounds.seconds(open_for, "open_for")
        usual = max(timedelta(minutes=5), open_for)
        self.open_max = bounds.seconds(usual if open_max is None else open_max, "open_max")
        self.growth = bounds.number(growth, "growth", least=1, most=_STEEPEST, such_as="2.0")
        self.jitter = bounds.share(jitter, "jitter") if jitter else 0.0
        self.probes = bounds.count(probes, "probes")
        self.probe_lease = bounds.seconds(probe_lease, "probe_lease")
        self.close_after = bounds.count(close_after, "close_after")
        self.is_failure = error_test(failures, "failures")
        self.failed_result = failed_result
        self._random = bounds.function(random, "random")
        self._now = time.monotonic if clock is None else clock.monotonic
        self._window = Window(bounds.seconds(window, "window"))
        self._listeners: list[Listener] = []
        _agree(self)
        self._state = State.CLOSED
        self.epoch = self._serial = 1
        self._failed_in_a_row = self._openings = self._good_probes = 0
        self._open_until = 0.0
        self._leases: dict[int, float] = {}
        self._told: str | None = None
        self._untold: list[Transition] = []

    @property
    def state(self) -> State:
        """The state; an open circuit stays so until somebody calls after its time is over."""
        return self._state

    @property
    def times_calls(self) -> bool:
        """Whether :meth:`leave` has use for how long a call took."""
        return self.slow_after is not None

    @property
    def lets_retry(self) -> bool:
        """Whether a retry makes sense now: never while it is open or isolated."""
        return self._state not in {State.OPEN, State.ISOLATED}

    @property
    def retry_in(self) -> float | None:
        """Seconds until a probe may pass; ``None`` in any state but OPEN."""
        if self._state is not State.OPEN:
            return None
        return max(0.0, self._open_until - self._now())

    @property
    def window(self) -> Window:
        """What has been counted lately."""
        self._window.move(self._now())
        return self._window

    @property
    def failed_in_a_row(self) -> int:
        """Failures since the last good result."""
        return self._failed_in_a_row

    def enter(self) -> int:
        """Ask to make a call; return the ticket with which to :meth:`leave`.

        Raises:
            CircuitOpen: it may not be made.
        """
        if self._state is State.CLOSED:
            return self.epoch
        return self._enter_carefully()

    def leave(self, ticket: int, outcome: Outcome, took: float = 0.0) -> None:
        """Tell how the call that *ticket* was given for went, and how many seconds it *took*.

        What belongs to an earlier state, or to a probe whose place was given to another, is
        dropped.
        """
        if ticket != self.epoch:
            self._leave_probe(ticket, outcome, took)
            return
        window = self._window
        now = self._now()
        slow = self.slow_after is not None and took >= self.slow_after
        if outcome is Outcome.FAIL:
            window.bad(now, failed=True, slow=slow)
            self._failed_in_a_row += 1
            if self.consecutive is not None and self._failed_in_a_row >= self.consecutive:
                self._open(Cause.CONSECUTIVE_FAILURES)
                return
        elif outcome is Outcome.OK:
            self._failed_in_a_row = 0
            if slow:
                window.bad(now, failed=False, slow=True)
            else:
                if now >= window.until:
                    window.move(now)
                window.good += 1
        else:
            return
        # After good results too: old ones that roll out of the window raise the share of the rest.
        if window.failures or window.slow:
            self._weigh()

    def leave_at_once(self, ticket: int, outcome: Outcome, took: float = 0.0) -> None:
        """Do as :meth:`leave` does: the name by which a stand-in is told not to wait."""
        self.leave(ticket, outcome, took)

    def isolate(self, by: str | None = None) -> None:
        """Let no call pass until :meth:`close` or :meth:`disable`."""
        self._go(State.ISOLATED, Cause.BY_HAND, by=by)

    def disable(self, by: str | None = None) -> None:
        """Let every call pass and count nothing until :meth:`close` or :meth:`isolate`."""
        self._go(State.DISABLED, Cause.BY_HAND, by=by)

    def close(self, by: str | None = None) -> None:
        """Begin anew: closed, with nothing counted."""
        self._go(State.CLOSED, Cause.BY_HAND, by=by)

    def follow(self, told: Transition) -> None:
        """Do as another process did: open, close, isolate or disable along with it.

        What an operator decided is followed always; what another breaker found, only where this
        one has come to no decision of its own.
        """
        by_hand = self._state in {State.ISOLATED, State.DISABLED}
        if told.cause is Cause.BY_HAND and told.after not in {State.OPEN, State.HALF_OPEN}:
            self._go(told.after, Cause.SHARED, by=told.by)
        elif told.after is State.OPEN and self._state is State.CLOSED:
            self._open(Cause.SHARED, seconds=told.retry_in)
        elif told.after is State.CLOSED and self._state is not State.CLOSED and not by_hand:
            self._go(State.CLOSED, Cause.SHARED)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell *listener* of each transition; return what ends that."""
        self._listeners.append(listener)

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    def judge(self, error: BaseException) -> Outcome:
        """Return what *error*, raised by a call, says about what was called."""
        if not isinstance(error, Exception):
            return Outcome.NEUTRAL
        if ours(error):
            return Outcome.FAIL if is_failure(error) else Outcome.NEUTRAL
        try:
            return Outcome.FAIL if self.is_failure(error) else Outcome.NEUTRAL
        except Exception:  # edge: a predicate is a plug-in, and a call must be left in any case
            log.exception("resilience.predicate_failed", breaker=self.name)
            return Outcome.FAIL

    async def call(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *fn* returns.

        Raises:
            CircuitOpen: it was not called.
        """
        ticket = self.enter()
        began = self._now()
        outcome = Outcome.NEUTRAL
        try:
            result = await fn(*args, **kwargs)
            failed = self.failed_result is not None and self.failed_result(result)
            outcome = Outcome.FAIL if failed else Outcome.OK
        except Exception as error:
            outcome = self.judge(error)
            raise
        else:
            return result
        finally:
            self.leave(ticket, outcome, self._now() - began)

    def guard(self) -> Guarded:
        """Return a context manager for one call: ``async with breaker.guard():``."""
        return Guarded(self.enter, self.leave, self.judge, self._now)

    def __call__(self, fn: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate the asynchronous function *fn*."""
        require_async(fn)

        @functools.wraps(fn)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.call(fn, *args, **kwargs)

        return guarded

    def _enter_carefully(self) -> int:
        now = self._now()
        if self._state is State.OPEN and now >= self._open_until:
            self._go(State.HALF_OPEN, Cause.OPEN_TIME_OVER)
        if self._state is State.DISABLED:
            return _UNCOUNTED
        if self._state is State.CLOSED:
            # A listener closed it just now.
            return self.epoch
        if self._state is not State.HALF_OPEN:
            raise self._refusal(now)
        if len(self._leases) >= self.probes:
            oldest = min(self._leases, key=self._leases.__getitem__)
            if now < self._leases[oldest]:
                raise self._refusal(now)
            del self._leases[oldest]
        self._serial += 1
        self._leases[self._serial] = now + self.probe_lease
        return self._serial

    def _refusal(self, now: float) -> CircuitOpen:
        if self._state is State.ISOLATED:
            return CircuitOpen(
                f"{self.name or 'it'} is isolated by an administrator",
                name=self.name,
                remedy="Wait until it is let in again.",
            )
        if self._told is None:
            self._told = f"{self.name or 'it'} failed lately and is not called for a while"
        rest = self._open_until - now if self._state is State.OPEN else _PROBING
        return CircuitOpen(
            self._told, name=self.name, retry_after=max(0.0, rest), remedy="Try again later."
        )

    def _leave_probe(self, ticket: int, outcome: Outcome, took: float) -> None:
        if self._leases.pop(ticket, None) is None or outcome is Outcome.NEUTRAL:
            return
        slow = self.slow_rate is not None and self.slow_after is not None
        if outcome is Outcome.FAIL or (slow and took >= (self.slow_after or 0.0)):
            self._open(Cause.PROBE_FAILED)
            return
        self._good_probes += 1
        if self._good_probes >= self.close_after:
            self._go(State.CLOSED, Cause.PROBES_SUCCEEDED)

    def _weigh(self) -> None:
        window = self._window
        if window.calls < self.min_calls:
            return
        if self.failure_rate is not None and window.failures >= self.failure_rate * window.calls:
            self._open(Cause.FAILURE_RATE)
        elif self.slow_rate is not None and window.slow >= self.slow_rate * window.calls:
            self._open(Cause.SLOW_RATE)

    def _open(self, cause: Cause, *, seconds: float | None = None) -> None:
        if seconds is None:
            seconds = min(self.open_max, self.open_for * self.growth ** min(self._openings, 64))
            if self._openings and self.jitter:
                varied = seconds * (1 + self.jitter * (2 * self._random() - 1))
                seconds = min(self.open_max, varied)
        self._openings += 1
        self._open_until = self._now() + seconds
        self._go(State.OPEN, cause, retry_in=seconds)

    def _go(
        self, after: State, cause: Cause, *, retry_in: float | None = None, by: str | None = None
    ) -> None:
        before, self._state = self._state, after
        self._serial += 1
        self.epoch = self._serial if after is State.CLOSED else _NOBODYS
        self._leases.clear()
        self._good_probes = 0
        self._failed_in_a_row = 0
        self._window.clear()
        if after not in {State.OPEN, State.HALF_OPEN}:
            self._openings = 0
        if before is after and cause is not Cause.BY_HAND:
            return
        self._untold.append(Transition(self.name, before, after, cause, retry_in, by))
        if len(self._untold) == 1:
            self._tell()

    def _tell(self) -> None:
        """Tell each transition to all before the next, which a listener itself may have caused."""
        while self._untold:
            for listener in tuple(self._listeners):
                try:
                    listener(self._untold[0])
                except Exception:  # edge: a listener is a plug-in
                    log.exception("resilience.listener_failed", breaker=self.name)
            self._untold.pop(0)


def _optional(read: Callable[[object, str], V], given: object, what: str) -> V | None:
    return None if given is None else read(given, what)


def _agree(breaker: CircuitBreaker) -> None:
    """Look at what only makes sense together, and at what is called only later."""
    if breaker.failed_result is not None:
        bounds.function(breaker.failed_result, "failed_result")
    if breaker.slow_rate is not None and breaker.slow_after is None:
        raise ValueError("slow_rate without slow_after: write slow_after=timedelta(seconds=2)")
    if breaker.open_max < breaker.open_for:
        raise ValueError("open_max is shorter than open_for: write open_max=open_for or more")
    if breaker.consecutive is breaker.failure_rate is breaker.slow_rate is None:
        raise ValueError(
            "nothing would ever open this breaker: write consecutive=5, or failure_rate=0.5"
        )
