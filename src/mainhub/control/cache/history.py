"""How the cache has been of late: its figures, looked at every few seconds."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mainhub.cache import Cache
from mainhub.clock import Clock

__all__ = ["CacheHistory", "Moment"]

_KEPT: Final = 120


@dataclass(frozen=True, slots=True)
class Moment:
    """What was asked of the cache in the interval that ended *at*.

    *errors* counts how often level 2 was needed and did not answer.
    """

    at: datetime
    l1_hits: int
    l2_hits: int
    misses: int
    stale: int
    errors: int


class CacheHistory:
    """Keeps the latest intervals of a cache; no call pays for it.

    Args:
        cache: what is looked at.
        clock: the time of day.
        every: the length of an interval.
    """

    def __init__(
        self, cache: Cache, *, clock: Clock, every: timedelta = timedelta(seconds=5)
    ) -> None:
        self.every = every
        self.moments: deque[Moment] = deque(maxlen=_KEPT)
        self._cache = cache
        self._clock = clock
        self._seen = self._counted()

    def look(self) -> None:
        """Add the interval that ends now."""
        now = self._counted()
        spent = [new - old for new, old in zip(now, self._seen, strict=True)]
        self._seen = now
        self.moments.append(Moment(self._clock.now(), *spent))

    async def watch(self, until: asyncio.Event) -> None:
        """Keep the history until the event is set; its owner runs this as a task."""
        while not until.is_set():
            try:
                await asyncio.wait_for(until.wait(), self.every.total_seconds())
            except TimeoutError:
                self.look()

    def _counted(self) -> tuple[int, int, int, int, int]:
        figures = self._cache.figures
        return (
            figures.l1_hits,
            figures.l2_hits,
            figures.misses,
            figures.stale,
            figures.unavailable,
        )
