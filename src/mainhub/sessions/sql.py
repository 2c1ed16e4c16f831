"""Sessions in SQL: the embedded store, and good for more than one process of the hub."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, Row, String, Table, delete, or_, select, update
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing, SealBroken
from mainhub.sessions.lifetimes import Lifetimes
from mainhub.sessions.port import (
    Device,
    Session,
    SessionChanged,
    SessionGone,
    SessionStore,
    SessionStoreUnavailable,
    Tokens,
)
from mainhub.sessions.sealed import open_summary, open_tokens, seal_summary, seal_tokens
from mainhub.storage import METADATA, Database, DatabaseUnavailable, UtcTime
from mainhub.telemetry import get_logger

__all__ = ["SqlSessionStore"]

log = get_logger("sessions")

_ID_BYTES: Final = 32
_TABLE: Final = Table(
    "session",
    METADATA,
    Column("id_hash", String(64), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("tokens", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("idle_expires_at", UtcTime, nullable=False, index=True),
    Column("expires_at", UtcTime, nullable=False),
)


class SqlSessionStore(SessionStore):
    """Sessions in the table ``session``, sealed with *ring*."""

    def __init__(
        self, database: Database, *, ring: KeyRing, clock: Clock, lifetimes: Lifetimes
    ) -> None:
        self._database = database
        self._ring = ring
        self._clock = clock
        self._lifetimes = lifetimes

    @override
    async def create(self, person: Person, tokens: Tokens, device: Device) -> Session:
        now = self._clock.now()
        session_id = secrets.token_urlsafe(_ID_BYTES)
        end = now + self._lifetimes.absolute_for(person)
        session = Session(
            id=session_id,
            ref=_ref(_hash(session_id)),
            person=person,
            device=device,
            tokens=tokens,
            generation=1,
            created_at=now,
            seen_at=now,
            idle_expires_at=min(now + self._lifetimes.idle, end),
            expires_at=end,
        )
        row = self._sealed(session, generation=1) | {
            "id_hash": _hash(session_id),
            "created_at": now,
            "seen_at": now,
            "idle_expires_at": session.idle_expires_at,
            "expires_at": end,
        }
        with _named_failures():
            async with self._database.write() as connection:
                await connection.execute(_TABLE.insert().values(**row))
        return session

    @override
    async def load(self, session_id: str) -> Session | None:
        found = select(_TABLE).where(_TABLE.c.id_hash == _hash(session_id))
        with _named_failures():
            async with self._database.read() as connection:
                row = (await connection.execute(found)).one_or_none()
        now = self._clock.now()
        if row is None or now >= row.idle_expires_at or now >= row.expires_at:
            return None
        return self._opened(session_id, row)

    @override
    async def save(self, session: Session) -> Session:
        # Who was made an administrator meanwhile has an administrator's lifetime from now on.
        end = min(
            session.expires_at,
            session.created_at + self._lifetimes.absolute_for(session.person),
        )
        changed = (
            update(_TABLE)
            .where(
                _TABLE.c.id_hash == _hash(session.id),
                _TABLE.c.generation == session.generation,
                _TABLE.c.idle_expires_at > self._clock.now(),
            )
            .values(
                expires_at=end,
                idle_expires_at=min(session.idle_expires_at, end),
                **self._sealed(session, generation=session.generation + 1),
            )
        )
        with _named_failures():
            async with self._database.write() as connection:
                saved = (await connection.execute(changed)).rowcount
        if saved:
            return _next(session)
        if await self.load(session.id) is None:
            raise SessionGone("the session ended meanwhile")
        raise SessionChanged("the session was saved by another request")

    @override
    async def touch(self, session: Session) -> None:
        now = self._clock.now()
        if now - session.seen_at < self._lifetimes.touch_every:
            return
        seen = (
            update(_TABLE)
            .where(_TABLE.c.id_hash == _hash(session.id), _TABLE.c.idle_expires_at > now)
            .values(
                seen_at=now,
                idle_expires_at=min(now + self._lifetimes.idle, session.expires_at),
            )
        )
        with _named_failures():
            async with self._database.write() as connection:
                await connection.execute(seen)

    @override
    async def revoke(self, session_id: str) -> bool:
        ended = delete(_TABLE).where(_TABLE.c.id_hash == _hash(session_id))
        with _named_failures():
            async with self._database.write() as connection:
                return (await connection.execute(ended)).rowcount > 0

    @override
    async def purge(self) -> int:
        now = self._clock.now()
        ended = delete(_TABLE).where(
            or_(_TABLE.c.idle_expires_at <= now, _TABLE.c.expires_at <= now)
        )
        with _named_failures():
            async with self._database.write() as connection:
                return (await connection.execute(ended)).rowcount

    def _sealed(self, session: Session, *, generation: int) -> dict[str, object]:
        id_hash = _hash(session.id)
        return {
            "generation": generation,
            "summary": seal_summary(
                self._ring,
                session.person,
                session.device,
                id_hash=id_hash,
                generation=generation,
            ),
            "tokens": seal_tokens(
                self._ring,
                session.tokens,
                session_id=session.id,
                id_hash=id_hash,
                generation=generation,
            ),
        }

    def _opened(self, session_id: str, row: Row[tuple[object, ...]]) -> Session | None:
        try:
            person, device = open_summary(
                self._ring, row.summary, id_hash=row.id_hash, generation=row.generation
            )
            tokens = open_tokens(
                self._ring,
                row.tokens,
                session_id=session_id,
                id_hash=row.id_hash,
                generation=row.generation,
            )
        except SealBroken:
            # Altered, or sealed with a key that is no longer in the ring: it vouches for nobody.
            log.warning("session.unreadable", remedy="Keep old keys in hub.secret_keys.")
            return None
        return Session(
            id=session_id,
            ref=_ref(_hash(session_id)),
            person=person,
            device=device,
            tokens=tokens,
            generation=row.generation,
            created_at=row.created_at,
            seen_at=row.seen_at,
            idle_expires_at=row.idle_expires_at,
            expires_at=row.expires_at,
        )


def _next(session: Session) -> Session:
    return replace(session, generation=session.generation + 1)


def _ref(id_hash: str) -> str:
    # Half of the hash of a 256-bit secret: enough to name it, useless to open it.
    return id_hash[:32]


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable as error:
        raise SessionStoreUnavailable(
            "the sessions cannot be read", remedy="Try again in a moment."
        ) from error
