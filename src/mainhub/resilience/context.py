"""What a call inherits from the one that it is made in: by when it is due, and which attempt it is.

One variable for both, since each look at one costs what a whole part of a pipeline may cost.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

__all__ = ["CONTEXT", "FIRST", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The call that surrounds this one.

    Attributes:
        end: when its answer is due, by the loop's clock.
        attempt: which of its attempts this is, 0 being the first; ``None``: it does not retry.
    """

    end: float | None = None
    attempt: int | None = None


FIRST: Final = Surroundings(attempt=0)
"""A first attempt that is never due: what most calls set, made once."""

CONTEXT: Final[ContextVar[Surroundings | None]] = ContextVar("mainhub_call", default=None)
