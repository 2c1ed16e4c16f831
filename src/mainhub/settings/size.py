"""Amounts of bytes, as people write them: ``10MiB``, ``512kB``, or a plain number."""

import re
from typing import Annotated, Final

from pydantic import PlainValidator
from typing_extensions import override

__all__ = ["ByteSize", "Size", "parse_size"]

_EXPECTED: Final = "expected a number of bytes such as 10MiB, 512KiB or 1048576, at most 1024GiB"
_LARGEST: Final = 1024 * 1024**3
_TEXT: Final = re.compile(r"(\d{1,13})\s*([a-z]{0,3})", re.ASCII)
_BINARY: Final = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))
_UNITS: Final = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    **{unit.lower(): factor for unit, factor in _BINARY},
}


class Size(int):
    """A number of bytes that shows itself with its unit."""

    __slots__ = ()

    @override
    def __str__(self) -> str:
        for unit, factor in _BINARY:
            if self >= factor and self % factor == 0:
                return f"{self // factor}{unit}"
        return f"{int(self)}"


def parse_size(value: object) -> Size:
    """Return the positive number of bytes that *value* means.

    Raises:
        ValueError: it means none; the message says what is expected.
    """
    if isinstance(value, str) and (match := _TEXT.fullmatch(value.strip().lower())):
        size = int(match[1]) * _UNITS.get(match[2], 0)
    elif isinstance(value, int) and not isinstance(value, bool):
        size = value
    else:
        raise ValueError(_EXPECTED)
    if not 0 < size <= _LARGEST:
        raise ValueError(_EXPECTED)
    return Size(size)


ByteSize = Annotated[Size, PlainValidator(parse_size)]
"""A positive number of bytes."""
