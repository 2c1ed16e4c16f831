"""The record itself: appended to and read, never changed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    Table,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from mainhub.audit.entry import (
    LONGEST_ADDRESS,
    LONGEST_DETAIL,
    LONGEST_ID,
    LONGEST_KIND,
    LONGEST_NAME,
    LONGEST_RIGHT,
    LONGEST_TARGET,
    Entry,
    Target,
)
from mainhub.audit.filter import Filter
from mainhub.audit.plain import Json, line
from mainhub.clock import Clock
from mainhub.errors import Unavailable
from mainhub.storage import METADATA, Database, DatabaseUnavailable, UtcTime
from mainhub.telemetry import current_trace

__all__ = ["AuditLog", "AuditUnavailable", "Recorded"]

_TABLE: Final = Table(
    "audit_entry",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("action", String(64), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("person_id", String(LONGEST_ID), index=True),
    Column("person_name", String(LONGEST_NAME)),
    Column("address", String(LONGEST_ADDRESS)),
    Column("right_used", String(LONGEST_RIGHT)),
    Column("target_kind", String(LONGEST_KIND)),
    Column("target_name", String(LONGEST_TARGET)),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("detail", String(LONGEST_DETAIL)),
    Column("trace_id", String(32), nullable=False),
    sqlite_autoincrement=True,
)


class AuditUnavailable(Unavailable):
    """The record can neither be read nor written; a change that needs it is not made."""

    kind = "database-unavailable"
    headline = "The hub's database is not answering"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry as it was recorded; *id* counts up in the order of recording."""

    id: int
    at: datetime
    action: str
    outcome: str
    person_id: str | None
    person_name: str | None
    address: str | None
    right: str | None
    target: Target | None
    before: Json
    after: Json
    detail: str | None
    trace_id: str


class AuditLog:
    """The table ``audit_entry`` of *database*."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(self, entry: Entry, within: AsyncConnection | None = None) -> int:
        """Record *entry* with the present time and trace, and return its id.

        Args:
            entry: what happened.
            within: the transaction that makes the change, so that both stand or neither does. Its
                owner names what goes wrong in it.

        Raises:
            AuditUnavailable: it could not be recorded, without *within*; do not make the change.
        """
        row = insert(_TABLE).values(**self._row(entry)).returning(_TABLE.c.id)
        if within is not None:
            return int((await within.execute(row)).scalar_one())
        with _named_failures():
            async with self._database.write() as connection:
                return int((await connection.execute(row)).scalar_one())

    async def append_all(self, entries: Iterable[Entry]) -> None:
        """Record *entries* in their order, all or none.

        Raises:
            AuditUnavailable: they could not be recorded.
        """
        rows = [self._row(entry) for entry in entries]
        with _named_failures():
            async with self._database.write() as connection:
                await connection.execute(insert(_TABLE), rows)

    async def newest(
        self, wanted: Filter, *, limit: int, before: int | None = None
    ) -> Sequence[Recorded]:
        """Return at most *limit* entries, newest first, all of them older than the id *before*.

        Raises:
            AuditUnavailable: the record cannot be read.
        """
        rows = select(_TABLE).where(*_conditions(wanted)).order_by(_TABLE.c.id.desc()).limit(limit)
        if before is not None:
            rows = rows.where(_TABLE.c.id < before)
        return await self._read(rows)

    async def following(
        self, wanted: Filter, *, limit: int, after: int, below: int
    ) -> Sequence[Recorded]:
        """Return at most *limit* entries, oldest first, with ids between *after* and *below*.

        Raises:
            AuditUnavailable: the record cannot be read.
        """
        ids = _TABLE.c.id
        rows = select(_TABLE).where(*_conditions(wanted), ids > after, ids < below)
        return await self._read(rows.order_by(ids).limit(limit))

    async def _read(self, rows: Select[Any]) -> Sequence[Recorded]:
        with _named_failures():
            async with self._database.read() as connection:
                return [_recorded(row) for row in await connection.execute(rows)]

    def _row(self, entry: Entry) -> dict[str, object]:
        person, target = entry.person, entry.target
        return {
            "at": self._clock.now(),
            "action": str(entry.action),
            "outcome": str(entry.outcome),
            "person_id": line(person.id, LONGEST_ID) if person else None,
            "person_name": line(person.name, LONGEST_NAME) if person else None,
            "address": entry.address,
            "right_used": entry.right,
            "target_kind": target.kind if target else None,
            "target_name": target.name if target else None,
            "before": entry.before,
            "after": entry.after,
            "detail": entry.detail,
            "trace_id": current_trace().trace_id,
        }


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    columns = _TABLE.c
    if wanted.action is not None:
        yield columns.action == wanted.action
    if wanted.outcome is not None:
        yield columns.outcome == wanted.outcome
    if wanted.person is not None:
        named = columns.person_name.icontains(wanted.person, autoescape=True)
        yield or_(columns.person_id == wanted.person, named)
    if wanted.target is not None:
        named = columns.target_name.icontains(wanted.target, autoescape=True)
        yield or_(columns.target_kind == wanted.target, named)
    if wanted.since is not None:
        yield columns.at >= wanted.since
    if wanted.until is not None:
        yield columns.at < wanted.until
    if wanted.trace is not None:
        yield columns.trace_id == wanted.trace


def _recorded(row: Row[Any]) -> Recorded:
    target = Target(row.target_kind, row.target_name) if row.target_kind is not None else None
    return Recorded(
        id=row.id,
        at=row.at,
        action=row.action,
        outcome=row.outcome,
        person_id=row.person_id,
        person_name=row.person_name,
        address=row.address,
        right=row.right_used,
        target=target,
        before=row.before,
        after=row.after,
        detail=row.detail,
        trace_id=row.trace_id,
    )


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable as error:
        raise AuditUnavailable(
            "the audit record cannot be reached", remedy="Try again in a moment."
        ) from error
