"""What every session store promises of lists and ends; part of its one contract."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.sessions import (
    EndReason,
    SessionStore,
    SessionSummary,
    Tokens,
)
from sessions.sample import ADA, DEVICE, LIFETIMES, LINUS, some_tokens, summary_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sessions.moved_clock import MovedClock

MINUTE = timedelta(minutes=1)


class EndingContract:
    """Subclasses give the fixtures ``store`` and ``clock``."""

    async def test_revoking_ends_one_session_at_once(self, store: SessionStore) -> None:
        one = await store.create(LINUS, Tokens(), DEVICE)
        other = await store.create(LINUS, Tokens(), DEVICE)
        ended = await store.revoke(one.id, reason=EndReason.SIGNED_OUT, by=LINUS)
        assert ended == summary_of(one)
        assert await store.revoke(one.id, reason=EndReason.SIGNED_OUT) is None
        assert await store.load(one.id) is None
        assert await store.load(other.id) == other

    async def test_ends_what_a_provider_opened_within_one_session_of_its_own(
        self, store: SessionStore
    ) -> None:
        def at(sid: str | None) -> Tokens:
            return Tokens(sid=sid)

        own = [await store.create(person, at("sid-1"), DEVICE) for person in (LINUS, LINUS, ADA)]
        elsewhere = replace(LINUS, provider="other")
        others = [
            await store.create(LINUS, at("sid-2"), DEVICE),
            await store.create(LINUS, at(None), DEVICE),
            await store.create(elsewhere, at("sid-1"), DEVICE),
        ]
        # Renewed since, with another name of it at the provider.
        moved = await store.create(LINUS, at("sid-1"), DEVICE)
        others.append(await store.save(replace(moved, tokens=at("sid-3"))))
        own[0] = await store.save(replace(own[0], tokens=replace(own[0].tokens, refresh="newer")))
        reason = EndReason.SIGNED_OUT
        ended = await store.revoke_provider_session("entra", "sid-1", reason=reason)
        assert {one.ref for one in ended} == {one.ref for one in own}
        assert await store.revoke_provider_session("entra", "sid-1", reason=reason) == []
        assert [await store.load(one.id) for one in own] == [None, None, None]
        assert [await store.load(one.id) for one in others] == others

    @pytest.mark.parametrize("unknown", ["", "sid\x00", "é" * 300, "\ud800"])
    async def test_an_unknown_session_of_a_provider_ends_nothing(
        self, store: SessionStore, unknown: str
    ) -> None:
        kept = await store.create(LINUS, Tokens(), DEVICE)
        reason = EndReason.SIGNED_OUT
        assert await store.revoke_provider_session("entra", unknown, reason=reason) == []
        assert await store.load(kept.id) == kept

    async def test_ends_a_session_and_those_that_came_of_it(self, store: SessionStore) -> None:
        first = await store.create(LINUS, Tokens("a"), DEVICE)
        second = await store.create(LINUS, Tokens("b", family=first.family), DEVICE)
        third = await store.create(LINUS, Tokens("c", family=second.family), DEVICE)
        other = await store.create(LINUS, Tokens("d"), DEVICE)
        stranger = await store.create(ADA, Tokens("e", family=first.family), DEVICE)
        assert first.family == second.family == third.family != other.family
        ended = await store.revoke_family(third, reason=EndReason.PROVIDER)
        assert {one.ref for one in ended} == {first.ref, second.ref, third.ref}
        assert await store.load(other.id) == other
        assert await store.load(stranger.id) == stranger
        assert await store.revoke_family(first, reason=EndReason.PROVIDER) == []

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
