"""Time-outs that cost little: one timer for all of them, which moves in ticks of 10 ms.

``asyncio.timeout`` makes a timer of the loop for every call (3.9 µs on Python 3.11); setting and
putting off an alarm of this wheel costs a fraction of that. An alarm never rings early, and at most
one tick late, besides what the loop itself is late.
"""

import asyncio
import time
from typing import Final

__all__ = ["TICK", "Alarm", "TimerWheel", "wheel_of"]

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
    """

    __slots__ = ("_bucket", "_cancelling", "_task", "is_deadline", "rang")

    def __init__(self, task: "asyncio.Task[object]", bucket: "set[Alarm]") -> None:
        self._task = task
        self._bucket = bucket
        self._cancelling = task.cancelling()
        self.rang = False
        self.is_deadline = False
        bucket.add(self)

    def ring(self) -> None:
        """Cancel the task."""
        self.rang = True
        self._task.cancel()

    def put_off(self) -> bool:
        """Take it off the wheel; return whether it, and nobody else, cancelled the task."""
        if not self.rang:
            self._bucket.discard(self)
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

    def set(self, task: "asyncio.Task[object]", seconds: float) -> Alarm:
        """Ring for *task* after *seconds*."""
        seconds = min(seconds, _FURTHEST)
        due = int((self._now() + seconds) * _PER_SECOND) + 1
        bucket = self._buckets.get(due)
        if bucket is None:
            bucket = self._buckets[due] = set()
            if self._timer is None or due < self._next:
                self._wake_at(due)
        return Alarm(task, bucket)

    def _wake_at(self, due: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = due
        self._timer = self.loop.call_later(max(0.0, due * TICK - self._now()), self._look)

    def _look(self) -> None:
        self._timer = None
        # A loop may wake a little before the time it was told; then it is told once more.
        now = int(self._now() * _PER_SECOND + _ROUNDING)
        for due in [due for due in self._buckets if due <= now]:
            for alarm in self._buckets.pop(due):
                alarm.ring()
        if self._buckets:
            self._wake_at(min(self._buckets))


def wheel_of(known: TimerWheel | None) -> TimerWheel:
    """Return a wheel of the running loop: *known*, if it is that loop's, else a new one."""
    loop = asyncio.get_running_loop()
    if known is not None and known.loop is loop:
        return known
    return TimerWheel(loop)
