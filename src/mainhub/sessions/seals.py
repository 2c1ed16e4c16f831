"""Sessions made into sealed rows, and rows into sessions, with one key ring."""

import hashlib
from collections.abc import Iterable, Iterator

from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing, Purpose, SealBroken
from mainhub.sessions.port import Session, SessionSummary
from mainhub.sessions.rows import REF_LENGTH, SealedRow
from mainhub.sessions.sealed import (
    Sealing,
    Summary,
    open_summary,
    open_tokens,
    seal_summary,
    seal_tokens,
)
from mainhub.telemetry import get_logger

__all__ = ["Seals", "hash_of"]

log = get_logger("sessions")


class Seals:
    """Seals with *ring*, and makes the tags by which rows are found."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def row(self, session: Session) -> SealedRow:
        """Return *session* as it is kept."""
        id_hash = hash_of(session.id)
        sealing = Sealing(id_hash, session.generation, session.created_at, session.expires_at)
        tokens = session.tokens
        held = Summary(session.person, session.device, tokens.sid, tokens.family)
        return SealedRow(
            id_hash=id_hash,
            generation=session.generation,
            summary=seal_summary(self._ring, held, row=sealing),
            tokens=seal_tokens(self._ring, tokens, session_id=session.id, row=sealing),
            created_at=session.created_at,
            seen_at=session.seen_at,
            idle_expires_at=session.idle_expires_at,
            expires_at=session.expires_at,
            person_tag=self.tag(session.person),
            provider_tag=self._provider_tag(session),
        )

    def opened(self, session_id: str, row: SealedRow) -> Session | None:
        """Return the session that *row* is; ``None`` if it does not open."""
        sealing = _sealing(row)
        try:
            held = open_summary(self._ring, row.summary, row=sealing)
            tokens = open_tokens(self._ring, row.tokens, session_id=session_id, row=sealing)
        except SealBroken:
            # Altered, or sealed with a key that is no longer in the ring: it vouches for nobody.
            log.warning("session.unreadable", remedy="Keep old keys in hub.secret_keys.")
            return None
        return Session(
            id=session_id,
            ref=row.id_hash[:REF_LENGTH],
            person=held.person,
            device=held.device,
            tokens=tokens,
            generation=row.generation,
            created_at=row.created_at,
            seen_at=row.seen_at,
            idle_expires_at=row.idle_expires_at,
            expires_at=row.expires_at,
        )

    def held(self, row: SealedRow) -> Summary | None:
        """Return what a list may know of *row*; ``None`` if it does not open."""
        try:
            return open_summary(self._ring, row.summary, row=_sealing(row))
        except SealBroken:
            return None

    def summary(self, row: SealedRow) -> SessionSummary | None:
        """Return *row* as lists show it; ``None`` if it does not open."""
        held = self.held(row)
        if held is None:
            return None
        return SessionSummary(
            ref=row.id_hash[:REF_LENGTH],
            person=held.person,
            device=held.device,
            created_at=row.created_at,
            seen_at=row.seen_at,
            idle_expires_at=row.idle_expires_at,
            expires_at=row.expires_at,
        )

    def readable(self, rows: Iterable[SealedRow]) -> Iterator[SessionSummary]:
        """Yield what can be read of *rows*: what was sealed with a lost key is nobody's."""
        for row in rows:
            summary = self.summary(row)
            if summary is not None:
                yield summary

    def is_newest(self, row: SealedRow, session: Session) -> bool:
        """Tell whether everything of *row* was made with the key that seals now."""
        newest = self._ring.is_newest
        tagged = row.person_tag == self.tag(session.person)
        found = row.provider_tag == self._provider_tag(session)
        return newest(row.summary) and newest(row.tokens) and tagged and found

    def tag(self, person: Person) -> str:
        """Return the tag of *person*'s rows."""
        return self._ring.tag(person.id, purpose=Purpose.PERSON_TAG)

    def tags(self, person_id: str) -> tuple[str, ...]:
        """Return what the person's rows may be tagged with, under any key."""
        return self._ring.tags(person_id, purpose=Purpose.PERSON_TAG)

    def provider_tags(self, provider: str, sid: str) -> tuple[str, ...]:
        """Return the same for rows of the session *sid* at *provider*."""
        told = _provider_session(provider, sid)
        return self._ring.tags(told, purpose=Purpose.PROVIDER_SESSION_TAG)

    def _provider_tag(self, session: Session) -> str | None:
        sid = session.tokens.sid
        if sid is None:
            return None
        told = _provider_session(session.person.provider, sid)
        return self._ring.tag(told, purpose=Purpose.PROVIDER_SESSION_TAG)


def hash_of(session_id: str) -> str:
    """Return what the store knows of an id: its SHA-256, in 64 hex digits."""
    # Whatever a browser may send has one: a lone surrogate is no reason to fail.
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()


def _provider_session(provider: str, sid: str) -> str:
    # No provider's name holds a line's end.
    return f"{provider}\n{sid}"


def _sealing(row: SealedRow) -> Sealing:
    return Sealing(row.id_hash, row.generation, row.created_at, row.expires_at)
