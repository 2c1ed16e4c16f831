"""By when an answer is of use: known to everything that is called, here and behind the hub."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mainhub.resilience import bounds
from mainhub.resilience.context import CONTEXT, Surroundings
from mainhub.resilience.failures import DeadlineExceeded

__all__ = ["HEADER", "Deadline", "current_end"]

HEADER: Final = "X-MainHub-Deadline"
"""Tells a service how many milliseconds are left for its answer."""
_MILLISECONDS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def current_end() -> float | None:
    """Return when the present call's answer is due, by the loop's clock; ``None``: never."""
    known = CONTEXT.get()
    return None if known is None else known.end


class Deadline:
    """The deadline of whatever runs in the present context; it can be moved closer only.

    ::

        with Deadline.within(timedelta(seconds=2)):
            await pipeline.call(fetch)  # given up after 2 s, retries and all
    """

    @classmethod
    @contextmanager
    def within(cls, given: timedelta) -> Iterator[None]:
        """Let what happens inside be of use for *given* only.

        Nothing is interrupted by this: pipelines look at it and give up in time.

        Raises:
            ValueError, TypeError: *given* is not a positive length of time.
        """
        with cls.at(asyncio.get_running_loop().time() + bounds.seconds(given, "within")):
            yield

    @staticmethod
    @contextmanager
    def at(end: float) -> Iterator[None]:
        """Let what happens inside be of use until *end* by the loop's clock."""
        known = CONTEXT.get() or Surroundings()
        sooner = end if known.end is None else min(end, known.end)
        token = CONTEXT.set(replace(known, end=sooner))
        try:
            yield
        finally:
            CONTEXT.reset(token)

    @staticmethod
    def remaining() -> float | None:
        """Return the seconds that are left, 0 at least; ``None`` without a deadline."""
        end = current_end()
        if end is None:
            return None
        return max(0.0, end - asyncio.get_running_loop().time())

    @classmethod
    def check(cls) -> None:
        """See to it that there is time left.

        Raises:
            DeadlineExceeded: there is none.
        """
        if cls.remaining() == 0.0:
            raise DeadlineExceeded("the time for this is over")

    @classmethod
    def header(cls) -> tuple[str, str] | None:
        """Return the header that tells a service, rounded down; ``None`` without a deadline."""
        left = cls.remaining()
        return None if left is None else (HEADER, str(int(left * 1000)))

    @staticmethod
    def parse(value: str | None) -> timedelta | None:
        """Return what the header of a request says; ``None`` if it says nothing one can use."""
        if value is None or not _MILLISECONDS.fullmatch(value.strip()):
            return None
        return timedelta(milliseconds=int(value))
