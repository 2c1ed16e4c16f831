"""A store that tells when a session ends, so that whoever waits for it hears of it at once."""

from collections.abc import Callable, Sequence

from typing_extensions import override

from mainhub.identity import Person
from mainhub.sessions.port import (
    Device,
    EndReason,
    Session,
    SessionEnded,
    SessionStore,
    SessionSummary,
    Tokens,
)
from mainhub.telemetry import get_logger

__all__ = ["AnnouncedSessions"]

log = get_logger("sessions")


class AnnouncedSessions(SessionStore):
    """Keeps sessions in *store* and calls *on_end* after each end, never before it is stored.

    What ended by time is announced when it is purged; whoever must know at the second looks at the
    session's times.
    """

    def __init__(self, store: SessionStore, on_end: Callable[[SessionEnded], None]) -> None:
        self._store = store
        self._on_end = on_end

    @override
    async def create(self, person: Person, tokens: Tokens, device: Device) -> Session:
        return await self._store.create(person, tokens, device)

    @override
    async def load(self, session_id: str) -> Session | None:
        return await self._store.load(session_id)

    @override
    async def save(self, session: Session) -> Session:
        return await self._store.save(session)

    @override
    async def touch(self, session: Session) -> None:
        await self._store.touch(session)

    @override
    async def revoke(
        self, session_id: str, *, reason: EndReason, by: Person | None = None
    ) -> SessionSummary | None:
        summary = await self._store.revoke(session_id, reason=reason, by=by)
        self._announce(summary, reason, by)
        return summary

    @override
    async def list(self, *, person_id: str | None = None, limit: int) -> Sequence[SessionSummary]:
        return await self._store.list(person_id=person_id, limit=limit)

    @override
    async def find(self, ref: str, *, person_id: str | None = None) -> SessionSummary | None:
        return await self._store.find(ref, person_id=person_id)

    @override
    async def revoke_listed(
        self,
        ref: str,
        *,
        person_id: str | None = None,
        reason: EndReason,
        by: Person | None = None,
    ) -> SessionSummary | None:
        summary = await self._store.revoke_listed(ref, person_id=person_id, reason=reason, by=by)
        self._announce(summary, reason, by)
        return summary

    @override
    async def purge(self) -> Sequence[SessionSummary]:
        ended = await self._store.purge()
        for summary in ended:
            self._announce(summary, EndReason.EXPIRED, None)
        return ended

    def _announce(
        self, summary: SessionSummary | None, reason: EndReason, by: Person | None
    ) -> None:
        if summary is None:
            return
        try:
            self._on_end(SessionEnded(summary, reason, by))
        except Exception:  # edge: the session has ended, whatever a listener makes of it
            log.exception("session.end_not_announced", session=summary.ref, reason=str(reason))
