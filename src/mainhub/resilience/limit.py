"""So many in so long a time, and what asking for one of them comes to."""

import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from mainhub.resilience import bounds

__all__ = ["Admission", "Limit"]

_MICROSECONDS = 1_000_000
_MOST_PER_SECOND = 1_000_000
# What a number of Redis's Lua holds exactly is 2 ** 53; the present in microseconds takes a fifth.
_LONGEST = 400 * 24 * 3600 * _MICROSECONDS


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be asked for: *limit* in each *period*, *burst* of them at once.

    Places come back evenly, one every ``period / limit`` (GCRA, the leaky bucket as a meter). So a
    window as long as the period may see *burst* and *limit* together: with the defaults 100 at
    once pass and the 101st is refused, and 60 seconds may admit up to 200.

    Attributes:
        limit: how many in a period.
        period: the period.
        burst: how many at once; as many as *limit* unless said otherwise.
        block_for: for how long to refuse everything after a refusal; ``None``: no longer than
            needed.
        name: what the policy is called in headers.
        at_once: the burst, whether it was given or not.
        interval: microseconds until a place comes back, rounded up.
        tolerance: microseconds by which a whole burst is ahead of its time.
        block: microseconds of a block; 0: there is none.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    limit: int = 100
    period: timedelta = timedelta(seconds=60)
    burst: int | None = None
    block_for: timedelta | None = None
    name: str = "default"
    at_once: int = field(init=False, repr=False, compare=False)
    interval: int = field(init=False, repr=False, compare=False)
    tolerance: int = field(init=False, repr=False, compare=False)
    block: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bounds.count(self.limit, "limit")
        period = round(bounds.seconds(self.period, "period") * _MICROSECONDS)
        burst = self.limit if self.burst is None else bounds.count(self.burst, "burst")
        block = 0
        if self.block_for is not None:
            block = round(bounds.seconds(self.block_for, "block_for") * _MICROSECONDS)
        interval = -(-period // self.limit)
        if self.limit > period:
            raise ValueError(f"limit={self.limit}: write {_MOST_PER_SECOND:,} a second at most")
        if max(interval * burst, period, block) > _LONGEST:
            raise ValueError("period, burst or block_for is too long: write 400 days at most")
        if not self.name.isascii() or not self.name.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"name={self.name!r}: write letters, digits, - and _, such as 'calls'")
        for attribute, value in (
            ("at_once", burst),
            ("interval", interval),
            ("tolerance", interval * burst),
            ("block", block),
        ):
            object.__setattr__(self, attribute, value)

    def share(self, nodes: int, *, least: int = 1) -> "Limit":
        """Return what one of *nodes* processes may admit by itself, *least* at once at least.

        Limit and burst are rounded down; the rate is divided exactly, so that all processes keep to
        it together however many they are.
        """
        nodes = max(1, nodes)
        burst = max(self.at_once // nodes, least)
        interval = self.interval * nodes
        # Not made anew: what would be too long for a limit that somebody wrote is none of a share.
        found = copy.copy(self)
        for attribute, value in (
            ("limit", max(1, self.limit // nodes)),
            ("burst", burst),
            ("at_once", burst),
            ("interval", interval),
            ("tolerance", interval * burst),
        ):
            object.__setattr__(found, attribute, value)
        return found


class Admission(NamedTuple):
    """What a limiter said.

    Attributes:
        allowed: whether it may be done.
        limit: the limit that decided.
        remaining: how many more could be done at once.
        reset: seconds until all of the burst is there again.
        retry_after: seconds until the same would be allowed; 0 if it was.
    """

    allowed: bool
    limit: Limit
    remaining: int
    reset: float
    retry_after: float
