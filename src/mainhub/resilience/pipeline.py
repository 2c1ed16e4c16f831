"""All of it around one call, in one coroutine: a frame of its own for each part would cost more.

Order: deadline -> bulkhead -> [breaker -> attempt time-out -> call] x retry -> fallback.
"""

import copy
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial, wraps
from time import monotonic
from types import CoroutineType
from typing import Any, Final, ParamSpec, TypeVar

from mainhub.resilience.attempt import Attempt
from mainhub.resilience.breaker import CircuitBreaker
from mainhub.resilience.bulkhead import Bulkhead
from mainhub.resilience.context import CONTEXT, FIRST
from mainhub.resilience.hedge import Hedge, race
from mainhub.resilience.judging import Outcome, awaitable, require_async
from mainhub.resilience.retry import Retry
from mainhub.resilience.settling import Fallback, Settling
from mainhub.resilience.stream import KeptPlace, KeptTicket, Stream
from mainhub.resilience.timeout import Timeout

__all__ = ["Pipeline"]

P = ParamSpec("P")
T = TypeVar("T")
OK: Final = Outcome.OK


class Pipeline(Settling):
    """A named way to something that may fail.

    ::

        erp = Pipeline("erp", breaker=CircuitBreaker(), retry=Retry(),
                       timeout=Timeout(timedelta(seconds=3)), bulkhead=Bulkhead(64, queue=32))

        answer = await erp.call(fetch, "orders")    # or @erp, or async with erp.attempt():

    What a part is not given for does not happen: without *retry* there is one attempt.

    Args:
        name: what people see in metrics, messages and the list of pipelines.
        breaker: leaves alone what keeps failing.
        retry: tries again.
        timeout: bounds each attempt and the whole.
        bulkhead: bounds how many calls there are at once.
        hedge: asks again when an answer is late; for reads alone.
        fallback: answers instead, given the failure.

    Attributes:
        figures: what has happened.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.

    A call raises what its last attempt raised, or:
        CircuitOpen, BulkheadFull, RateLimited: it was not made.
        DeadlineExceeded: the time for all of it was over.
        AttemptTimedOut: the last attempt took too long.
    """

    def __init__(
        self,
        name: str,
        *,
        breaker: CircuitBreaker | None = None,
        retry: Retry | None = None,
        timeout: Timeout | None = None,
        bulkhead: Bulkhead | None = None,
        hedge: Hedge | None = None,
        fallback: Fallback | None = None,
    ) -> None:
        if not name:
            raise ValueError("name='': write what people know it by, such as 'erp'")
        _require(breaker=(breaker, CircuitBreaker), retry=(retry, Retry), hedge=(hedge, Hedge))
        _require(timeout=(timeout, Timeout), bulkhead=(bulkhead, Bulkhead))
        if fallback is not None and not callable(fallback):
            raise TypeError("fallback: write a function that takes the exception")
        super().__init__(
            name,
            breaker=breaker,
            retry=retry,
            timeout=timeout,
            bulkhead=bulkhead,
            fallback=fallback,
        )
        if timeout is not None and timeout.attempt is timeout.total is None:
            raise ValueError(
                "connect and idle are for timeout.connecting() and timeout.reading(): "
                "write Timeout(attempt) or Timeout(total=...) for a pipeline"
            )
        if breaker is not None and timeout is not None:
            # Or a probe could lose its place before it has had its time.
            needed = (timeout.attempt or timeout.total or 0.0) + 1
            breaker.probe_lease = max(breaker.probe_lease, needed)
        if hedge is not None and timeout is not None and not _leaves_room(timeout):
            raise ValueError(
                "a hedge needs a time-out of the attempt, shorter than the total: "
                "write Timeout(attempt, total=...)"
            )
        if breaker is not None and not breaker.name:
            breaker.name = name
        if bulkhead is not None and not bulkhead.name:
            bulkhead.name = name
        self.hedge = hedge
        self._parted: tuple[Pipeline, Pipeline] | None = None

    @property
    def once(self) -> "Pipeline":
        """The same way for calls that must not be made twice: no retry, no hedge."""
        return self.with_parts(retry=None, hedge=None)

    def with_parts(self, **parts: Any) -> "Pipeline":
        """Return the same way, counted with this one, with some *parts* replaced."""
        made = copy.copy(self)
        known = {
            part: getattr(self, part)
            for part in ("breaker", "retry", "timeout", "bulkhead", "fallback")
        }
        made.hedge = parts.pop("hedge", self.hedge)
        Settling.__init__(made, self.name, **(known | parts))
        made.count_with(self)
        return made

    async def call(  # noqa: C901, PLR0912 - one frame on purpose, see above
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what *fn* returns, which is called once for each attempt."""
        if self.hedge is not None:
            return await self._hedged(fn, args, kwargs)
        figures, breaker, bulkhead = self.figures, self.breaker, self.bulkhead
        figures.calls += 1
        ticket, end, token, place, began = 0, None, None, None, None
        try:
            above = CONTEXT.get()
            if above is None and self._total is None and figures.paused_until is None:
                if self._retries:
                    self._budget.earned += 1
                    token = CONTEXT.set(FIRST)
            else:
                end, token = self._inherit(above, retries=self._retries)
            if bulkhead is not None:
                if not bulkhead.try_enter():
                    await self._queue(end)
                place = bulkhead
            if breaker is not None:
                ticket = breaker.epoch if breaker.epoch > 0 else breaker.enter()
            alarm = None if self._attempt is None and end is None else self._arm(end)
            began = monotonic() if self._clocked else 0.0
            try:
                made = fn(*args, **kwargs)
                result = await (made if type(made) is CoroutineType else awaitable(made, fn))
                if self.judges:
                    self._judge(result)
            except BaseException as error:  # noqa: BLE001 # edge: the breaker is told
                failure = self._settle(error, ticket, alarm, began)
                return await self._try_again(partial(fn, *args, **kwargs), failure, end, above)
            if alarm is not None:
                alarm.put_off()
            if breaker is not None:
                breaker.leave(ticket, OK, monotonic() - began if self._clocked else 0.0)
            figures.ok += self.counted
            return result  # noqa: TRY300 - in an else it would count as made after the try
        except BaseException as error:  # edge: whatever it is, it is counted
            self._count(error, made=began is not None)
            if self.fallback is None and not self.judges:
                raise
            return await self._fall_back(error)  # type: ignore[no-any-return]
        finally:
            if place is not None:
                place.leave()
            if token is not None:
                CONTEXT.reset(token)

    def attempt(self, *, interrupt: bool = True) -> Attempt:
        """Return a context manager for one attempt: ``async with pipeline.attempt():``.

        Bulkhead, breaker and time-outs hold for what is inside; there is no retry or fallback.
        Without *interrupt* what is inside is never cut short, for drivers that do not bear it.
        """
        return Attempt(self, interrupt=interrupt)

    def stream(
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Stream[T]:
        """Return a context manager for an answer that is read after *fn* has returned.

        Retries and time-outs are for *fn*, which opens; the place in the bulkhead is kept until
        the end of the block, and what happens in it counts: an answer that breaks off is a failure.
        """
        ticket = None if self.breaker is None else KeptTicket(self.breaker)
        place = None if self.bulkhead is None else KeptPlace(self.bulkhead)
        opener = self.with_parts(breaker=ticket, bulkhead=place, hedge=None)
        opener.counted = 0
        stream = Stream[T](ticket=ticket, place=place, figures=self.figures)
        stream.opening = partial(opener.call, stream.opened, partial(fn, *args, **kwargs))
        return stream

    def __call__(self, fn: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate the asynchronous function *fn*."""
        require_async(fn)
        call = self.call

        @wraps(fn)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            return await call(fn, *args, **kwargs)

        return guarded

    def count_with(self, other: "Pipeline") -> None:
        """Be counted with *other*, and ask its breaker about retries."""
        self._parted = None
        self.figures, self.watched = other.figures, other.watched
        self.judges = self.judges or other.judges
        self.wheels = other.wheels

    async def _hedged(
        self, fn: Callable[..., Awaitable[T]], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> T:
        """Race attempts inside what goes around all of them."""
        if self._parted is None:
            around = self.with_parts(breaker=None, hedge=None, timeout=_only_total(self.timeout))
            inside = Pipeline(self.name, breaker=self.breaker, timeout=_only_attempt(self.timeout))
            self._parted = around, inside
        around, inside = self._parted
        assert self.hedge is not None  # noqa: S101 - for the type checker: call() has looked
        try:
            return await around.call(
                race, self.hedge, self.figures, partial(inside.call, fn, *args, **kwargs)
            )
        finally:
            self.figures.timeouts += inside.figures.timeouts
            inside.figures.timeouts = 0


def _leaves_room(timeout: Timeout) -> bool:
    """Tell whether an attempt that hangs can be told from a call that took too long."""
    attempt, total = timeout.attempt, timeout.total
    return total is None or (attempt is not None and attempt < total)


def _only_total(timeout: Timeout | None) -> Timeout | None:
    if timeout is None or timeout.total is None:
        return None
    return Timeout(total=timedelta(seconds=timeout.total))


def _only_attempt(timeout: Timeout | None) -> Timeout | None:
    if timeout is None or timeout.attempt is None:
        return None
    return Timeout(timedelta(seconds=timeout.attempt))


def _require(**given: tuple[object, type[object]]) -> None:
    for what, (part, kind) in given.items():
        if part is not None and not isinstance(part, kind):
            raise TypeError(f"{what}={part!r}: write {what}={kind.__name__}(...)")
