"""A clock that stands until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from mainhub.clock import Clock


class MovedClock(Clock):
    """Both sides of it move together."""

    def __init__(self) -> None:
        self._at = 1000.0

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._at, UTC)

    @override
    def monotonic(self) -> float:
        return self._at

    def move(self, by: timedelta) -> None:
        """Let *by* pass."""
        self._at += by.total_seconds()
