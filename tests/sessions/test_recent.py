"""What a process remembers of sessions for while their store is away, and how little."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mainhub.sessions import KeyRing, SealedSessions, Tokens
from mainhub.sessions.recent import Recent
from sessions.contract import DEVICE, LIFETIMES, LINUS
from sessions.held_rows import HeldRows
from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
GRACE = timedelta(seconds=30)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def rows() -> HeldRows:
    return HeldRows()


@pytest.fixture
def store(rows: HeldRows, clock: MovedClock) -> SealedSessions:
    return SealedSessions(rows, ring=KeyRing(["k" * 43]), clock=clock, lifetimes=LIFETIMES)


async def remembered(recent: Recent, rows: HeldRows, store: SealedSessions, count: int) -> None:
    for _ in range(count):
        await store.create(LINUS, Tokens(), DEVICE)
    for row in list(rows.rows.values()):
        recent.keep(row, recent.mark())


async def test_remembers_the_latest_of_so_many(
    store: SealedSessions, rows: HeldRows, clock: MovedClock
) -> None:
    recent = Recent(grace=GRACE, most=3, clock=clock)
    await remembered(recent, rows, store, 5)
    found = [recent.get(id_hash) is not None for id_hash in rows.rows]
    assert found == [False, False, True, True, True]


async def test_remembers_so_many_bytes(
    store: SealedSessions, rows: HeldRows, clock: MovedClock
) -> None:
    recent = Recent(grace=GRACE, most=100, clock=clock, most_bytes=5000)
    await remembered(recent, rows, store, 10)
    assert 1 <= len(recent) <= 4
    recent.forget_all()
    assert recent._bytes == 0


async def test_keeps_nothing_longer_than_it_is_good_for(
    store: SealedSessions, rows: HeldRows, clock: MovedClock
) -> None:
    recent = Recent(grace=GRACE, most=100, clock=clock)
    await remembered(recent, rows, store, 10)
    assert len(recent) == 10
    clock.move(GRACE)
    rows.rows.clear()
    await remembered(recent, rows, store, 1)
    assert len(recent) == 1
