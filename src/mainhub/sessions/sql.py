"""Sessions in SQL: the embedded store, and good for more than one process of the hub."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.resilience import on_its_own
from mainhub.sessions.keyring import KeyRing
from mainhub.sessions.lifetimes import Lifetimes
from mainhub.sessions.port import SessionStoreUnavailable
from mainhub.sessions.rows import SealedRow, SessionRows
from mainhub.sessions.sealed_sessions import SealedSessions
from mainhub.sessions.together import Together
from mainhub.storage import METADATA, Database, DatabaseUnavailable, UtcTime

__all__ = ["SqlSessionRows", "SqlSessionStore"]

# Rows from before there were tags; each gets one when it is next used, so they are soon few.
_MOST_UNTAGGED: Final = 1000
# Seconds that a request waits to learn whose it is.
_PATIENCE: Final = 2.0
_MOST_LATE: Final = 1000
_LATE: Final = "the database answers late"
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
    Column("provider_tag", String(64), index=True),
    Column("turn_owner", String(64)),
    Column("turn_until", UtcTime),
)
_KEPT: Final = [column for column in _TABLE.c if not column.name.startswith("turn_")]
_LISTED: Final = [column for column in _KEPT if column.name != "tokens"]
_NOBODYS_TURN: Final = {"turn_owner": None, "turn_until": None}
# Every request begins with this one: built once, it costs SQLAlchemy a third less.
_ONE: Final = select(*_KEPT).where(_TABLE.c.id_hash == bindparam("wanted"))


class SqlSessionRows(SessionRows):
    """Rows of the table ``session``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._replacing = Together(self._replace)
        # Reads that nobody waits for any more: a driver that is cut short leaves a connection lost.
        self._late: set[asyncio.Task[SealedRow | None]] = set()

    @override
    async def insert(self, row: SealedRow) -> None:
        values = {column.name: getattr(row, column.name) for column in _KEPT}
        async with self._writing() as connection:
            await connection.execute(_TABLE.insert().values(**values))

    @override
    async def fetch(self, id_hash: str) -> SealedRow | None:
        if len(self._late) >= _MOST_LATE:
            raise SessionStoreUnavailable(_LATE, remedy="Try again in a moment.")
        reading = on_its_own(self._fetch(id_hash), name="sessions.fetch")
        self._late.add(reading)
        reading.add_done_callback(self._over)
        await asyncio.wait({reading}, timeout=_PATIENCE)
        if not reading.done():
            # Every request of every person begins with this.
            raise SessionStoreUnavailable(_LATE, remedy="Try again in a moment.")
        return reading.result()

    def _over(self, reading: "asyncio.Task[SealedRow | None]") -> None:
        self._late.discard(reading)
        if not reading.cancelled():
            # Looked at, or asyncio would complain where nobody waits any more.
            reading.exception()

    async def _fetch(self, id_hash: str) -> SealedRow | None:
        async with self._reading() as connection:
            found = await connection.execute(_ONE, {"wanted": id_hash})
            row = found.one_or_none()
        return SealedRow(**row._mapping) if row is not None else None  # noqa: SLF001 - its mapping

    @override
    async def replace(self, row: SealedRow, *, generation: int, now: datetime) -> bool:
        return await self._replacing.ask((row, generation, now))

    async def _replace(self, changes: Sequence[tuple[SealedRow, int, datetime]]) -> list[bool]:
        async with self._writing() as connection:
            return [
                (await connection.execute(*_change(*change))).rowcount > 0 for change in changes
            ]

    @override
    async def touch(self, id_hash: str, *, now: datetime, idle: timedelta, tag: str) -> None:
        end = now + idle
        seen = (
            update(_TABLE)
            .where(_TABLE.c.id_hash == id_hash, _live(now), _TABLE.c.seen_at < now)
            .values(seen_at=now, idle_expires_at=_sooner(_TABLE.c.expires_at, end), person_tag=tag)
        )
        async with self._writing() as connection:
            await connection.execute(seen)

    @override
    async def take_turn(
        self, id_hash: str, *, generation: int, owner: str, now: datetime, lasts: timedelta
    ) -> bool:
        until = _TABLE.c.turn_until
        free = or_(until.is_(None), until <= now, _TABLE.c.turn_owner == owner)
        taken = (
            update(_TABLE)
            .where(_TABLE.c.id_hash == id_hash, _TABLE.c.generation == generation)
            .where(_live(now), free)
            .values(turn_owner=owner, turn_until=now + lasts)
        )
        async with self._writing() as connection:
            return (await connection.execute(taken)).rowcount > 0

    @override
    async def end_turn(self, id_hash: str, *, owner: str) -> None:
        ended = (
            update(_TABLE)
            .where(_TABLE.c.id_hash == id_hash, _TABLE.c.turn_owner == owner)
            .values(**_NOBODYS_TURN)
        )
        async with self._writing() as connection:
            await connection.execute(ended)

    @override
    async def delete(self, id_hashes: Sequence[str], *, now: datetime) -> list[SealedRow]:
        ended = delete(_TABLE).where(_TABLE.c.id_hash.in_(id_hashes), _live(now))
        async with self._writing() as connection:
            rows = (await connection.execute(ended.returning(*_LISTED))).all()
        return [_listed(row) for row in rows]

    @override
    async def newest(
        self, tags: Sequence[str] | None, *, now: datetime, limit: int
    ) -> list[SealedRow]:
        async with self._reading() as connection:
            if tags is None:
                return await _last_seen(connection, _live(now), limit=limit)
            tagged = and_(_live(now), _TABLE.c.person_tag.in_(tags))
            rows = await _last_seen(connection, tagged, limit=limit)
            untagged = and_(_live(now), _TABLE.c.person_tag.is_(None))
            return rows + await _last_seen(connection, untagged, limit=_MOST_UNTAGGED)

    @override
    async def of_provider_session(
        self, tags: Sequence[str], *, now: datetime, limit: int
    ) -> list[SealedRow]:
        tagged = and_(_live(now), _TABLE.c.provider_tag.in_(tags))
        async with self._reading() as connection:
            return await _last_seen(connection, tagged, limit=limit)

    @override
    async def named(self, ref: str, *, now: datetime) -> SealedRow | None:
        named = and_(_live(now), _TABLE.c.id_hash.startswith(ref))
        async with self._reading() as connection:
            rows = await _last_seen(connection, named, limit=1)
        return rows[0] if rows else None

    @override
    async def take_ended(self, *, now: datetime, limit: int) -> list[SealedRow] | None:
        # No idle end is beyond the absolute one, and this has an index.
        over = select(_TABLE.c.id_hash).where(_TABLE.c.idle_expires_at <= now).limit(limit)
        taken = delete(_TABLE).where(_TABLE.c.id_hash.in_(over)).returning(*_LISTED)
        async with self._writing() as connection:
            rows = (await connection.execute(taken)).all()
        return [_listed(row) for row in rows] or None

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.read() as connection:
                yield connection
        except DatabaseUnavailable as error:
            raise _unavailable() from error

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.write() as connection:
                yield connection
        except DatabaseUnavailable as error:
            raise _unavailable() from error


