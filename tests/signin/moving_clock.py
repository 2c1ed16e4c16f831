"""A clock that runs like the machine's, and ahead of it when told to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from mainhub.clock import Clock


class MovingClock(Clock):
    """The hub's clock in a test; :meth:`now` can also be handed to the simulated tenant."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lived = timedelta()

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    @override
    def monotonic(self) -> float:
        return time.monotonic() + self._lived.total_seconds()

    @property
    def ahead(self) -> float:
        """Return by how many seconds it is ahead of the machine's time."""
        return self._ahead.total_seconds()

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._ahead += by
        self._lived += by

    def set_right(self) -> None:
        """Go back to the machine's time; what has been lived through stays so."""
        self._ahead = timedelta()
