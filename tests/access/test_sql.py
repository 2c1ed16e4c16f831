"""Grants in SQL: kept, recorded, seen by other processes, and never the last way taken away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.access import (
    BadGrant,
    Grant,
    GrantExists,
    GrantUnknown,
    Holder,
    Policy,
    WouldLockOut,
)
from mainhub.access.sql import SqlGrants
from mainhub.audit import Action, AuditLog, Filter
from mainhub.identity import ADMIN, ROLELESS, Person
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio

ROOT = Person("t.root", "Root", None, (ADMIN,), "t", "entra")
ADA = Person("t.ada", "Ada", None, (ROLELESS,), "t", "entra", groups=("g1",))
BOB = Person("t.bob", "Bob", None, (ROLELESS,), "t", "entra")
ADA_ADMIN = Grant(Holder("person", "t.ada"), (ADMIN,))
BOB_ADMIN = Grant(Holder("person", "t.bob"), (ADMIN,))


class Kept:
    """What one process has over *database*."""

    def __init__(self, database: Database, settled: tuple[Grant, ...] = ()) -> None:
        self.clock = MovedClock()
        self.policy = Policy(settled, clock=self.clock)
        self.audit = AuditLog(database, self.clock)
        self.grants = SqlGrants(
            database,
            self.policy,
            clock=self.clock,
            audit=self.audit,
            look_every=timedelta(milliseconds=5),
        )

    async def give(self, grant: Grant, by: Person = ROOT) -> str:
        given = await self.grants.give(grant, by=by, address="192.0.2.1")
        assert given.id
        return given.id

    async def take(self, id_: str, by: Person = ROOT) -> None:
        await self.grants.take_back(id_, by=by, address=None)


@pytest.fixture
def kept(migrated: Database) -> Kept:
    return Kept(migrated)


async def test_what_is_given_counts_at_once_and_is_gone_when_taken_back(kept: Kept) -> None:
    group = Grant(Holder("group", "g1", "Purchasing"), ("Buyer",), ("orders:write",))
    id_ = await kept.give(group)
    assert kept.policy.permits(ADA, ["Buyer"])
    assert not kept.policy.permits(BOB, ["Buyer"])
    (one,) = kept.policy.granted
    assert (one.to, one.roles, one.permissions) == (group.to, group.roles, group.permissions)
    assert (one.by, one.at) == ("Root", kept.clock.now())
    await kept.take(id_)
    assert not kept.policy.permits(ADA, ["Buyer"])
    with pytest.raises(GrantUnknown):
        await kept.take(id_)


async def test_both_are_on_the_record(kept: Kept) -> None:
    await kept.take(await kept.give(ADA_ADMIN))
    newest = await kept.audit.newest(Filter(), limit=10)
    revoked, granted = newest
    assert (granted.action, revoked.action) == (Action.ACCESS_GRANTED, Action.ACCESS_REVOKED)
    assert granted.after == revoked.before
    assert granted.target is not None
    assert (granted.target.kind, granted.target.name) == ("person", "t.ada")


async def test_the_same_twice_is_a_conflict_until_it_has_expired(kept: Kept) -> None:
    ends = kept.clock.now() + timedelta(hours=1)
    await kept.give(Grant(ADA_ADMIN.to, (ADMIN,), expires_at=ends))
    with pytest.raises(GrantExists):
        await kept.give(ADA_ADMIN)
    kept.clock.move(timedelta(hours=2))
    await kept.give(ADA_ADMIN)
    with pytest.raises(BadGrant):
        await kept.give(Grant(BOB_ADMIN.to, (ADMIN,), expires_at=ends))


async def test_another_process_sees_it(migrated: Database, kept: Kept) -> None:
    other = Kept(migrated)
    await other.grants.load()
    stop = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(other.grants.watch(stop))
        id_ = await kept.give(ADA_ADMIN)
        while not other.policy.is_administrator(ADA):  # noqa: ASYNC110 - the condition itself
            await asyncio.sleep(0.002)
        await kept.take(id_)
        while other.policy.is_administrator(ADA):  # noqa: ASYNC110 - the condition itself
            await asyncio.sleep(0.002)
        stop.set()


async def test_a_look_reads_everything_only_after_a_change(kept: Kept) -> None:
    await kept.give(ADA_ADMIN)
    before = kept.policy.granted
    await kept.grants.look()
    assert kept.policy.granted[0] is before[0]
    kept.clock.move(timedelta(seconds=31))
    await kept.grants.look()
    assert kept.policy.granted[0] is not before[0]


async def test_a_swap_by_a_process_whose_clock_is_behind_is_seen(
    migrated: Database, kept: Kept
) -> None:
    behind = Kept(migrated)
    behind.clock.move(timedelta(minutes=-5))
    await kept.give(Grant(Holder("role", "Buyer"), (), ("orders:read",)))
    given = await behind.give(ADA_ADMIN)
    for now, before in ((BOB_ADMIN, ADA_ADMIN), (ADA_ADMIN, BOB_ADMIN)) * 4:
        await kept.grants.look()
        assert before in granted(kept)
        # As many as before, and by the clock of whoever gives it, what is new is old.
        await behind.take(given)
        given = await behind.give(now)
        await kept.grants.look()
        assert now in granted(kept)
        assert before not in granted(kept)


def granted(kept: Kept) -> list[Grant]:
    """Return what *kept* knows, without who gave it and when."""
    return [replace(one, id=None, by=None, at=None) for one in kept.policy.granted]


async def test_nobody_takes_their_own_last_way_away(kept: Kept) -> None:
    mine = await kept.give(ADA_ADMIN)
    with pytest.raises(WouldLockOut):
        await kept.take(mine, ADA)
    await kept.give(Grant(Holder("group", "g1"), ("Chief",)))
    chief = await kept.give(Grant(Holder("role", "Chief"), (ADMIN,)))
    await kept.take(mine, ADA)
    with pytest.raises(WouldLockOut):
        await kept.take(chief, ADA)
    # Who is one by the token may.
    await kept.take(chief, ROOT)


async def test_a_way_that_ends_is_not_one_to_be_left_with(kept: Kept) -> None:
    ends = kept.clock.now() + timedelta(hours=1)
    await kept.give(Grant(ADA_ADMIN.to, (ADMIN,), expires_at=ends))
    bobs = await kept.give(BOB_ADMIN)
    with pytest.raises(WouldLockOut):
        await kept.take(bobs, ADA)


async def test_two_who_take_each_others_right_leave_one(kept: Kept) -> None:
    adas, bobs = await kept.give(ADA_ADMIN), await kept.give(BOB_ADMIN)
    both = await asyncio.gather(kept.take(adas, BOB), kept.take(bobs, ADA), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["NoneType", "WouldLockOut"]
    assert [one for one in (ADA, BOB) if kept.policy.is_administrator(one)]


async def test_other_grants_are_taken_back_by_whoever_may(kept: Kept) -> None:
    ends = kept.clock.now() + timedelta(hours=1)
    await kept.give(Grant(ADA_ADMIN.to, (ADMIN,), expires_at=ends))
    buyer = await kept.give(Grant(BOB_ADMIN.to, ("Buyer",)))
    await kept.take(buyer, ADA)
