"""Sessions in SQL: the embedded store, and good for more than one process of the hub."""

import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    delete,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing, Purpose, SealBroken
from mainhub.sessions.lifetimes import Lifetimes
from mainhub.sessions.port import (
    Device,
    EndReason,
    Session,
    SessionChanged,
    SessionGone,
    SessionStore,
    SessionStoreUnavailable,
    SessionSummary,
    Tokens,
)
from mainhub.sessions.sealed import open_summary, open_tokens, seal_summary, seal_tokens
from mainhub.storage import METADATA, Database, DatabaseUnavailable, UtcTime
from mainhub.telemetry import get_logger

__all__ = ["SqlSessionStore"]

log = get_logger("sessions")

_ID_BYTES: Final = 32
_REF: Final = re.compile(r"[0-9a-f]{32}")
_PURGED_AT_ONCE: Final = 500
# Rows from before there were tags; each gets one when it is next used, so they are soon few.
_MOST_UNTAGGED: Final = 1000
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
    Column("person_tag", String(64), index=True),
)
_SUMMARY: Final = [column for column in _TABLE.c if column.name != "tokens"]


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
        if row is None or not self._lives(row):
            return None
        session = self._opened(session_id, row)
        if session is not None and row.person_tag is None:
            await self._fill_tag(session)
        return session

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
                person_tag=self._tag(session.person.id),
            )
        )
        with _named_failures():
            async with self._database.write() as connection:
                await connection.execute(seen)

    @override
    async def revoke(
        self, session_id: str, *, reason: EndReason, by: Person | None = None
    ) -> SessionSummary | None:
        ended = delete(_TABLE).where(_TABLE.c.id_hash == _hash(session_id)).returning(*_SUMMARY)
        with _named_failures():
            async with self._database.write() as connection:
                row = (await connection.execute(ended)).one_or_none()
        # What had ended by time goes, too, but nobody ended it now.
        return self._summary(row) if row is not None and self._lives(row) else None

    @override
    async def list(self, *, person_id: str | None = None, limit: int) -> Sequence[SessionSummary]:
        live = self._live()
        async with self._reading() as connection:
            if person_id is None:
                return list(self._readable(await _last_seen(connection, live, limit=limit)))
            tags = self._ring.tags(person_id, purpose=Purpose.PERSON_TAG)
            tagged = and_(live, _TABLE.c.person_tag.in_(tags))
            rows = list(await _last_seen(connection, tagged, limit=limit))
            untagged = and_(live, _TABLE.c.person_tag.is_(None))
            rows += await _last_seen(connection, untagged, limit=_MOST_UNTAGGED)
        # Opened and compared: a tag that was put onto somebody else's row finds nothing.
        own = [found for found in self._readable(rows) if found.person.id == person_id]
        return sorted(own, key=lambda found: found.seen_at, reverse=True)[:limit]

    @override
    async def find(self, ref: str, *, person_id: str | None = None) -> SessionSummary | None:
        async with self._reading() as connection:
            found = await self._listed(connection, ref, person_id)
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
        with _named_failures():
            async with self._database.write() as connection:
                found = await self._listed(connection, ref, person_id)
                if found is None:
                    return None
                await connection.execute(delete(_TABLE).where(_TABLE.c.id_hash == found[0]))
        return found[1]

    @override
    async def purge(self) -> Sequence[SessionSummary]:
        ended: list[SessionSummary] = []
        some = _PURGED_AT_ONCE
        # A few at a time, so that other writers get their turns in between.
        while some == _PURGED_AT_ONCE:
            over = select(_TABLE.c.id_hash).where(~self._live()).limit(_PURGED_AT_ONCE)
            purged = delete(_TABLE).where(_TABLE.c.id_hash.in_(over)).returning(*_SUMMARY)
            with _named_failures():
                async with self._database.write() as connection:
                    rows = (await connection.execute(purged)).all()
            ended.extend(self._readable(rows))
            some = len(rows)
        return ended

    async def _listed(
        self, connection: AsyncConnection, ref: str, person_id: str | None
    ) -> tuple[str, SessionSummary] | None:
        """Return the hash and summary of the live session *ref*, if it is *person_id*'s."""
        if not _REF.fullmatch(ref):
            return None
        named = and_(self._live(), _TABLE.c.id_hash.startswith(ref))
        for row in await _last_seen(connection, named, limit=2):
            summary = self._summary(row)
            if summary is not None and person_id in {None, summary.person.id}:
                return row.id_hash, summary
        return None

    async def _fill_tag(self, session: Session) -> None:
        tagged = (
            update(_TABLE)
            .where(_TABLE.c.id_hash == _hash(session.id), _TABLE.c.person_tag.is_(None))
            .values(person_tag=self._tag(session.person.id))
        )
        try:
            async with self._database.write() as connection:
                await connection.execute(tagged)
        except DatabaseUnavailable as error:
            # The next use tries again; until then lists open the row to see whose it is.
            log.info("session.tag_not_filled", caused_by=repr(error))

    def _tag(self, person_id: str) -> str:
        return self._ring.tag(person_id, purpose=Purpose.PERSON_TAG)

    def _live(self) -> ColumnElement[bool]:
        now = self._clock.now()
        return and_(_TABLE.c.idle_expires_at > now, _TABLE.c.expires_at > now)

    def _lives(self, row: Row[Any]) -> bool:
        now = self._clock.now()
        return bool(now < row.idle_expires_at and now < row.expires_at)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with _named_failures():
            async with self._database.read() as connection:
                yield connection

    def _readable(self, rows: Iterable[Row[Any]]) -> Iterator[SessionSummary]:
        """Yield what can be read of *rows*: what was sealed with a lost key is nobody's."""
        for row in rows:
            summary = self._summary(row)
            if summary is not None:
                yield summary

    def _summary(self, row: Row[Any]) -> SessionSummary | None:
        try:
            person, device = open_summary(
                self._ring, row.summary, id_hash=row.id_hash, generation=row.generation
            )
        except SealBroken:
            return None
        return SessionSummary(
            ref=_ref(row.id_hash),
            person=person,
            device=device,
            created_at=row.created_at,
            seen_at=row.seen_at,
            idle_expires_at=row.idle_expires_at,
            expires_at=row.expires_at,
        )

    def _sealed(self, session: Session, *, generation: int) -> dict[str, object]:
        id_hash = _hash(session.id)
        return {
            "generation": generation,
            "person_tag": self._tag(session.person.id),
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


async def _last_seen(
    connection: AsyncConnection, wanted: ColumnElement[bool], *, limit: int
) -> Sequence[Row[Any]]:
    rows = select(*_SUMMARY).where(wanted).order_by(_TABLE.c.seen_at.desc(), _TABLE.c.id_hash)
    return (await connection.execute(rows.limit(limit))).all()


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
