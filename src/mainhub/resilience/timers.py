"""Time-outs that cost little: one timer for all of them, which moves in ticks of 10 ms.

``asyncio.timeout`` makes a timer of the loop for every call (3.9 µs on Python 3.11); setting and
putting off an alarm of this wheel costs a fraction of that. An alarm never rings early, and at most
one tick late, besides what the loop itself is late. After a turn of the loop that took longer than
a tick it rings one tick later still: what has arrived meanwhile is read before anybody gives it up.
"""

import asyncio
import time
from typing import Final

__all__ = ["TICK", "Alarm", "TimerWheel", "Wheels"]

TICK: Final = 0.01
"""Seconds between two looks of a wheel."""
_PER_SECOND: Final = 1 / TICK
# Less than a microsecond: what floating point takes from an instant that is due.
_ROUNDING: Final = 1e-5
# Later than this, one look is as good as another; it bounds what the wheel holds.
_FURTHEST: Final = 400 * 24 * 3600.0


class Alarm:
    """A time-out that is set; it cancels its task when it rings.

    Attributes:
        rang: whether it did.
        is_deadline: whether it stands for the end of the whole rather than of one attempt.
        is_whole: whether the attempt has all the time that there is for the whole.
    """

    __slots__ = ("_buckets", "_cancelling", "_due", "_task", "is_deadline", "is_whole", "rang")

    def __init__(
        self, task: "asyncio.Task[object]", due: int, buckets: "dict[int, set[Alarm]]"
    ) -> None:
        self._task = task
        self._due = due
        self._buckets = buckets
        self._cancelling = task.cancelling()
        self.rang = self.is_deadline = self.is_whole = False

    def ring(self) -> None:
        """Cancel the task."""
        self.rang = True
        self._task.cancel()

    def put_off(self) -> bool:
        """Take it off the wheel; return whether it, and nobody else, cancelled the task."""
        if not self.rang:
            bucket = self._buckets[self._due]
            bucket.discard(self)
            if not bucket:
                # Time-outs of an hour would leave an hour's worth of empty ones.
                del self._buckets[self._due]
            return False
        # As asyncio.timeout does it: whoever else cancelled the task wants it to end.
        return self._task.uncancel() <= self._cancelling


class TimerWheel:
    """The alarms of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        # The real time, which a loop's own may be behind of (uvloop's stands still within a turn);
        # but a loop's own where it has one of its own making.
        own = isinstance(loop, asyncio.BaseEventLoop)
        own = own and type(loop).time is not asyncio.BaseEventLoop.time
        self._now = loop.time if own else time.monotonic
        self._buckets: dict[int, set[Alarm]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0
        self._has_waited = False

    def set(self, task: "asyncio.Task[object]", seconds: float) -> Alarm:
        """Ring for *task* after *seconds*."""
        seconds = min(seconds, _FURTHEST)
        due = int((self._now() + seconds) * _PER_SECOND) + 1
        bucket = self._buckets.get(due)
        if bucket is None:
            bucket = self._buckets[due] = set()
            if self._timer is None or due < self._next:
                self._wake_at(due)
        alarm = Alarm(task, due, self._buckets)
        bucket.add(alarm)
        return alarm

    def _wake_at(self, due: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = due
        self._timer = self.loop.call_later(max(0.0, due * TICK - self._now()), self._look)

    def _look(self) -> None:
        self._timer = None
        # A loop may wake a little before the time it was told; then it is told once more.
        now = int(self._now() * _PER_SECOND + _ROUNDING)
        self._has_waited = now > self._next + 1 and not self._has_waited
        if self._has_waited:
            self._wake_at(now + 1)
            return
        for due in [due for due in self._buckets if due <= now]:
            for alarm in self._buckets.pop(due):
                alarm.ring()
        if self._buckets:
            self._wake_at(min(self._buckets))


class Wheels:
    """The wheel of the loop that runs, shared by all ways to one thing."""

    __slots__ = ("current",)

    def __init__(self) -> None:
        self.current: TimerWheel | None = None

    def of(self, loop: asyncio.AbstractEventLoop) -> TimerWheel:
        """Return the wheel of *loop*."""
        wheel = self.current
        if wheel is None or wheel.loop is not loop:
            wheel = self.current = TimerWheel(loop)
        return wheel