class SqlSessionStore(SealedSessions):
    """Sessions in the table ``session`` of *database*; the rest as :class:`SealedSessions`."""

    def __init__(
        self,
        database: Database,
        *,
        ring: KeyRing,
        clock: Clock,
        lifetimes: Lifetimes,
        grace: timedelta = timedelta(seconds=30),
    ) -> None:
        rows = SqlSessionRows(database)
        super().__init__(rows, ring=ring, clock=clock, lifetimes=lifetimes, grace=grace)


def _live(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(_TABLE.c.idle_expires_at > now, _TABLE.c.expires_at > now)


def _sooner(column: Column[Any], end: datetime | BindParameter[datetime]) -> ColumnElement[Any]:
    """Return the earlier of what *column* holds and *end*; MIN and LEAST differ by database."""
    return case((column < end, column), else_=end)


def _replacing(**also: None) -> Update:
    """Return how a row is replaced, once and for all: built each time it costs twice as much."""
    end = bindparam("new_end", type_=UtcTime)
    return (
        update(_TABLE)
        .where(
            _TABLE.c.id_hash == bindparam("old_id"),
            _TABLE.c.generation == bindparam("old_generation"),
            _live(bindparam("now", type_=UtcTime)),
        )
        .values(
            generation=bindparam("new_generation"),
            summary=bindparam("new_summary"),
            tokens=bindparam("new_tokens"),
            person_tag=bindparam("new_person_tag"),
            provider_tag=bindparam("new_provider_tag"),
            expires_at=end,
            idle_expires_at=_sooner(_TABLE.c.idle_expires_at, end),
            **also,
        )
    )


_REPLACED: Final = _replacing()
_REPLACED_IN_TURN: Final = _replacing(**_NOBODYS_TURN)


def _change(row: SealedRow, generation: int, now: datetime) -> tuple[Update, dict[str, object]]:
    """Return the statement and its values that put *row* in the place of *generation*."""
    return (_REPLACED if row.generation == generation else _REPLACED_IN_TURN), {
        "old_id": row.id_hash,
        "old_generation": generation,
        "now": now,
        "new_generation": row.generation,
        "new_summary": row.summary,
        "new_tokens": row.tokens,
        "new_person_tag": row.person_tag,
        "new_provider_tag": row.provider_tag,
        "new_end": row.expires_at,
    }


async def _last_seen(
    connection: AsyncConnection, wanted: ColumnElement[bool], *, limit: int
) -> list[SealedRow]:
    rows = select(*_LISTED).where(wanted).order_by(_TABLE.c.seen_at.desc(), _TABLE.c.id_hash)
    return [_listed(row) for row in await connection.execute(rows.limit(limit))]


def _listed(row: Row[Any]) -> SealedRow:
    return SealedRow(tokens=b"", **row._mapping)  # noqa: SLF001 - its mapping


def _unavailable() -> SessionStoreUnavailable:
    return SessionStoreUnavailable(
        "the sessions cannot be reached", remedy="Try again in a moment."
    )
