"""What the store does beyond its rows: grace while they are away, and ends that are told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.sessions import (
    AnnouncedSessions,
    EndReason,
    KeyRing,
    SealedRow,
    SealedSessions,
    Session,
    SessionEnded,
    SessionsPartlyEnded,
    SessionStoreUnavailable,
    Tokens,
)
from sessions.contract import (
    ADA,
    DEVICE,
    LIFETIMES,
    LINUS,
    SessionStoreContract,
    some_tokens,
)
from sessions.held_rows import HeldRows
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio
GRACE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
RING = KeyRing(["k" * 43])


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def rows() -> HeldRows:
    return HeldRows()


@pytest.fixture
def store(rows: HeldRows, clock: MovedClock) -> SealedSessions:
    return SealedSessions(rows, ring=RING, clock=clock, lifetimes=LIFETIMES, grace=GRACE)


@pytest.fixture
async def session(store: SealedSessions) -> Session:
    return await store.create(LINUS, some_tokens(), DEVICE)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a condition of others
        await asyncio.sleep(0)


class TestSealedSessions(SessionStoreContract):
    """The rows that the tests below use keep the promise, too."""

    @pytest.fixture
    def store(self, clock: MovedClock) -> SealedSessions:
        return SealedSessions(HeldRows(), ring=RING, clock=clock, lifetimes=LIFETIMES, grace=GRACE)


async def test_a_session_opens_for_as_long_as_grace_lasts_after_it_was_verified(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock
) -> None:
    clock.move(timedelta(minutes=1))
    verified = await store.load(session.id)
    rows.away()
    clock.move(GRACE - SECOND / 10)
    assert verified is not None
    assert await store.load(session.id) == replace(verified, unverified=True)
    clock.move(SECOND / 10)
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)
    # Loading without the store verified nothing.
    rows.back()
    assert await store.load(session.id) == verified


async def test_grace_counts_from_when_the_store_was_asked(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock
) -> None:
    rows.gate.clear()
    slow = asyncio.create_task(store.load(session.id))
    await until(lambda: rows.calls[-1] == "fetch")
    clock.move(timedelta(seconds=20))
    rows.gate.set()
    assert await slow == session
    rows.away()
    clock.move(timedelta(seconds=9))
    assert await store.load(session.id) is not None
    clock.move(timedelta(seconds=1))
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


async def test_without_grace_nothing_is_remembered(rows: HeldRows, clock: MovedClock) -> None:
    store = SealedSessions(
        rows, ring=RING, clock=clock, lifetimes=LIFETIMES, grace=timedelta(seconds=0)
    )
    session = await store.create(LINUS, Tokens(), DEVICE)
    await store.load(session.id)
    rows.away()
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)
    assert len(store._recent) == 0


async def test_the_clock_on_the_wall_lengthens_no_grace(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock
) -> None:
    rows.away()
    clock.move(GRACE)
    clock._now -= timedelta(hours=1)
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


@pytest.mark.parametrize("how", ["revoke", "revoke_listed", "revoke_person", "elsewhere", "all"])
async def test_what_has_ended_is_served_to_nobody(
    store: SealedSessions, rows: HeldRows, session: Session, how: str
) -> None:
    if how == "revoke":
        await store.revoke(session.id, reason=EndReason.SIGNED_OUT)
    elif how == "revoke_listed":
        await store.revoke_listed(session.ref, reason=EndReason.REVOKED)
    elif how == "revoke_person":
        await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
    elif how == "elsewhere":
        store.forget(session.ref)
    else:
        store.forget_all()
    rows.away()
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


@pytest.mark.parametrize("how", ["here", "elsewhere", "all"])
async def test_an_end_while_the_row_is_on_its_way_wins(
    store: SealedSessions, rows: HeldRows, session: Session, how: str
) -> None:
    rows.gate.clear()
    reading = asyncio.create_task(store.load(session.id))
    await until(lambda: rows.calls[-1] == "fetch")
    if how == "here":
        ending = asyncio.create_task(store.revoke(session.id, reason=EndReason.SIGNED_OUT))
        await until(lambda: rows.calls[-1] == "delete")
        rows.gate.set()
        await ending
    else:
        store.forget(session.ref) if how == "elsewhere" else store.forget_all()
        rows.gate.set()
    # It lived when it was read, so this request may go on; no later one may.
    await reading
    rows.away()
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


async def test_what_the_store_says_is_gone_is_forgotten(
    store: SealedSessions, rows: HeldRows, session: Session
) -> None:
    rows.rows.clear()
    assert await store.load(session.id) is None
    rows.away()
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


async def test_made_up_ids_make_nobody_forgotten(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock
) -> None:
    clock.move(GRACE - SECOND)
    rows.gate.clear()
    guessing = [asyncio.create_task(store.load(f"made-up-{number}")) for number in range(20)]
    reading = asyncio.create_task(store.load(session.id))
    await until(lambda: rows.calls.count("fetch") == 21)
    rows.gate.set()
    assert await asyncio.gather(*guessing) == [None] * 20
    assert await reading == session
    rows.away()
    clock.move(GRACE - SECOND)
    found = await store.load(session.id)
    assert found is not None
    assert found.unverified


@pytest.mark.parametrize("end", ["idle", "absolute"])
async def test_grace_lengthens_no_session(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock, end: str
) -> None:
    clock.move(LIFETIMES.idle - SECOND)
    while end == "absolute" and clock.now() < session.expires_at - SECOND:
        found = await store.load(session.id)
        assert found is not None
        await store.touch(found)
        clock.move(min(timedelta(minutes=29), session.expires_at - SECOND - clock.now()))
    await store.load(session.id)
    rows.away()
    found = await store.load(session.id)
    assert found is not None
    clock.move(SECOND)
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


async def test_what_is_remembered_opens_only_with_the_id(
    store: SealedSessions, rows: HeldRows, session: Session
) -> None:
    rows.away()
    for guess in (session.ref, "", "x", session.id[:-1], session.id + "x"):
        with pytest.raises(SessionStoreUnavailable):
            await store.load(guess)
    remembered = repr(vars(store._recent))
    for secret in (session.id, "refresh-secret", "Linus", "203.0.113.7"):
        assert secret not in remembered


async def test_the_newest_that_was_saved_is_what_is_remembered(
    store: SealedSessions, rows: HeldRows, session: Session
) -> None:
    rows.gate.clear()
    old = asyncio.create_task(store.load(session.id))
    await until(lambda: rows.calls[-1] == "fetch")
    saving = asyncio.create_task(store.save(replace(session, tokens=Tokens("newer"))))
    await until(lambda: rows.calls[-1] == "replace")
    rows.gate.set()
    saved = await saving
    await old
    rows.away()
    assert await store.load(session.id) == replace(saved, unverified=True)


async def test_nothing_changes_while_the_store_is_away(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock
) -> None:
    rows.away()
    found = await store.load(session.id)
    assert found is not None
    with pytest.raises(SessionStoreUnavailable):
        await store.save(found)
    clock.move(timedelta(seconds=20))
    before = len(rows.calls)
    await store.touch(found)
    assert len(rows.calls) == before
    clock.move(timedelta(minutes=2))
    with pytest.raises(SessionStoreUnavailable):
        await store.touch(found)
    # Nobody waits a second time for a store that was just found away.
    assert len(rows.calls) == before


async def test_a_store_that_goes_away_between_saving_and_looking_is_no_conflict(
    store: SealedSessions, rows: HeldRows, session: Session
) -> None:
    await store.save(session)
    rows.failing_after = 1
    with pytest.raises(SessionStoreUnavailable):
        await store.save(session)


async def test_a_session_saved_while_unverified_is_verified_by_it(
    store: SealedSessions, rows: HeldRows, session: Session
) -> None:
    rows.away()
    found = await store.load(session.id)
    assert found is not None
    rows.back()
    saved = await store.save(found)
    assert not saved.unverified
    assert await store.load(session.id) == saved


async def test_who_is_half_way_through_a_person_tells_whom_it_ended(
    store: SealedSessions, rows: HeldRows
) -> None:
    for _ in range(250):
        await store.create(LINUS, Tokens(), DEVICE)
    told: list[SessionEnded] = []
    announced = AnnouncedSessions(store, told.append)
    rows.failing_after = 2
    with pytest.raises(SessionsPartlyEnded) as raised:
        await announced.revoke_person(LINUS.id, reason=EndReason.REVOKED, by=ADA)
    assert len(raised.value.ended) == len(told) == 200
    rows.back()
    assert len(await announced.revoke_person(LINUS.id, reason=EndReason.REVOKED, by=ADA)) == 50
    assert len({one.summary.ref for one in told}) == 250


async def test_a_purge_cut_short_tells_what_it_took(
    store: SealedSessions, rows: HeldRows, clock: MovedClock
) -> None:
    for _ in range(250):
        await store.create(LINUS, Tokens(), DEVICE)
    clock.move(LIFETIMES.idle)
    rows.failing_after = 1
    assert len(await store.purge()) == 200
    with pytest.raises(SessionStoreUnavailable):
        await store.purge()
    rows.back()
    assert len(await store.purge()) == 50


@pytest.mark.parametrize("how", ["revoke", "revoke_listed", "revoke_person", "purge"])
async def test_who_asks_for_an_end_and_leaves_takes_nothing_back(
    store: SealedSessions, rows: HeldRows, session: Session, clock: MovedClock, how: str
) -> None:
    told: list[SessionEnded] = []
    announced = AnnouncedSessions(store, told.append)
    calls = {
        "revoke": lambda: announced.revoke(session.id, reason=EndReason.SIGNED_OUT),
        "revoke_listed": lambda: announced.revoke_listed(session.ref, reason=EndReason.REVOKED),
        "revoke_person": lambda: announced.revoke_person(LINUS.id, reason=EndReason.REVOKED),
        "purge": announced.purge,
    }
    if how == "purge":
        clock.move(LIFETIMES.idle)
    rows.gate.clear()
    asking = asyncio.ensure_future(calls[how]())
    await until(lambda: rows.calls[-1] != "insert")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    rows.gate.set()
    await until(lambda: bool(told))
    assert [one.summary.ref for one in told] == [session.ref]
    await until(lambda: not announced._under_way)


async def test_rows_planted_on_a_person_end_the_search_and_not_the_hub(
    store: SealedSessions, rows: HeldRows, session: Session
) -> None:
    (own,) = rows.rows.values()
    for number in range(2500):
        planted = f"{number:064x}"
        rows.rows[planted] = replace(own, id_hash=planted)
    with pytest.raises(SessionsPartlyEnded, match="not this person's") as caught:
        await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
    (ended,) = caught.value.ended
    assert ended.ref == session.ref
    assert len(rows.calls) < 50


async def test_a_copy_of_a_row_that_cannot_be_ended_ends_the_search(
    store: SealedSessions, rows: HeldRows, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one in Redis under another name than its own: it opens, and deleting finds nothing."""
    (own,) = rows.rows.values()

    async def newest(*_: object, **__: object) -> list[SealedRow]:
        rows.calls.append("newest")
        return [own]

    monkeypatch.setattr(rows, "newest", newest)
    ended = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
    assert [one.ref for one in ended] == [session.ref]
    assert await store.revoke_person(LINUS.id, reason=EndReason.REVOKED) == []
    assert rows.calls.count("newest") < 8
