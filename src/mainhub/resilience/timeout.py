"""Time-outs: of one attempt, of the whole call, of connecting, and of silence while reading."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from mainhub.resilience import bounds
from mainhub.resilience.deadline import current_end
from mainhub.resilience.failures import AttemptTimedOut, DeadlineExceeded
from mainhub.resilience.judging import require_async
from mainhub.resilience.timers import Alarm, TimerWheel, Wheels

__all__ = ["TimeLimit", "Timeout"]

P = ParamSpec("P")
T = TypeVar("T")


class Timeout:
    """How long to wait; by itself ``await timeout.call(fn, ...)`` or ``@timeout``.

    Precision: never early, at most 10 ms late besides what the loop itself is late, or 20 then.

    Args:
        attempt: for one attempt.
        total: for everything: waiting for a place, all attempts and the pauses between them.
        connect: for a connection, see :meth:`connecting`.
        idle: for silence while reading, see :meth:`reading`.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    def __init__(
        self,
        attempt: timedelta | None = None,
        *,
        total: timedelta | None = None,
        connect: timedelta | None = None,
        idle: timedelta | None = None,
    ) -> None:
        self.attempt = None if attempt is None else bounds.seconds(attempt, "attempt")
        self.total = None if total is None else bounds.seconds(total, "total")
        self.connect = None if connect is None else bounds.seconds(connect, "connect")
        self.idle = None if idle is None else bounds.seconds(idle, "idle")
        if self.attempt is self.total is self.connect is self.idle is None:
            raise ValueError("a Timeout without a time: write Timeout(timedelta(seconds=3))")
        if self.attempt and self.total and self.attempt > self.total:
            raise ValueError("attempt is longer than total: write a total that holds an attempt")
        self._wheels = Wheels()

    async def call(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *fn* returns.

        Raises:
            AttemptTimedOut: it took too long.
            DeadlineExceeded: the caller's own deadline came first.
        """
        given = [seconds for seconds in (self.attempt, self.total) if seconds is not None]
        async with self._limit(min(given, default=None)):
            return await fn(*args, **kwargs)

    def connecting(self) -> "TimeLimit":
        """Return a context manager for what opens a connection."""
        return self._limit(self.connect)

    async def reading(self, source: AsyncIterator[T]) -> AsyncIterator[T]:
        """Yield what *source* yields.

        Raises:
            AttemptTimedOut: it said nothing for longer than *idle*.
        """
        while True:
            async with self._limit(self.idle):
                try:
                    item = await anext(source)
                except StopAsyncIteration:
                    return
            yield item

    def __call__(self, fn: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate the asynchronous function *fn*."""
        require_async(fn)

        @functools.wraps(fn)
        async def timed(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.call(fn, *args, **kwargs)

        return timed

    def _limit(self, seconds: float | None) -> "TimeLimit":
        return TimeLimit(self._wheels.of(asyncio.get_running_loop()), seconds)


class TimeLimit:
    """Ends what is inside after *seconds*, or at the caller's deadline if that comes first."""

    __slots__ = ("_alarm", "_own", "_seconds", "_wheel")

    def __init__(self, wheel: TimerWheel, seconds: float | None) -> None:
        self._wheel = wheel
        self._seconds = seconds
        self._own = True
        self._alarm: Alarm | None = None

    async def __aenter__(self) -> Self:
        seconds, end = self._seconds, current_end()
        if end is not None:
            left = end - self._wheel.loop.time()
            if left <= 0:
                raise DeadlineExceeded("the time for this is over")
            if seconds is None or left < seconds:
                seconds, self._own = left, False
        task = asyncio.current_task()
        if seconds is not None and task is not None:
            self._alarm = self._wheel.set(task, seconds)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._alarm is None or not self._alarm.put_off():
            return
        if isinstance(error, asyncio.CancelledError):
            if self._own:
                raise AttemptTimedOut(f"no answer within {self._seconds:g} s") from error
            raise DeadlineExceeded("the time for this was over before it was done") from error
