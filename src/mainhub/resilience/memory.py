"""Counts in this process, of which each keeps its own."""

import time
from heapq import heappop, heappush, heapreplace
from typing import Final

from typing_extensions import override

from mainhub.clock import Clock
from mainhub.resilience import bounds
from mainhub.resilience.gcra import LONGEST_KEY, admission, bounded, checked_cost, refusal
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.port import LimitStore

__all__ = ["MemoryLimits"]

_SECOND: Final = 1_000_000
# What floating point may take from an instant must not make who waited exactly as told too early.
_NOISE: Final = 0.25
# How many keys are looked at when there is no room: all that it costs, however many there are.
_LOOKS: Final = 128


class _Keys:
    """The keys of all limits of one name: their arrival times, and ends of blocks."""

    __slots__ = ("blocks", "name", "times")

    def __init__(self, name: str) -> None:
        self.name = name
        self.times: dict[str, int] = {}
        self.blocks: dict[str, int] = {}

    def new_at(self, key: str) -> int:
        """Return from when on *key* is as good as new."""
        return max(self.times[key], self.blocks.get(key, 0))


class MemoryLimits(LimitStore):
    """One whole number for each key that is not as good as new.

    Args:
        most: how many keys are kept. Beyond that, those that are as good as new go first, then
            those that will soonest be, of some that are looked at: whoever used the least gets it
            forgiven.
        clock: the time; only its monotonic side is used.
    """

    def __init__(self, *, most: int = 100_000, clock: Clock | None = None) -> None:
        self._most = bounds.count(most, "most")
        self._now = time.monotonic if clock is None else clock.monotonic
        self._limits: dict[str, _Keys] = {}
        # One entry for each key, with an instant until which it was not new: the earliest first.
        self._order: list[tuple[int, str, str]] = []

    def __len__(self) -> int:
        return len(self._order)

    @override
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        return self.take_now(key, limit, cost)

    def take_now(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        """Do as :meth:`take` does, without being awaited."""
        if cost != 1:
            checked_cost(cost, limit)
        if len(key) > LONGEST_KEY:
            key = bounded(key)
        now = int(self._now() * _SECOND + _NOISE)
        keys = self._limits.get(limit.name)
        if keys is None:
            keys = self._limits[limit.name] = _Keys(limit.name)
        known = keys.times.get(key)
        ahead = known - now if known is not None and known > now else 0
        after = ahead + cost * limit.interval
        if after > limit.tolerance:
            blocked = self._blocked(keys, key, now) or self._block(keys, key, limit, now)
            return refusal(limit, cost, ahead=ahead, blocked=blocked)
        if keys.blocks and (blocked := self._blocked(keys, key, now)):
            return refusal(limit, cost, ahead=ahead, blocked=blocked)
        if known is None:
            if len(self._order) >= self._most:
                self._make_room(now)
                # Again, since the last key of this name may just have been forgotten.
                self._limits[limit.name] = keys
            heappush(self._order, (now + after, limit.name, key))
        keys.times[key] = now + after
        return admission(limit, after)

    def _blocked(self, keys: _Keys, key: str, now: int) -> int:
        """Return for how much longer *key* is blocked."""
        until = keys.blocks.get(key, 0)
        if until <= now:
            keys.blocks.pop(key, None)
            return 0
        return until - now

    def _block(self, keys: _Keys, key: str, limit: Limit, now: int) -> int:
        """Begin a block of *key*, which has an arrival time, if the limit wants one."""
        if limit.block:
            keys.blocks[key] = now + limit.block
        return limit.block

    def _make_room(self, now: int) -> None:
        """Forget what is as good as new, and one more if there is no room else."""
        order = self._order
        for last in (*(False,) * (_LOOKS - 1), True):
            full = len(order) >= self._most
            if not order or not (full or order[0][0] <= now):
                return
            since, name, key = order[0]
            keys = self._limits[name]
            new_at = keys.new_at(key)
            if new_at <= max(now, since) or (full and last):
                heappop(order)
                self._forget(keys, key)
            else:
                heapreplace(order, (new_at, name, key))

    def _forget(self, keys: _Keys, key: str) -> None:
        del keys.times[key]
        keys.blocks.pop(key, None)
        if not keys.times:
            del self._limits[keys.name]
