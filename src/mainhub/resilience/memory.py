"""Counts in this process, of which each keeps its own."""

import time

from typing_extensions import override

from mainhub.clock import Clock
from mainhub.resilience import bounds
from mainhub.resilience.gcra import admission, checked_cost
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.port import LimitStore

__all__ = ["MemoryLimits"]

_SECOND = 1_000_000


class MemoryLimits(LimitStore):
    """One whole number for each key that is not as good as new.

    Args:
        most: how many keys are kept. Beyond that, those that are as good as new go first, then
            those that will soonest be: whoever used the least gets it forgiven.
        clock: the time; only its monotonic side is used.
    """

    def __init__(self, *, most: int = 100_000, clock: Clock | None = None) -> None:
        self._most = bounds.count(most, "most")
        self._now = time.monotonic if clock is None else clock.monotonic
        self._times: dict[str, int] = {}
        self._blocked: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._times)

    @override
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        return self.take_now(key, limit, cost)

    def take_now(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        """Do as :meth:`take` does, without being awaited."""
        now = int(self._now() * _SECOND)
        times = self._times
        known = times.get(key, 0)
        ahead = known - now if known > now else 0
        if self._blocked and (until := self._blocked.get(key, 0)) > now:
            return admission(limit, allowed=False, ahead=ahead, wait=until - now)
        if cost != 1:
            checked_cost(cost, limit)
        after = ahead + limit.interval * cost
        if after > limit.tolerance:
            wait = after - limit.tolerance
            if limit.block:
                wait = max(wait, limit.block)
                self._block(key, now, now + wait)
            return admission(limit, allowed=False, ahead=ahead, wait=wait)
        if known == 0 and len(times) >= self._most:
            self._make_room(now)
        times[key] = now + after
        # By position: this is what nearly every call comes to.
        return Admission(
            True,  # noqa: FBT003
            limit,
            (limit.tolerance - after) // limit.interval,
            after / _SECOND,
            0.0,
        )

    def _block(self, key: str, now: int, until: int) -> None:
        if len(self._blocked) >= self._most:
            self._blocked = {one: end for one, end in self._blocked.items() if end > now}
        if len(self._blocked) < self._most:
            self._blocked[key] = until

    def _make_room(self, now: int) -> None:
        """Forget a tenth at least, so that the next call need not look again."""
        kept = sorted(((at, key) for key, at in self._times.items() if at > now), reverse=True)
        self._times = {key: at for at, key in kept[: self._most - max(1, self._most // 10)]}
