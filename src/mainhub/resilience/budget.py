"""How many retries there may be, as a share of the calls: retries help one, and drown a service."""

import time

from mainhub.clock import Clock
from mainhub.resilience import bounds

__all__ = ["Budget"]


class Budget:
    """Tokens that calls earn and retries (or hedges) spend; may be shared by several pipelines.

    A service that fails altogether gets at most ``1 + ratio`` times the calls of a healthy one.

    Attributes:
        earned: calls since somebody asked last; whoever makes a call adds one.

    Args:
        ratio: the share of a token that each call earns: 0.2 allows 20 % retries.
        floor: tokens that every second brings besides, so that a quiet service gets retries, too.
        burst: tokens that are kept at most, and that there are at first.
        clock: the time; only its monotonic side is used.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    __slots__ = ("_as_of", "_now", "_tokens", "burst", "earned", "floor", "ratio")

    def __init__(
        self,
        ratio: float = 0.2,
        *,
        floor: float = 1.0,
        burst: int = 10,
        clock: Clock | None = None,
    ) -> None:
        self.ratio = bounds.share(ratio, "ratio", most=10.0)
        self.floor = bounds.number(floor, "floor", least=0, most=1e6, such_as="1.0 a second")
        self.burst = float(bounds.count(burst, "burst"))
        self._now = time.monotonic if clock is None else clock.monotonic
        self._tokens = self.burst
        self._as_of = self._now()
        self.earned = 0

    @property
    def tokens(self) -> float:
        """How many retries could be made at once."""
        self._refill()
        return self._tokens

    def spend(self) -> bool:
        """Take a token for a retry; ``False`` if there is none."""
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _refill(self) -> None:
        now = self._now()
        brought = self.earned * self.ratio + (now - self._as_of) * self.floor
        self._tokens = min(self.burst, self._tokens + brought)
        self._as_of = now
        self.earned = 0
