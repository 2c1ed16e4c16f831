"""The promise of whatever keeps count of who asked how often."""

from abc import ABC, abstractmethod

from mainhub.resilience.limit import Admission, Limit

__all__ = ["LimitStore"]


class LimitStore(ABC):
    """Keeps a number for each key; what several processes share, it counts for all of them."""

    @abstractmethod
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        """Ask for *cost* of *limit* for *key*; a refusal takes nothing.

        Never more than ``burst + t / period * limit`` is admitted in any time *t*.

        Raises:
            ValueError: *cost* is less than one, or more than a whole burst.
            Unavailable: whoever keeps count does not answer.
        """

    async def aclose(self) -> None:
        """Let go of what is held."""
        return
