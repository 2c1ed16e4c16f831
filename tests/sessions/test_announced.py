from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.sessions import (
    AnnouncedSessions,
    EndReason,
    KeyRing,
    SessionEnded,
    SessionStoreUnavailable,
    Tokens,
)
from mainhub.sessions.sql import SqlSessionStore
from sessions.contract import ADA, DEVICE, LIFETIMES, LINUS, SessionStoreContract, summary_of
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from mainhub.sessions import SessionStore
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
def plain(migrated: Database, clock: MovedClock) -> SessionStore:
    return SqlSessionStore(migrated, ring=KeyRing(["k" * 43]), clock=clock, lifetimes=LIFETIMES)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


class TestAnnouncedSessions(SessionStoreContract):
    """An announced store is a store like any other."""

    @pytest.fixture
    def store(self, plain: SessionStore) -> SessionStore:
        return AnnouncedSessions(plain, lambda _ended: None)


async def test_tells_of_every_end_once(plain: SessionStore, clock: MovedClock) -> None:
    told: list[SessionEnded] = []
    store = AnnouncedSessions(plain, told.append)
    one, two, three = [await store.create(LINUS, Tokens(), DEVICE) for _ in range(3)]
    await store.revoke(one.id, reason=EndReason.SIGNED_OUT, by=LINUS)
    await store.revoke(one.id, reason=EndReason.SIGNED_OUT, by=LINUS)
    await store.revoke_listed(two.ref, reason=EndReason.REVOKED, by=ADA)
    await store.revoke_listed(two.ref, reason=EndReason.REVOKED, by=ADA)
    clock.move(LIFETIMES.idle + timedelta(minutes=1))
    await store.purge()
    assert told == [
        SessionEnded(summary_of(one), EndReason.SIGNED_OUT, LINUS),
        SessionEnded(summary_of(two), EndReason.REVOKED, ADA),
        SessionEnded(summary_of(three), EndReason.EXPIRED),
    ]


async def test_a_session_has_ended_by_the_time_it_is_told(plain: SessionStore) -> None:
    def fail(_ended: SessionEnded) -> None:
        raise RuntimeError("nobody listens well")

    store = AnnouncedSessions(plain, fail)
    session = await store.create(LINUS, Tokens(), DEVICE)
    assert await store.revoke(session.id, reason=EndReason.REVOKED) == summary_of(session)
    assert await plain.load(session.id) is None


async def test_tells_nothing_when_the_store_fails(clock: MovedClock, database: Database) -> None:
    told: list[SessionEnded] = []
    broken = SqlSessionStore(database, ring=KeyRing(["k" * 43]), clock=clock, lifetimes=LIFETIMES)
    store = AnnouncedSessions(broken, told.append)
    with pytest.raises(SessionStoreUnavailable):
        await store.revoke("x", reason=EndReason.REVOKED)
    assert told == []


async def test_an_end_whose_answer_is_lost_leaves_a_doubt_and_purging_leaves_none(
    plain: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session may have ended, and nobody will say so: its streams must be looked at."""
    doubts: list[str] = []
    store = AnnouncedSessions(plain, lambda _ended: None, lambda: doubts.append("?"))
    session = await store.create(LINUS, Tokens(), DEVICE)

    def lose(name: str) -> None:
        whole = getattr(plain, name)

        async def lost(*words: object, **named: object) -> None:
            await whole(*words, **named)
            raise SessionStoreUnavailable("the answer was lost")

        monkeypatch.setattr(plain, name, lost)

    for name in ("revoke", "revoke_listed", "revoke_person", "purge"):
        lose(name)
    with pytest.raises(SessionStoreUnavailable):
        await store.purge()
    assert doubts == []
    for ending in (
        store.revoke_listed(session.ref, reason=EndReason.REVOKED),
        store.revoke(session.id, reason=EndReason.REVOKED),
        store.revoke_person(LINUS.id, reason=EndReason.REVOKED),
    ):
        with pytest.raises(SessionStoreUnavailable):
            await ending
    assert doubts == ["?"] * 3
    assert await store.load(session.id) is None
