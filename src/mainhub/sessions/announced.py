"""A store that tells when a session ends, so that whoever waits for it hears of it at once."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from typing_extensions import override

from mainhub.identity import Person
from mainhub.resilience import on_its_own
from mainhub.sessions.port import (
    Device,
    EndReason,
    Session,
    SessionEnded,
    SessionsPartlyEnded,
    SessionStore,
    SessionStoreUnavailable,
    SessionSummary,
    Tokens,
)
from mainhub.telemetry import get_logger

__all__ = ["AnnouncedSessions"]

log = get_logger("sessions")

_T = TypeVar("_T")
_TOLD_AT_ONCE: Final = 50


class AnnouncedSessions(SessionStore):
    """Keeps sessions in *store* and calls *on_end* after each end, never before it is stored.

    What ended by time is announced when it is purged; whoever must know at the second looks at the
    session's times. Whoever asks for an end and is cancelled meanwhile takes nothing back: what
    ended is announced all the same. *on_doubt* is called when the store did not answer to an end:
    the session may have ended, and nobody will say so.
    """

    def __init__(
        self,
        store: SessionStore,
        on_end: Callable[[SessionEnded], None],
        on_doubt: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._on_end = on_end
        self._on_doubt = on_doubt
        self._under_way: set[asyncio.Task[Any]] = set()

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
        return await self._to_the_end(self._telling(self._revoke(session_id, reason, by)))

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
        return await self._to_the_end(
            self._telling(self._revoke_listed(ref, person_id, reason, by))
        )

    @override
    async def revoke_person(
        self,
        person_id: str,
        *,
        reason: EndReason,
        by: Person | None = None,
        but: str | None = None,
    ) -> Sequence[SessionSummary]:
        ending = self._store.revoke_person(person_id, reason=reason, by=by, but=but)
        return await self._to_the_end(self._telling(self._revoke_several(ending, reason, by)))

    @override
    async def revoke_provider_session(
        self, provider: str, sid: str, *, reason: EndReason, by: Person | None = None
    ) -> Sequence[SessionSummary]:
        ending = self._store.revoke_provider_session(provider, sid, reason=reason, by=by)
        return await self._to_the_end(self._telling(self._revoke_several(ending, reason, by)))

    @override
    async def revoke_family(
        self, session: Session, *, reason: EndReason, by: Person | None = None
    ) -> Sequence[SessionSummary]:
        ending = self._store.revoke_family(session, reason=reason, by=by)
        return await self._to_the_end(self._telling(self._revoke_several(ending, reason, by)))

    @override
    async def take_turn(self, session: Session, *, owner: str, lasts: timedelta) -> bool:
        return await self._store.take_turn(session, owner=owner, lasts=lasts)

    @override
    async def end_turn(self, session: Session, *, owner: str) -> None:
        await self._store.end_turn(session, owner=owner)

    @override
    async def purge(self) -> Sequence[SessionSummary]:
        return await self._to_the_end(self._purge())

    async def _revoke(
        self, session_id: str, reason: EndReason, by: Person | None
    ) -> SessionSummary | None:
        summary = await self._store.revoke(session_id, reason=reason, by=by)
        if summary is not None:
            self._announce(summary, reason, by)
        return summary

    async def _revoke_listed(
        self, ref: str, person_id: str | None, reason: EndReason, by: Person | None
    ) -> SessionSummary | None:
        summary = await self._store.revoke_listed(ref, person_id=person_id, reason=reason, by=by)
        if summary is not None:
            self._announce(summary, reason, by)
        return summary

    async def _revoke_several(
        self,
        ending: Coroutine[Any, Any, Sequence[SessionSummary]],
        reason: EndReason,
        by: Person | None,
    ) -> Sequence[SessionSummary]:
        try:
            ended = await ending
        except SessionsPartlyEnded as error:
            await self._announce_all(error.ended, reason, by)
            raise
        await self._announce_all(ended, reason, by)
        return ended

    async def _purge(self) -> Sequence[SessionSummary]:
        ended = await self._store.purge()
        await self._announce_all(ended, EndReason.EXPIRED, None)
        return ended

    async def _to_the_end(self, work: Coroutine[Any, Any, _T]) -> _T:
        task = on_its_own(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def _telling(self, work: Coroutine[Any, Any, _T]) -> _T:
        try:
            return await work
        except SessionStoreUnavailable:
            if self._on_doubt is not None:
                self._on_doubt()
            raise

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Looked at, so that a failure that nobody waits for any more is no news of its own.
            task.exception()

    async def _announce_all(
        self, ended: Sequence[SessionSummary], reason: EndReason, by: Person | None
    ) -> None:
        for number, summary in enumerate(ended, 1):
            self._announce(summary, reason, by)
            if number % _TOLD_AT_ONCE == 0:
                # Somebody with thousands of sessions holds nobody else up.
                await asyncio.sleep(0)

    def _announce(self, summary: SessionSummary, reason: EndReason, by: Person | None) -> None:
        try:
            self._on_end(SessionEnded(summary, reason, by))
        except Exception:  # edge: the session has ended, whatever a listener makes of it
            log.exception("session.end_not_announced", session=summary.ref, reason=str(reason))
