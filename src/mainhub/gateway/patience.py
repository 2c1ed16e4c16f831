"""How long the gateway waits for the other side: one deadline at a time, which activity moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Patience"]


class Patience:
    """The deadline of the phase that an exchange is in."""

    def __init__(self) -> None:
        self._timeout: asyncio.Timeout | None = None
        self._seconds = 0.0
        self._holdable = False

    @asynccontextmanager
    async def limit(self, seconds: float, *, holdable: bool) -> AsyncIterator[None]:
        """Raise ``TimeoutError`` if a phase goes *seconds* without being renewed.

        A *holdable* phase does not count the time in which the other party is not to blame.
        """
        async with asyncio.timeout(seconds) as timeout:
            self._timeout = timeout
            self._seconds = seconds
            self._holdable = holdable
            try:
                yield
            finally:
                self._timeout = None

    def renew(self) -> None:
        """Start the wait anew: something moved. Nothing outside a phase."""
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._seconds)

    def hold(self) -> None:
        """Stop the wait until it is renewed. Nothing outside a holdable phase."""
        if self._timeout is not None and self._holdable and not self._timeout.expired():
            self._timeout.reschedule(None)
