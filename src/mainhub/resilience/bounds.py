"""Arguments looked at where they are given, with a sentence that says what to write instead."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

__all__ = ["count", "function", "number", "seconds", "share"]

F = TypeVar("F", bound=Callable[..., Any] | None)


def seconds(value: object, what: str, *, zero: bool = False) -> float:
    """Return the length of time *value* in seconds.

    Raises:
        TypeError: it is no ``timedelta``.
        ValueError: it is negative, or zero where *zero* makes no sense.
    """
    if not isinstance(value, timedelta):
        shown = f"timedelta(seconds={value!r})" if isinstance(value, int | float) else "a timedelta"
        raise TypeError(f"{what}={value!r}: write {shown} instead")
    if value < timedelta() or (not zero and not value):
        least = "zero or more" if zero else "more than zero"
        raise ValueError(f"{what}={value!r}: write {least}, such as timedelta(seconds=1)")
    return value.total_seconds()


def count(value: object, what: str, *, least: int = 1) -> int:
    """Return the whole number *value*.

    Raises:
        TypeError: it is none.
        ValueError: it is less than *least*.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what}={value!r}: write a whole number, {least} at least")
    if value < least:
        raise ValueError(f"{what}={value!r}: write {least} or more")
    return value


def share(value: object, what: str, *, most: float = 1.0) -> float:
    """Return the share *value*, more than 0 and *most* at most.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of bounds, per cent perhaps.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{what}={value!r}: write a share such as 0.5 for one half")
    if not 0 < value <= most:
        raise ValueError(
            f"{what}={value!r}: write a share above 0 and up to {most:g}, such as 0.5 for one half"
        )
    return float(value)


def number(value: object, what: str, *, least: float, most: float, such_as: str) -> float:
    """Return the number *value*, from *least* up to *most*.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of bounds.
    """
    told = f"{what}={value!r}: write {least:g} up to {most:g}, such as {such_as}"
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(told)
    if not math.isfinite(value) or not least <= value <= most:
        raise ValueError(told)
    return float(value)


def function(value: F, what: str) -> F:
    """Return the function *value*.

    Raises:
        TypeError: it cannot be called.
    """
    if not callable(value):
        raise TypeError(f"{what}={value!r}: write a function")
    return value
