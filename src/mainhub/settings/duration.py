"""Lengths of time, as people write them: ``30m``, ``1h30m``, ``PT10S``, or seconds."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import PlainValidator

__all__ = ["Duration", "format_duration", "parse_duration"]

_LONGEST: Final = timedelta(days=3650)
_EXPECTED: Final = "expected a duration such as 10s, 30m, 12h or PT30M, at most 3650 days"
_NUMBER: Final = r"(\d{1,15}(?:\.\d{1,9})?)"
_SECONDS: Final = re.compile(_NUMBER, re.ASCII)
_SHORT: Final = re.compile(
    rf"(?:{_NUMBER}d)?(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?", re.ASCII
)
# ISO 8601-1:2019, 5.5.2; years and months are left out, since their lengths differ.
_ISO: Final = re.compile(
    rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII
)
_SHORT_UNITS: Final = (86400.0, 3600.0, 60.0, 1.0, 0.001)
_ISO_UNITS: Final = (604800.0, 86400.0, 3600.0, 60.0, 1.0)


def parse_duration(value: object) -> timedelta:
    """Return the duration that *value* means; it is positive.

    Raises:
        ValueError: it means none; the message says what is expected.
    """
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        duration = _of_seconds(value)
    elif isinstance(value, str):
        duration = _of_seconds(_seconds(value.strip()))
    else:
        raise ValueError(_EXPECTED)  # noqa: TRY004  pydantic reports ValueError only
    if not timedelta() < duration <= _LONGEST:
        raise ValueError(_EXPECTED)
    return duration


def format_duration(duration: timedelta) -> str:
    """Write *duration* so that :func:`parse_duration` reads the same: ``1h30m``."""
    seconds, fraction = divmod(duration // timedelta(microseconds=1), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{amount}{unit}" for amount, unit in ((hours, "h"), (minutes, "m")) if amount]
    if fraction:
        parts.append(f"{seconds}.{fraction:06d}".rstrip("0") + "s")
    elif seconds or not parts:
        parts.append(f"{seconds}s")
    return "".join(parts)


def _seconds(text: str) -> float:
    if match := _SECONDS.fullmatch(text):
        return float(match[1])
    for pattern, units in ((_SHORT, _SHORT_UNITS), (_ISO, _ISO_UNITS)):
        match = pattern.fullmatch(text if pattern is _ISO else text.lower())
        if match and any(match.groups()):
            return sum(
                float(amount) * unit
                for amount, unit in zip(match.groups(), units, strict=True)
                if amount
            )
    raise ValueError(_EXPECTED)


def _of_seconds(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError):  # too many for a timedelta; not a number
        raise ValueError(_EXPECTED) from None


Duration = Annotated[timedelta, PlainValidator(parse_duration)]
"""A positive length of time."""
