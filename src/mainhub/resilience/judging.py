"""What counts as a failure, and whether something can be awaited at all."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, TypeVar

from mainhub.errors import MainHubError, Unavailable
from mainhub.resilience.failures import DeadlineExceeded, Rejected, Throttled

__all__ = [
    "ErrorTest",
    "Errors",
    "NotAwaitable",
    "Outcome",
    "ResultTest",
    "awaitable",
    "error_test",
    "is_failure",
    "ours",
    "require_async",
]

T = TypeVar("T")
ErrorTest = Callable[[Exception], bool]
ResultTest = Callable[[Any], bool]
Errors = type[Exception] | tuple[type[Exception], ...] | ErrorTest
"""Which exceptions: their type, several types, or a function that tells."""


class NotAwaitable(TypeError):
    """A function was given that is not asynchronous."""


class Outcome(Enum):
    """What a call says about what is behind it."""

    OK = "ok"
    FAIL = "fail"
    NEUTRAL = "neutral"
    """Nothing: it was cancelled, cut short by the caller's own deadline, or the caller's fault."""


def is_failure(error: Exception) -> bool:
    """Tell whether *error* speaks against what was called: everything but a few.

    Not a refusal by this kit itself, a pause asked for by the other side, nor an error of the
    families that blame the caller (``Refused``, ``Invalid``, ``NotFound``, ``Conflict``).
    """
    if isinstance(error, Rejected | Throttled | NotAwaitable):
        return isinstance(error, DeadlineExceeded) and error.blames
    return isinstance(error, Unavailable) or not isinstance(error, MainHubError)


def ours(error: BaseException) -> bool:
    """Tell whether *error* is this kit's own word, about which no predicate is asked."""
    return isinstance(error, Rejected | Throttled | NotAwaitable)


def error_test(given: Errors, what: str) -> ErrorTest:
    """Return *given* as a function.

    Raises:
        TypeError: it is neither exception types nor a function; *what* is its name.
    """
    types = given if isinstance(given, tuple) else (given,)
    if types and all(isinstance(one, type) and issubclass(one, Exception) for one in types):
        return functools.partial(_is_one_of, types)
    if callable(given) and not isinstance(given, type):
        return given
    raise TypeError(
        f"{what}={given!r}: write exception classes, such as (OSError, TimeoutError), "
        "or a function that takes the exception and returns a bool"
    )


def _is_one_of(types: tuple[Any, ...], error: Exception) -> bool:
    return isinstance(error, types)


def require_async(fn: object) -> None:
    """See to it that *fn* can be decorated.

    Raises:
        TypeError: it is no function that is awaited.
    """
    inner = fn
    while isinstance(inner, functools.partial):
        inner = inner.func
    call = getattr(inner, "__call__", None)  # noqa: B004 - for the method itself, not to test it
    if inspect.iscoroutinefunction(inner) or inspect.iscoroutinefunction(call):
        return
    told = getattr(inner, "__qualname__", repr(inner))
    raise TypeError(
        f"{told} is not asynchronous: write `async def {getattr(inner, '__name__', '...')}(...)`, "
        f"or decorate `async def f(...): return await asyncio.to_thread({told}, ...)`"
    )


def awaitable(made: Awaitable[T], fn: object) -> Awaitable[T]:
    """Return *made*, which *fn* returned, if it can be awaited.

    Raises:
        NotAwaitable: it cannot, so *fn* is no asynchronous function.
    """
    if inspect.isawaitable(made):
        return made
    told = getattr(fn, "__qualname__", repr(fn))
    raise NotAwaitable(
        f"{told} returned {type(made).__name__}, which cannot be awaited: write `async def`, or "
        f"call asyncio.to_thread with {told} and its arguments"
    )
