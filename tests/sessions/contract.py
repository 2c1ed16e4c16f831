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
    EndReason,
    Lifetimes,
    Session,
    SessionChanged,
    SessionGone,
    SessionStore,
    SessionSummary,
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


def summary_of(session: Session) -> SessionSummary:
    """Return what a list shows of *session*."""
    return SessionSummary(
        ref=session.ref,
        person=session.person,
        device=session.device,
        created_at=session.created_at,
        seen_at=session.seen_at,
        idle_expires_at=session.idle_expires_at,
        expires_at=session.expires_at,
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

    async def test_revoking_ends_one_session_at_once(self, store: SessionStore) -> None:
        one = await store.create(LINUS, Tokens(), DEVICE)
        other = await store.create(LINUS, Tokens(), DEVICE)
        ended = await store.revoke(one.id, reason=EndReason.SIGNED_OUT, by=LINUS)
        assert ended == summary_of(one)
        assert await store.revoke(one.id, reason=EndReason.SIGNED_OUT) is None
        assert await store.load(one.id) is None
        assert await store.load(other.id) == other

    async def test_purging_takes_only_what_has_ended(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        ended = [
            await store.create(LINUS, Tokens(), DEVICE),
            await store.create(ADA, Tokens(), DEVICE),
        ]
        clock.move(LIFETIMES.idle)
        alive = await store.create(LINUS, Tokens(), DEVICE)
        purged = await store.purge()
        assert {found.ref: found for found in purged} == {
            session.ref: summary_of(session) for session in ended
        }
        assert list(await store.purge()) == []
        assert await store.load(alive.id) == alive

    async def test_of_several_who_purge_each_session_is_told_to_one(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        refs = [(await store.create(LINUS, Tokens(), DEVICE)).ref for _ in range(30)]
        clock.move(LIFETIMES.idle)
        purged = await asyncio.gather(*(store.purge() for _ in range(5)))
        assert sorted(found.ref for some in purged for found in some) == sorted(refs)

    async def test_what_nobody_could_end_any_more_is_still_told_by_the_purge(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        assert await store.revoke(session.id, reason=EndReason.SIGNED_OUT) is None
        assert [found.ref for found in await store.purge()] == [session.ref]

    async def test_what_was_seen_again_is_not_purged_at_its_first_end(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(minutes=20))
        await store.touch(session)
        clock.move(timedelta(minutes=20))
        assert list(await store.purge()) == []
        assert await store.load(session.id) is not None
        clock.move(timedelta(minutes=10))
        assert [found.ref for found in await store.purge()] == [session.ref]

    async def test_nobody_ends_what_has_ended_by_time(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        assert await store.revoke_listed(session.ref, reason=EndReason.REVOKED) is None
        assert await store.revoke(session.id, reason=EndReason.SIGNED_OUT) is None
        assert list(await store.list(limit=10)) == []
        assert await store.find(session.ref) is None

    async def test_lists_live_sessions_last_seen_first(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        sessions = []
        for person in (LINUS, ADA, LINUS):
            sessions.append(await store.create(person, some_tokens(), DEVICE))
            clock.move(MINUTE)
        await store.touch(sessions[0])
        first, second, third = sessions
        touched = replace(
            summary_of(first), seen_at=clock.now(), idle_expires_at=clock.now() + LIFETIMES.idle
        )
        everybody = list(await store.list(limit=10))
        assert everybody == [touched, summary_of(third), summary_of(second)]
        assert list(await store.list(limit=2)) == everybody[:2]
        own = list(await store.list(person_id=LINUS.id, limit=10))
        assert own == [touched, summary_of(third)]
        assert list(await store.list(person_id=LINUS.id, limit=1)) == own[:1]
        assert list(await store.list(person_id="tid.nobody", limit=10)) == []

    async def test_a_list_opens_nothing(self, store: SessionStore) -> None:
        session = await store.create(LINUS, some_tokens(), DEVICE)
        (listed,) = await store.list(limit=10)
        assert session.id not in repr(listed)
        assert "secret" not in repr(listed)
        assert await store.load(listed.ref) is None

    async def test_ends_a_listed_session_of_its_person_only(self, store: SessionStore) -> None:
        ada, linus = [await store.create(one, Tokens(), DEVICE) for one in (ADA, LINUS)]
        reason = EndReason.REVOKED
        assert await store.find(ada.ref, person_id=LINUS.id) is None
        assert await store.revoke_listed(ada.ref, person_id=LINUS.id, reason=reason) is None
        assert await store.load(ada.id) == ada
        assert await store.find(ada.ref, person_id=ADA.id) == summary_of(ada)
        ended = await store.revoke_listed(ada.ref, person_id=ADA.id, reason=reason, by=ADA)
        assert ended == summary_of(ada)
        assert await store.revoke_listed(ada.ref, reason=reason) is None
        assert await store.load(ada.id) is None
        assert await store.revoke_listed(linus.ref, reason=reason, by=ADA) == summary_of(linus)

    @pytest.mark.parametrize(
        "ref", ["", "%", "_" * 32, "0" * 32, "0" * 31, "' OR 1=1 --", "\x00", "é" * 32, "F" * 32]
    )
    async def test_a_ref_that_is_none_finds_nothing(self, store: SessionStore, ref: str) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        for wrong in (ref, session.ref.upper() if ref == "F" * 32 else session.ref + ref):
            if wrong != session.ref:
                assert await store.find(wrong) is None
                assert await store.revoke_listed(wrong, reason=EndReason.REVOKED) is None
        assert await store.load(session.id) == session

    async def test_of_two_who_end_one_session_exactly_one_did(self, store: SessionStore) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        outcomes = await asyncio.gather(
            *(store.revoke_listed(session.ref, reason=EndReason.REVOKED) for _ in range(5)),
            *(store.revoke(session.id, reason=EndReason.SIGNED_OUT) for _ in range(5)),
        )
        assert [outcome for outcome in outcomes if outcome] == [summary_of(session)]

    async def test_ends_all_sessions_of_a_person(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        old = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(LIFETIMES.idle)
        own = [await store.create(LINUS, Tokens(), DEVICE) for _ in range(5)]
        ada = await store.create(ADA, Tokens(), DEVICE)
        ended = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED, by=ADA)
        assert {found.ref: found for found in ended} == {one.ref: summary_of(one) for one in own}
        for one in own:
            assert await store.load(one.id) is None
        assert await store.load(ada.id) == ada
        assert list(await store.list(person_id=LINUS.id, limit=10)) == []
        assert list(await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)) == []
        assert list(await store.revoke_person("tid.nobody", reason=EndReason.REVOKED)) == []
        # What had ended by time before is the purge's.
        assert [found.ref for found in await store.purge()] == [old.ref]

    async def test_spares_the_session_that_it_is_told_to(self, store: SessionStore) -> None:
        own = [await store.create(LINUS, Tokens(), DEVICE) for _ in range(4)]
        ended = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED, but=own[1].ref)
        assert {found.ref for found in ended} == {own[0].ref, own[2].ref, own[3].ref}
        assert await store.load(own[1].id) == own[1]
        assert list(await store.list(person_id=LINUS.id, limit=9)) == [summary_of(own[1])]

    async def test_somebody_elses_session_is_not_spared_by_its_name(
        self, store: SessionStore
    ) -> None:
        ada, linus = [await store.create(one, Tokens(), DEVICE) for one in (ADA, LINUS)]
        ended = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED, but=ada.ref)
        assert [found.ref for found in ended] == [linus.ref]

    async def test_of_several_who_end_all_each_session_was_ended_by_one(
        self, store: SessionStore
    ) -> None:
        own = [await store.create(LINUS, Tokens(), DEVICE) for _ in range(12)]
        outcomes = await asyncio.gather(
            *(store.revoke_person(LINUS.id, reason=EndReason.REVOKED) for _ in range(3)),
            *(_listed(store.revoke(one.id, reason=EndReason.SIGNED_OUT)) for one in own),
        )
        ended = [found.ref for some in outcomes for found in some]
        assert sorted(ended) == sorted(one.ref for one in own)

    async def test_ends_more_than_fit_into_one_step(self, store: SessionStore) -> None:
        for _ in range(10):
            await asyncio.gather(*(store.create(LINUS, Tokens(), DEVICE) for _ in range(25)))
        ended = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
        assert len({found.ref for found in ended}) == len(ended) == 250
        assert list(await store.list(limit=1)) == []

    async def test_a_store_that_answers_marks_nothing_unverified(self, store: SessionStore) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        found = await store.load(session.id)
        assert found is not None
        assert not found.unverified


async def _listed(ending: Awaitable[SessionSummary | None]) -> list[SessionSummary]:
    found = await ending
    return [found] if found is not None else []
