"""What a call inherits from the one that it is made in: by when it is due, and which attempt it is.

One variable for both, since each look at one costs what a whole part of a pipeline may cost.
"""

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, Final, TypeVar

__all__ = ["CONTEXT", "FIRST", "Surroundings", "on_its_own"]

T = TypeVar("T")


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


def on_its_own(work: Coroutine[Any, Any, T], *, name: str | None = None) -> "asyncio.Task[T]":
    """Start *work* that serves others than who starts it, or lives longer.

    So neither the caller's deadline nor the number of its attempt holds for it.
    """
    context = copy_context()
    context.run(CONTEXT.set, None)
    return asyncio.create_task(work, name=name, context=context)
