"""The one store of sessions: what they are, sealed, over whatever keeps its rows."""

import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from typing_extensions import override

from mainhub.clock import Clock
from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing
from mainhub.sessions.lifetimes import Lifetimes
from mainhub.sessions.port import (
    Device,
    EndReason,
    Session,
    SessionChanged,
    SessionGone,
    SessionsPartlyEnded,
    SessionStore,
    SessionStoreUnavailable,
    SessionSummary,
    Tokens,
)
from mainhub.sessions.recent import Recent
from mainhub.sessions.rows import REF_LENGTH, SealedRow, SessionRows
from mainhub.sessions.seals import Seals, hash_of
from mainhub.telemetry import get_logger

__all__ = ["SealedSessions"]

log = get_logger("sessions")

_ID_BYTES: Final = 32
_REF: Final = re.compile(r"[0-9a-f]{32}")
_AT_ONCE: Final = 200
# Rows that bear a person's tag and are not theirs: somebody put it there.
_MOST_FOREIGN: Final = 2000
_AWAY: Final = "the sessions cannot be reached"
_LATER: Final = "Try again in a moment."
_Found = Callable[[int], Awaitable[Sequence[SealedRow]]]
_STRANGE: Final = "among these sessions are too many that are not this person's"
_TELL_THE_OPERATOR: Final = "Tell the operator: somebody else writes to where sessions are kept."


