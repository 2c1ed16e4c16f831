"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from mainhub.clock import Clock


class MovedClock(Clock):
    """Tells the time that the test set."""

    def __init__(self, at: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) -> None:
        self._now = at
        self._monotonic = 0.0

    @override
    def now(self) -> datetime:
        return self._now

    @override
    def monotonic(self) -> float:
        return self._monotonic

    def move(self, by: timedelta) -> None:
        """Let *by* pass."""
        self._now += by
        self._monotonic += by.total_seconds()
