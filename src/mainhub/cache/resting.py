"""Keys whose factory failed lately, which is left alone for a while."""

from collections.abc import Callable
from typing import Final

__all__ = ["Resting"]

_MOST: Final = 10_000


class Resting:
    """Until when each key rests; the oldest is forgotten where there are too many."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    def has(self, key: str) -> bool:
        """Tell whether *key* rests."""
        until = self._until.get(key)
        if until is None:
            return False
        if self._now() < until:
            return True
        del self._until[key]
        return False

    def begin(self, key: str, seconds: float) -> None:
        """Let *key* rest for *seconds* from now."""
        self._until.pop(key, None)
        if len(self._until) >= _MOST:
            del self._until[next(iter(self._until))]
        self._until[key] = self._now() + seconds

    def end(self, key: str) -> None:
        """Let *key* rest no longer."""
        self._until.pop(key, None)