class SealedSessions(SessionStore):
    """Sessions in *rows*, sealed with *ring*, by the hub's *clock*.

    While the rows cannot be had, a session that they gave less than *grace* ago is loaded as it was
    then, marked ``unverified``; nothing but loading does without them. What is remembered for that
    is sealed, and at most *remembered* rows.
    """

    def __init__(
        self,
        rows: SessionRows,
        *,
        ring: KeyRing,
        clock: Clock,
        lifetimes: Lifetimes,
        grace: timedelta = timedelta(seconds=30),
        remembered: int = 10_000,
    ) -> None:
        self._rows = rows
        self._seals = Seals(ring)
        self._clock = clock
        self._lifetimes = lifetimes
        self._recent = Recent(grace=grace, most=remembered, clock=clock)
        self._away = False

    def forget(self, ref: str) -> None:
        """Vouch for the session *ref* no longer while the rows are away: it ended elsewhere."""
        self._recent.forget(ref)

    def forget_all(self) -> None:
        """The same for every session: ends may have gone unheard."""
        self._recent.forget_all()

    @override
    async def create(self, person: Person, tokens: Tokens, device: Device) -> Session:
        now = self._clock.now()
        session_id = secrets.token_urlsafe(_ID_BYTES)
        end = now + self._lifetimes.absolute_for(person)
        session = Session(
            id=session_id,
            ref=hash_of(session_id)[:REF_LENGTH],
            person=person,
            device=device,
            tokens=tokens,
            generation=1,
            created_at=now,
            seen_at=now,
            idle_expires_at=min(now + self._lifetimes.idle, end),
            expires_at=end,
        )
        row, mark = self._seals.row(session), self._recent.mark()
        await self._rows.insert(row)
        self._recent.keep(row, mark)
        return session

    @override
    async def load(self, session_id: str) -> Session | None:
        id_hash = hash_of(session_id)
        mark = self._recent.mark()
        try:
            row = await self._rows.fetch(id_hash)
        except SessionStoreUnavailable as error:
            return self._remembered(session_id, id_hash, error)
        self._answered()
        session = None
        if row is not None and row.lives(self._clock.now()):
            session = self._seals.opened(session_id, row)
        if row is None or session is None:
            self._recent.gone(id_hash)
            return None
        if not self._seals.is_newest(row, session):
            row = await self._seal_anew(session, row)
        self._recent.keep(row, mark)
        return session

    @override
    async def save(self, session: Session) -> Session:
        # Who was made an administrator meanwhile has an administrator's lifetime from now on.
        end = min(
            session.expires_at,
            session.created_at + self._lifetimes.absolute_for(session.person),
        )
        saved = replace(
            session,
            generation=session.generation + 1,
            expires_at=end,
            idle_expires_at=min(session.idle_expires_at, end),
            unverified=False,
            unvouched_for=timedelta(),
        )
        row, mark = self._seals.row(saved), self._recent.mark()
        if await self._rows.replace(row, generation=session.generation, now=self._clock.now()):
            self._recent.keep(row, mark)
            return saved
        found = await self.load(session.id)
        if found is None:
            raise SessionGone("the session ended meanwhile")
        if found.unverified:
            raise SessionStoreUnavailable(_AWAY, remedy=_LATER)
        raise SessionChanged("the session was saved by another request")

    @override
    async def touch(self, session: Session) -> None:
        now = self._clock.now()
        if now - session.seen_at < self._lifetimes.touch_every:
            return
        if session.unverified:
            # The store was just found away: nobody waits for it a second time.
            raise SessionStoreUnavailable(_AWAY, remedy=_LATER)
        await self._rows.touch(
            hash_of(session.id),
            now=now,
            idle=self._lifetimes.idle,
            tag=self._seals.tag(session.person),
        )

    @override
    async def revoke(
        self, session_id: str, *, reason: EndReason, by: Person | None = None
    ) -> SessionSummary | None:
        id_hash = hash_of(session_id)
        return next(iter(await self._end([id_hash])), None)

    @override
    async def list(self, *, person_id: str | None = None, limit: int) -> Sequence[SessionSummary]:
        now = self._clock.now()
        if person_id is None:
            return list(self._seals.readable(await self._rows.newest(None, now=now, limit=limit)))
        rows = await self._rows.newest(self._seals.tags(person_id), now=now, limit=limit)
        # Opened and compared: a tag that was put onto somebody else's row finds nothing.
        own = [found for found in self._seals.readable(rows) if found.person.id == person_id]
        return sorted(own, key=lambda found: found.seen_at, reverse=True)[:limit]

    @override
    async def find(self, ref: str, *, person_id: str | None = None) -> SessionSummary | None:
        found = await self._named(ref, person_id)
        return found[1] if found else None

    @override
    async def revoke_listed(
        self,
        ref: str,
        *,
        person_id: str | None = None,
        reason: EndReason,
        by: Person | None = None,
    ) -> SessionSummary | None:
        found = await self._named(ref, person_id)
        if found is None:
            return None
        return next(iter(await self._end([found[0].id_hash])), None)

    @override
    async def revoke_person(
        self,
        person_id: str,
        *,
        reason: EndReason,
        by: Person | None = None,
        but: str | None = None,
    ) -> Sequence[SessionSummary]:
        return await self._end_all(
            self._of_person(person_id), lambda row: self._is_of(row, person_id, but)
        )

    @override
    async def revoke_provider_session(
        self, provider: str, sid: str, *, reason: EndReason, by: Person | None = None
    ) -> Sequence[SessionSummary]:
        tags = self._seals.provider_tags(provider, sid)

        async def found(most: int) -> Sequence[SealedRow]:
            return await self._rows.of_provider_session(tags, now=self._clock.now(), limit=most)

        return await self._end_all(found, lambda row: self._is_at(row, provider, sid))

    @override
    async def revoke_family(
        self, session: Session, *, reason: EndReason, by: Person | None = None
    ) -> Sequence[SessionSummary]:
        return await self._end_all(
            self._of_person(session.person.id), lambda row: self._is_related(row, session)
        )

    @override
    async def take_turn(self, session: Session, *, owner: str, lasts: timedelta) -> bool:
        if session.unverified:
            # What is brought now could not be saved.
            raise SessionStoreUnavailable(_AWAY, remedy=_LATER)
        return await self._rows.take_turn(
            hash_of(session.id),
            generation=session.generation,
            owner=owner,
            now=self._clock.now(),
            lasts=lasts,
        )

    @override
    async def end_turn(self, session: Session, *, owner: str) -> None:
        await self._rows.end_turn(hash_of(session.id), owner=owner)

    @override
    async def purge(self) -> Sequence[SessionSummary]:
        ended: list[SessionSummary] = []
        try:
            # A few at a time, so that others get their turns in between.
            while (
                rows := await self._rows.take_ended(now=self._clock.now(), limit=_AT_ONCE)
            ) is not None:
                ended.extend(self._seals.readable(rows))
        except SessionStoreUnavailable as error:
            # What was taken is told now, since nobody gets it again; the rest is for another time.
            if not ended:
                raise
            log.warning("session.purge_cut_short", caused_by=repr(error))
        return ended

    def _of_person(self, person_id: str) -> _Found:
        tags = self._seals.tags(person_id)

        async def found(most: int) -> Sequence[SealedRow]:
            return await self._rows.newest(tags, now=self._clock.now(), limit=most)

        return found

    async def _end_all(
        self, found: _Found, wanted: Callable[[SealedRow], bool]
    ) -> Sequence[SessionSummary]:
        """Remove the *wanted* ones of what is *found*, a few at a time."""
        ended: list[SessionSummary] = []
        # Rows that were looked at and live on.
        passed: set[str] = set()
        try:
            while len(passed) <= _MOST_FOREIGN:
                rows = await found(_AT_ONCE + len(passed))
                fresh = [row for row in rows if row.id_hash not in passed]
                if not fresh:
                    return ended
                gone = await self._end([row.id_hash for row in fresh if wanted(row)])
                ended.extend(gone)
                # What could not be ended is no session, though it looks like one: a copy, say.
                refs = {one.ref for one in gone}
                passed.update(row.id_hash for row in fresh if row.id_hash[:REF_LENGTH] not in refs)
        except SessionStoreUnavailable as error:
            if not ended:
                raise
            raise SessionsPartlyEnded(str(error), ended=ended, remedy=error.remedy) from error
        raise SessionsPartlyEnded(_STRANGE, ended=ended, remedy=_TELL_THE_OPERATOR)

    async def _end(self, id_hashes: Sequence[str]) -> Sequence[SessionSummary]:
        """Remove the live ones of these rows and return those that this call removed."""
        if not id_hashes:
            return []
        self._forget(id_hashes)
        try:
            rows = await self._rows.delete(id_hashes, now=self._clock.now())
        finally:
            # Once more: somebody may have read it while it was removed.
            self._forget(id_hashes)
        return list(self._seals.readable(rows))

    def _forget(self, id_hashes: Sequence[str]) -> None:
        for id_hash in id_hashes:
            self._recent.forget(id_hash[:REF_LENGTH])

    async def _named(
        self, ref: str, person_id: str | None
    ) -> tuple[SealedRow, SessionSummary] | None:
        if not _REF.fullmatch(ref):
            return None
        row = await self._rows.named(ref, now=self._clock.now())
        summary = self._seals.summary(row) if row is not None else None
        if row is None or summary is None or person_id not in {None, summary.person.id}:
            return None
        return row, summary

    async def _seal_anew(self, session: Session, row: SealedRow) -> SealedRow:
        """Seal *row* with the newest key, in its place; return what there is now to be believed."""
        anew = replace(self._seals.row(session), seen_at=row.seen_at)
        try:
            done = await self._rows.replace(anew, generation=row.generation, now=self._clock.now())
        except SessionStoreUnavailable as error:
            # The next use tries again; until then the older key opens it.
            log.info("session.not_sealed_anew", caused_by=repr(error))
            return row
        return anew if done else row

    def _remembered(self, session_id: str, id_hash: str, error: SessionStoreUnavailable) -> Session:
        """Return what the store said a moment ago, or raise *error*."""
        if not self._away:
            self._away = True
            log.warning("session.store_away", caused_by=repr(error.__cause__ or error))
        known = self._recent.get(id_hash)
        if known is None or not known[0].lives(self._clock.now()):
            raise error
        session = self._seals.opened(session_id, known[0])
        if session is None:
            raise error
        return replace(session, unverified=True, unvouched_for=known[1])

    def _answered(self) -> None:
        if self._away:
            self._away = False
            log.info("session.store_back")

    def _is_of(self, row: SealedRow, person_id: str, but: str | None) -> bool:
        """Tell whether *row* is one of *person_id*'s, and not the one named *but*."""
        summary = self._seals.summary(row)
        return summary is not None and summary.person.id == person_id and summary.ref != but

    def _is_at(self, row: SealedRow, provider: str, sid: str) -> bool:
        held = self._seals.held(row)
        return held is not None and (held.person.provider, held.sid) == (provider, sid)

    def _is_related(self, row: SealedRow, session: Session) -> bool:
        held = self._seals.held(row)
        if held is None or held.person.id != session.person.id:
            return False
        return session.family == (held.family or row.id_hash[:REF_LENGTH])
