"""Time, as it comes in through constructors.

Wall time is for what people and other machines see (expiry dates, records); monotonic time is for
waiting and measuring, since wall time may jump.
"""

import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime

from typing_extensions import override

__all__ = ["Clock", "SystemClock"]


class Clock(ABC):
    """What tells the time; tests move their own."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the wall time, always aware and in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never goes back."""


class SystemClock(Clock):
    """The clock of the machine."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)

    @override
    def monotonic(self) -> float:
        return time.monotonic()
