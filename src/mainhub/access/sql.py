"""What is given at run time, in SQL."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import JSON, Column, Row, String, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from mainhub.access.grant import BadGrant, Grant, Holder
from mainhub.access.policy import Policy
from mainhub.access.port import GrantExists, Grants, GrantUnknown, WouldLockOut
from mainhub.audit import Action, AuditLog, Entry, Target
from mainhub.clock import Clock
from mainhub.errors import Unavailable
from mainhub.identity import ADMIN, Person
from mainhub.storage import METADATA, Database, UtcTime
from mainhub.telemetry import get_logger

__all__ = ["SqlGrants"]

log = get_logger("access")

_MOST: Final = 5000
_LONGEST_NAME: Final = 256
_LOOK_EVERY: Final = timedelta(milliseconds=400)
_READ_EVERY: Final = timedelta(seconds=30)
_TABLE: Final = Table(
    "access_grant",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(512), nullable=False),
    Column("title", String(512), nullable=True),
    Column("roles", JSON, nullable=False),
    Column("permissions", JSON, nullable=False),
    Column("given_by", String(256), nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=True),
)


class SqlGrants(Grants):
    """Grants in the table ``access_grant``, kept in *policy*; changes go into *audit* as well.

    A change counts here at once. Another process sees it within *look_every*: that is how often the
    table is asked, in one short query, whether anything changed; a message can be lost, a row not.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        *,
        clock: Clock,
        audit: AuditLog,
        look_every: timedelta = _LOOK_EVERY,
    ) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock
        self._audit = audit
        self._look_every = look_every.total_seconds()
        self._seen: object = None
        self._read_at = 0.0
        self._away = False
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        """Read everything anew.

        Raises:
            Unavailable: the database does not answer; what was known goes on to count.
        """
        async with self._one_at_a_time:
            async with self._database.read() as connection:
                seen = await _revision(connection)
                granted = await _all(connection)
            self._policy.replace(granted)
            self._seen, self._read_at = seen, self._clock.monotonic()

    async def look(self) -> None:
        """Read everything anew if something changed, or the last time is 30 s ago."""
        age = self._clock.monotonic() - self._read_at
        if age < _READ_EVERY.total_seconds():
            async with self._database.read() as connection:
                if await _revision(connection) == self._seen:
                    return
        await self.load()

    async def watch(self, until: asyncio.Event) -> None:
        """Look until the event is set; its owner runs this as a task."""
        while not until.is_set():
            try:
                await self.look()
            except Unavailable as error:
                if not self._away:
                    log.warning("access.not_read", caused_by=str(error))
                self._away = True
            except Exception:  # edge: a fault in reading must not end the watching
                log.exception("access.not_read")
            else:
                self._away = False
            with suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), self._look_every)

    @override
    async def give(self, wanted: Grant, *, by: Person, address: str | None) -> Grant:
        now = self._clock.now()
        if not wanted.holds(now):
            raise BadGrant("the grant would have expired already", remedy="Choose a later time.")
        id_ = secrets.token_hex(12)
        grant = replace(wanted, id=id_, by=by.name[:_LONGEST_NAME], at=now)
        async with self._database.write() as connection:
            given = await _all(connection)
            if len(given) >= _MOST:
                raise BadGrant(f"there are {_MOST} grants already", remedy="Give it to a group.")
            if any(_same(one, grant) and one.holds(now) for one in given):
                raise GrantExists(
                    "the same is given to them already", remedy="Take that back first to change it."
                )
            await connection.execute(insert(_TABLE).values(**_row(grant)))
            entry = _entry(Action.ACCESS_GRANTED, grant, by, address)
            await self._audit.append(entry, within=connection)
        log.info("access.granted", grant=grant.id, by=by.id)
        await self._count_at_once()
        return grant

    @override
    async def take_back(self, id_: str, *, by: Person, address: str | None) -> None:
        async with self._database.write() as connection:
            # Read again in here: two administrators may be taking each other's right away.
            given = await _all(connection)
            found = next((one for one in given if one.id == id_), None)
            if found is None:
                raise GrantUnknown("there is no such grant any more", remedy="Load the list again.")
            self._keep_a_way(found, given, by)
            await connection.execute(delete(_TABLE).where(_TABLE.c.id == id_))
            entry = _entry(Action.ACCESS_REVOKED, found, by, address)
            await self._audit.append(entry, within=connection)
        log.info("access.revoked", grant=id_, by=by.id)
        await self._count_at_once()

    def _keep_a_way(self, found: Grant, given: Sequence[Grant], by: Person) -> None:
        """Raise unless *found* makes nobody an administrator, or *by* stays one for good."""
        trial = Policy(self._policy.settled, clock=self._clock)
        trial.replace(given)
        whoever = Person("-", "-", None, found.roles, None, "-")
        if not found.holds(self._clock.now()) or not trial.is_administrator(whoever):
            return
        trial.replace(one for one in given if one is not found and one.expires_at is None)
        if not trial.is_administrator(by):
            raise WouldLockOut(
                "nobody may be an administrator any more to take this back",
                remedy=f"Have somebody do it who is {ADMIN} for good by another way.",
            )

    async def _count_at_once(self) -> None:
        try:
            await self.load()
        except Unavailable as error:
            # It is done, and the next look finds it.
            log.warning("access.not_read", caused_by=str(error))


async def _revision(connection: AsyncConnection) -> object:
    # Rows never change, they come and go. Times would not do: processes' clocks differ.
    asked = select(func.aggregate_strings(_TABLE.c.id, ""))
    return (await connection.execute(asked)).scalar_one()


async def _all(connection: AsyncConnection) -> list[Grant]:
    everything = select(_TABLE).order_by(_TABLE.c.given_at, _TABLE.c.id)
    rows = (await connection.execute(everything)).all()
    return [grant for row in rows if (grant := _read(row)) is not None]


def _read(row: Row[Any]) -> Grant | None:
    try:
        return Grant(
            Holder(row.kind, row.name, row.title),
            tuple(row.roles),
            tuple(row.permissions),
            id=row.id,
            by=row.given_by,
            at=row.given_at,
            expires_at=row.expires_at,
        )
    except (BadGrant, TypeError, AttributeError) as error:
        # Written by somebody else: it gives nothing, and the others count.
        log.warning("access.bad_grant", grant=row.id, caused_by=repr(error))
        return None


def _row(grant: Grant) -> dict[str, object]:
    return {
        "id": grant.id,
        "kind": grant.to.kind,
        "name": grant.to.name,
        "title": grant.to.title,
        "roles": list(grant.roles),
        "permissions": list(grant.permissions),
        "given_by": grant.by,
        "given_at": grant.at,
        "expires_at": grant.expires_at,
    }


def _same(one: Grant, other: Grant) -> bool:
    return (
        (one.to.kind, one.to.name) == (other.to.kind, other.to.name)
        and set(one.roles) == set(other.roles)
        and set(one.permissions) == set(other.permissions)
    )


def _entry(action: Action, grant: Grant, by: Person, address: str | None) -> Entry:
    told = {
        "id": grant.id,
        "roles": list(grant.roles),
        "permissions": list(grant.permissions),
        "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
    }
    given = action is Action.ACCESS_GRANTED
    return Entry(
        action=action,
        person=by,
        address=address,
        right=ADMIN,
        target=Target(grant.to.kind, grant.to.name),
        before=None if given else told,
        after=told if given else None,
    )
