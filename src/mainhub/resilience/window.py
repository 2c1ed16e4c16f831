"""Results of the last seconds, in ten buckets that are thrown away as they grow old."""

from typing import Final

__all__ = ["Window"]

_BUCKETS: Final = 10


class Window:
    """Counts over a time that slides: *seconds* long, moving on by a tenth of that.

    What is good and quick is by far the most common; for that it is enough to see that *until* has
    not come, and to add one to *good*.

    Attributes:
        until: when the present bucket ends, in seconds of a clock that never goes back.
        good: results of the present bucket that were neither a failure nor slow.
        failures: those that failed, in all buckets.
        slow: those that took too long, failed or not, in all buckets.
    """

    __slots__ = ("_bucket", "_calls", "_failures", "_others", "_slow", "_width", "failures", "good",
                 "seconds", "slow", "until")  # fmt: skip

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._width = seconds / _BUCKETS
        self.clear()

    @property
    def calls(self) -> int:
        """Results in the window."""
        return self._others + self.good

    def clear(self) -> None:
        """Forget everything."""
        self.good = self.failures = self.slow = self._others = 0
        self.until = 0.0
        self._bucket = -_BUCKETS
        self._calls = [0] * _BUCKETS
        self._failures = [0] * _BUCKETS
        self._slow = [0] * _BUCKETS

    def bad(self, now: float, *, failed: bool, slow: bool) -> None:
        """Count a result at *now* that failed, was slow, or both."""
        if now >= self.until:
            self.move(now)
        place = self._bucket % _BUCKETS
        self._calls[place] += 1
        self._others += 1
        if failed:
            self.failures += 1
            self._failures[place] += 1
        if slow:
            self.slow += 1
            self._slow[place] += 1

    def move(self, now: float) -> None:
        """Go on to the bucket of *now*, and let go of what is too old by then."""
        bucket = int(now / self._width)
        self._calls[self._bucket % _BUCKETS] += self.good
        self._others += self.good
        self.good = 0
        for old in range(max(self._bucket + 1, bucket - _BUCKETS + 1), bucket + 1):
            place = old % _BUCKETS
            self._others -= self._calls[place]
            self.failures -= self._failures[place]
            self.slow -= self._slow[place]
            self._calls[place] = self._failures[place] = self._slow[place] = 0
        self._bucket = bucket
        self.until = (bucket + 1) * self._width
