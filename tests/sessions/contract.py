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
    Device,
    Lifetimes,
    Session,
    SessionChanged,
    SessionGone,
    SessionStore,
    Token,
    Tokens,
)
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Awaitable

LIFETIMES = Lifetimes(
    idle=timedelta(minutes=30),
    absolute=timedelta(hours=12),
    administrator=timedelta(hours=8),
    touch_every=timedelta(minutes=1),
)
LINUS = Person(
    "tid.linus-oid", "Linus Pauling", "linus@contoso.example", (EMPLOYEE, "x"), "tid", "entra"
)
ADA = Person("tid.ada-oid", "Ada", None, (EMPLOYEE, ADMIN), "tid", "entra")
DEVICE = Device("Firefox/140 on Debian", "203.0.113.7")
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


def some_tokens() -> Tokens:
    """Return tokens that are easily found again where they should not be."""
    return Tokens(
        refresh="refresh-secret-0.AX",
        access={
            "api://hub/access": Token("access-secret-eyJ", MovedClock().now() + timedelta(hours=1))
        },
        sid="provider-sid-secret",
        login_hint="login-hint-secret",
    )


class SessionStoreContract:
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
        assert await store.revoke(unknown) is False

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
        await store.revoke(revoked.id)
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
        await store.revoke(revoked.id)
        await gone(store.save(revoked))
        assert await store.load(revoked.id) is None
        ended = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        await gone(store.save(ended))
        assert await store.load(ended.id) is None
        await gone(store.save(replace(ended, id="never-was")))

    async def test_revoking_ends_one_session_at_once(self, store: SessionStore) -> None:
        one = await store.create(LINUS, Tokens(), DEVICE)
        other = await store.create(LINUS, Tokens(), DEVICE)
        assert await store.revoke(one.id) is True
        assert await store.revoke(one.id) is False
        assert await store.load(one.id) is None
        assert await store.load(other.id) == other

    async def test_purging_takes_only_what_has_ended(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        await store.create(LINUS, Tokens(), DEVICE)
        await store.create(ADA, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        alive = await store.create(LINUS, Tokens(), DEVICE)
        assert await store.purge() == 2
        assert await store.purge() == 0
        assert await store.load(alive.id) == alive
