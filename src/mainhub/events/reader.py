"""One open stream: what waits for it, and why it ends."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from mainhub.events.event import Cursor, Event
from mainhub.identity import Person

__all__ = ["End", "EndReason", "Opening", "Reader"]


class EndReason(StrEnum):
    """Why a stream ends, as its page is told."""

    SIGNED_OUT = "signed-out"
    REVOKED = "revoked"
    REPLACED = "replaced"
    PROVIDER = "provider"
    EXPIRED = "expired"
    SLOW = "slow"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a stream: *reason* and who caused it; no reason when its client went away."""

    reason: str | None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a stream begins with: everything after *start*, of which *missed* still stands.

    *gap* tells why something between may be missing: ``restarted``, ``overflow`` or ``None``.
    """

    start: Cursor
    gap: str | None = None
    missed: tuple[Event, ...] = ()


class Reader:
    """A stream's inbox. Filled on the event loop's thread, emptied by the one task that sends.

    Args:
        person: who reads; replaced when their roles change.
        session_ref: the public name of their session.
        opening: what the stream begins with.
        last: the number of the latest event that *opening* covers.
        room: how many events may wait.
    """

    __slots__ = (
        "_frames",
        "_last",
        "_patience",
        "_room",
        "_wake",
        "asked",
        "ended",
        "opening",
        "person",
        "session_ref",
    )

    def __init__(
        self, person: Person, session_ref: str, *, opening: Opening, last: int, room: int
    ) -> None:
        self.person = person
        self.session_ref = session_ref
        self.opening = opening
        self.ended: End | None = None
        # Somebody wants its session looked at now.
        self.asked = False
        self._last = last
        self._room = room
        self._frames: list[bytes] = []
        self._wake: asyncio.Future[None] | None = None
        self._patience: asyncio.Timeout | None = None

    def put(self, seq: int, frame: bytes) -> bool:
        """Add the event number *seq*; ``False`` if too much is waiting already."""
        if seq <= self._last:
            # It was emitted before this stream opened, and is told only now.
            return True
        if len(self._frames) >= self._room:
            return False
        self._last = seq
        self._frames.append(frame)
        self._nudge()
        return True

    def take(self) -> bytes:
        """Return all that waits, and keep nothing of it."""
        taken = b"".join(self._frames)
        self._frames.clear()
        return taken

    def end(self, end: End) -> None:
        """End the stream at once, even while it waits for a client that does not read."""
        if self.ended is None:
            self.ended = end
            if end.reason == EndReason.SLOW:
                # What waits is many events; the page gets them when it resumes.
                self._frames.clear()
            self._nudge()
            if self._patience is not None:
                self._patience.reschedule(asyncio.get_running_loop().time())

    def ask(self) -> None:
        """Let whoever sends look at the session now."""
        self.asked = True
        self._nudge()

    async def wait(self, until: float) -> None:
        """Return when something waits, the stream has ended, or the loop's time is *until*."""
        if self._frames or self.asked or self.ended is not None:
            return
        loop = asyncio.get_running_loop()
        self._wake = loop.create_future()
        timer = loop.call_at(until, self._nudge)
        try:
            await self._wake
        finally:
            timer.cancel()
            self._wake = None

    def interrupted_by(self, patience: asyncio.Timeout | None) -> None:
        """Let the end of the stream expire *patience*; ``None`` when nothing is being sent."""
        self._patience = patience

    def _nudge(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
