"""What every session store promises; each adapter's tests inherit it."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.identity import ADMIN, EMPLOYEE, Person
from mainhub.sessions import (
    EndReason,
    Session,
    SessionChanged,
    SessionGone,
    SessionStore,
    Tokens,
)
from sessions.ending_contract import EndingContract
from sessions.moved_clock import MovedClock
from sessions.sample import ADA, DEVICE, LIFETIMES, LINUS, some_tokens, summary_of
from sessions.turn_contract import TurnContract

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from mainhub.sessions import SessionStore

__all__ = [
    "ADA",
    "DEVICE",
    "LIFETIMES",
    "LINUS",
    "SessionStoreContract",
    "some_tokens",
    "summary_of",
]
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


class SessionStoreContract(EndingContract, TurnContract):
    """Subclasses give the fixture ``store``, made with ``LIFETIMES`` and the fixture ``clock``."""

    @pytest.fixture
    def clock(self) -> MovedClock:
        return MovedClock()

    async def test_loads_what_was_created(self, store: SessionStore, clock: MovedClock) -> None:
        created = await store.create(LINUS, some_tokens(), DEVICE)
        assert await store.load(created.id) == created
        assert (created.person, created.device, created.tokens) == (LINUS, DEVICE, some_tokens())
        assert created.generation == 1
        assert created.created_at == created.seen_at == clock.now()
        assert created.idle_expires_at == clock.now() + LIFETIMES.idle
        assert created.expires_at == clock.now() + LIFETIMES.absolute

    async def test_a_session_without_tokens_is_one_too(self, store: SessionStore) -> None:
        created = await store.create(ADA, Tokens(), DEVICE)
        assert await store.load(created.id) == created

    async def test_ids_are_256_bits_and_never_the_same(self, store: SessionStore) -> None:
        ids = [(await store.create(LINUS, Tokens(), DEVICE)).id for _ in range(20)]
        assert len(set(ids)) == len(ids)
        assert {len(base64.urlsafe_b64decode(f"{given}=")) for given in ids} == {32}

    @pytest.mark.parametrize("unknown", ["", "unknown", "é", "\x00", "a" * 10_000])
    async def test_an_unknown_id_is_nobody(self, store: SessionStore, unknown: str) -> None:
        await store.create(LINUS, Tokens(), DEVICE)
        assert await store.load(unknown) is None
        assert await store.revoke(unknown, reason=EndReason.SIGNED_OUT) is None
        assert await store.find(unknown) is None
        assert await store.revoke_listed(unknown, reason=EndReason.REVOKED) is None

    async def test_the_secrets_do_not_show_in_repr(self, store: SessionStore) -> None:
        session = await store.create(LINUS, some_tokens(), DEVICE)
        shown = f"{session!r} {session.tokens!r} {session.tokens.access!r}"
        assert session.id not in shown
        assert "access-secret" not in shown
        assert "refresh-secret" not in shown

    async def test_ends_when_idle(self, store: SessionStore, clock: MovedClock) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle - MICROSECOND)
        assert await store.load(session.id) == session
        clock.move(MICROSECOND)
        assert await store.load(session.id) is None

    async def test_activity_moves_the_idle_end(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(minutes=20))
        await store.touch(session)
        clock.move(timedelta(minutes=20))
        found = await store.load(session.id)
        assert found is not None
        assert found.seen_at == session.created_at + timedelta(minutes=20)
        assert found.idle_expires_at == session.created_at + timedelta(minutes=50)
        assert found.generation == 1

    async def test_activity_is_written_at_most_once_a_minute(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(MINUTE - MICROSECOND)
        await store.touch(session)
        assert await store.load(session.id) == session
        clock.move(MICROSECOND)
        await store.touch(session)
        found = await store.load(session.id)
        assert found is not None
        assert found.seen_at == clock.now()

    @pytest.mark.parametrize(
        ("person", "lifetime"), [(LINUS, LIFETIMES.absolute), (ADA, LIFETIMES.administrator)]
    )
    async def test_no_activity_moves_the_absolute_end(
        self, store: SessionStore, clock: MovedClock, person: Person, lifetime: timedelta
    ) -> None:
        session = await store.create(person, Tokens(), DEVICE)
        assert session.expires_at == clock.now() + lifetime
        while clock.now() + LIFETIMES.idle < session.expires_at:
            clock.move(LIFETIMES.idle - MINUTE)
            found = await store.load(session.id)
            assert found is not None
            await store.touch(found)
        last = await store.load(session.id)
        assert last is not None
        assert last.idle_expires_at == last.expires_at == session.expires_at
        clock.move(session.expires_at - clock.now())
        assert await store.load(session.id) is None
        await store.touch(last)
        assert await store.load(session.id) is None

    async def test_activity_brings_nothing_back(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        await store.touch(session)
        assert await store.load(session.id) is None
        revoked = await store.create(LINUS, Tokens(), DEVICE)
        await store.revoke(revoked.id, reason=EndReason.SIGNED_OUT)
        clock.move(MINUTE)
        await store.touch(revoked)
        assert await store.load(revoked.id) is None

    async def test_saves_person_and_tokens(self, store: SessionStore) -> None:
        session = await store.create(LINUS, some_tokens(), DEVICE)
        renamed = replace(LINUS, name="Linus P.", roles=("USER",))
        saved = await store.save(replace(session, person=renamed, tokens=Tokens("newer")))
        assert saved.generation == session.generation + 1
        assert saved == await store.load(session.id)
        assert (saved.person, saved.tokens) == (renamed, Tokens("newer"))
        assert saved.expires_at == session.expires_at

    async def test_saving_keeps_the_activity_noted_meanwhile(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(minutes=10))
        await store.touch(session)
        await store.save(replace(session, tokens=Tokens("newer")))
        found = await store.load(session.id)
        assert found is not None
        assert found.seen_at == clock.now()

    async def test_saving_leaves_the_idle_end_where_activity_moved_it(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(minutes=20))
        await store.touch(session)
        await store.save(replace(session, tokens=Tokens("newer")))
        found = await store.load(session.id)
        assert found is not None
        assert found.idle_expires_at == clock.now() + LIFETIMES.idle

    async def test_who_becomes_an_administrator_has_less_time_at_once(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        while clock.now() < session.created_at + timedelta(hours=7, minutes=50):
            clock.move(timedelta(minutes=10))
            found = await store.load(session.id)
            assert found is not None
            await store.touch(found)
        session = found or session
        promoted = replace(session.person, roles=(EMPLOYEE, ADMIN))
        saved = await store.save(replace(session, person=promoted))
        end = session.created_at + LIFETIMES.administrator
        assert saved.expires_at == saved.idle_expires_at == end
        # Who still holds the session as it was does not move its end either.
        clock.move(timedelta(minutes=5))
        await store.touch(session)
        found = await store.load(session.id)
        assert found is not None
        assert (found.expires_at, found.idle_expires_at) == (end, end)
        clock.move(timedelta(minutes=5))
        assert await store.load(session.id) is None
        assert [gone.ref for gone in await store.purge()] == [session.ref]

    async def test_activity_noted_late_moves_nothing_back(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(minutes=10))
        await store.touch(session)
        latest = await store.load(session.id)
        clock.move(timedelta(minutes=-5))
        await store.touch(session)
        clock.move(timedelta(minutes=5))
        assert await store.load(session.id) == latest

    async def test_who_saves_second_is_told(self, store: SessionStore) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        await store.save(replace(session, tokens=Tokens("first")))
        with pytest.raises(SessionChanged):
            await store.save(replace(session, tokens=Tokens("second")))
        found = await store.load(session.id)
        assert found is not None
        assert found.tokens.refresh == "first"

    async def test_of_concurrent_saves_exactly_one_wins(self, store: SessionStore) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        outcomes = await asyncio.gather(
            *(store.save(replace(session, tokens=Tokens(f"{number}"))) for number in range(10)),
            return_exceptions=True,
        )
        (won,) = [outcome for outcome in outcomes if isinstance(outcome, Session)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, SessionChanged)]
        assert len(lost) == 9
        assert await store.load(session.id) == won

    async def test_saving_never_brings_a_session_back(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        async def gone(saving: Awaitable[Session]) -> None:
            with pytest.raises(SessionGone):
                await saving

        revoked = await store.create(LINUS, Tokens(), DEVICE)
        await store.revoke(revoked.id, reason=EndReason.SIGNED_OUT)
        await gone(store.save(revoked))
        assert await store.load(revoked.id) is None
        ended = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        await gone(store.save(ended))
        assert await store.load(ended.id) is None
        await gone(store.save(replace(ended, id="never-was")))
