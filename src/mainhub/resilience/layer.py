"""Which attempt this is, so that only one layer retries: three layers of 3 would make 27 calls."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from mainhub.resilience.context import CONTEXT, Surroundings

__all__ = ["ATTEMPT_HEADER", "attempt_header", "attempt_number", "attempting", "parse_attempt"]

ATTEMPT_HEADER: Final = "X-MainHub-Attempt"
"""Tells a service that its caller retries, and which attempt this is: 0 is the first."""
_NUMBER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


def attempt_number() -> int | None:
    """Return the number of the attempt that this runs in; ``None``: nobody above retries."""
    known = CONTEXT.get()
    return None if known is None else known.attempt


@contextmanager
def attempting(number: int | None) -> Iterator[None]:
    """Run what is inside as attempt *number* of somebody above, who retries; then nobody else does.

    ``None`` changes nothing.
    """
    if number is None:
        yield
        return
    token = CONTEXT.set(replace(CONTEXT.get() or Surroundings(), attempt=number))
    try:
        yield
    finally:
        CONTEXT.reset(token)


def attempt_header() -> tuple[str, str] | None:
    """Return the header that tells a service; ``None`` where nobody retries."""
    number = attempt_number()
    return None if number is None else (ATTEMPT_HEADER, str(number))


def parse_attempt(value: str | None) -> int | None:
    """Return what the header of a request says; ``None`` if it says nothing one can use."""
    if value is None or not _NUMBER.fullmatch(value.strip()):
        return None
    return int(value)
