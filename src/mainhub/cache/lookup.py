"""Looking without filling: what is there, and how it stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.figures import CacheFigures
from mainhub.cache.level1 import Entry, Level1, Standing
from mainhub.cache.options import MISSING
from mainhub.cache.reader import Level2Reader

__all__ = ["Looker", "Lookup", "Outcome"]


class Outcome(StrEnum):
    """What was found under a key."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"
    """Its time is over, or changes of it may have gone unheard; only for emergencies."""
    UNAVAILABLE = "unavailable"
    """Level 2 does not answer, and this process knows nothing."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is under a key; without a value all but the outcome is empty.

    Attributes:
        value: what was found, or ``MISSING``.
        age, expires_in: seconds since it was made, and until its time is over (below zero: since).
        size: bytes, as they are written.
        level: 1 or 2.
    """

    outcome: Outcome
    value: Any = MISSING
    age: float | None = None
    expires_in: float | None = None
    tags: tuple[str, ...] = ()
    size: int | None = None
    level: int | None = None


class Looker:
    """Reads through both levels; never raises what level 2 does."""

    def __init__(
        self,
        *,
        level1: Level1,
        reader: Level2Reader | None,
        figures: CacheFigures,
        now: Callable[[], float],
    ) -> None:
        self._level1 = level1
        self._reader = reader
        self._figures = figures
        self._now = now

    async def get(self, key: str, default: Any, l1_ttl: float | None) -> Any:
        """Return the fresh value of *key*, or *default*."""
        now = self._now()
        seen = self._level1.look(key, now)
        if seen is not None and seen[1] is Standing.FRESH:
            return self._level1.hit(key, seen[0])
        if self._reader is not None:
            try:
                entry = await self._reader.read_one(key, l1_ttl=l1_ttl)
            except CacheUnavailable:
                self._figures.unavailable += 1
                entry = None
            if entry is not None and self._now() < entry.soft_until:
                self._figures.l2_hits += 1
                self._figures.negative_hits += entry.value is None
                return entry.value
        self._figures.misses += 1
        return default

    async def get_many(self, keys: Sequence[str], l1_ttl: float | None) -> dict[str, Any]:
        """Return the fresh values among *keys*."""
        values: dict[str, Any] = {}
        left = []
        now = self._now()
        for key in dict.fromkeys(keys):
            seen = self._level1.look(key, now)
            if seen is not None and seen[1] is Standing.FRESH:
                values[key] = self._level1.hit(key, seen[0])
            else:
                left.append(key)
        if left and self._reader is not None:
            try:
                found = await self._reader.read(left, l1_ttl=l1_ttl)
            except CacheUnavailable:
                self._figures.unavailable += 1
                found = {}
            now = self._now()
            for key, entry in found.items():
                if now < entry.soft_until:
                    values[key] = entry.value
                    self._figures.l2_hits += 1
                    self._figures.negative_hits += entry.value is None
        self._figures.misses += sum(key not in values for key in left)
        return values

    async def lookup(self, key: str) -> Lookup:
        """Return what is under *key*; it counts as nothing."""
        seen = self._level1.look(key, self._now())
        if seen is not None and seen[1] is Standing.FRESH:
            return self._told(seen[0], 1)
        outcome = Outcome.MISS
        if self._reader is not None:
            try:
                found = await self._reader.read([key])
            except CacheUnavailable:
                outcome = Outcome.UNAVAILABLE
            else:
                entry = found.get(key)
                return Lookup(outcome) if entry is None else self._told(entry, 2)
        seen = self._level1.look(key, self._now())
        return Lookup(outcome) if seen is None else self._told(seen[0], 1, suspect=True)

    def _told(self, entry: Entry, level: int, *, suspect: bool = False) -> Lookup:
        now = self._now()
        stale = suspect or now >= entry.soft_until
        return Lookup(
            Outcome.STALE if stale else Outcome.HIT,
            entry.value,
            age=now - entry.born,
            expires_in=entry.soft_until - now,
            tags=entry.tags,
            size=entry.size,
            level=level,
        )
