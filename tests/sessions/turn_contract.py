"""What every session store promises of turns; part of its one contract."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mainhub.sessions import EndReason, SessionStore, Tokens
from sessions.sample import DEVICE, LINUS

if TYPE_CHECKING:
    from sessions.moved_clock import MovedClock

LONG = timedelta(seconds=20)


class TurnContract:
    """Subclasses give the fixtures ``store`` and ``clock``."""

    async def test_one_at_a_time_has_the_turn(self, store: SessionStore) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        other = await store.create(LINUS, Tokens(), DEVICE)
        given = await asyncio.gather(
            *(store.take_turn(session, owner=f"{number}", lasts=LONG) for number in range(10))
        )
        assert given.count(True) == 1
        owner = str(given.index(True))
        assert await store.take_turn(session, owner=owner, lasts=LONG)
        assert not await store.take_turn(session, owner="x", lasts=LONG)
        assert await store.take_turn(other, owner="x", lasts=LONG)
        await store.end_turn(session, owner="x")
        assert not await store.take_turn(session, owner="x", lasts=LONG)
        await store.end_turn(session, owner=owner)
        assert await store.take_turn(session, owner="x", lasts=LONG)
        assert await store.load(session.id) == session

    async def test_a_save_ends_the_turn_and_whoever_comes_with_less_loads_again(
        self, store: SessionStore
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        assert await store.take_turn(session, owner="a", lasts=LONG)
        saved = await store.save(replace(session, tokens=Tokens("newer")))
        assert not await store.take_turn(session, owner="b", lasts=LONG)
        assert not await store.take_turn(session, owner="a", lasts=LONG)
        assert await store.take_turn(saved, owner="b", lasts=LONG)

    async def test_activity_leaves_the_turn_alone(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(minutes=2))
        assert await store.take_turn(session, owner="a", lasts=LONG)
        await store.touch(session)
        assert not await store.take_turn(session, owner="b", lasts=LONG)

    async def test_a_turn_ends_by_itself(self, store: SessionStore, clock: MovedClock) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        assert await store.take_turn(session, owner="a", lasts=timedelta(milliseconds=50))
        clock.move(timedelta(milliseconds=50))
        async with asyncio.timeout(20):
            # Redis counts by its own clock, which nobody moves.
            while not await store.take_turn(session, owner="b", lasts=LONG):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        # What the first one brings counts all the same, if nobody else brought anything.
        saved = await store.save(replace(session, tokens=Tokens("late")))
        assert await store.load(session.id) == saved

    async def test_nobody_has_a_turn_with_what_has_ended(
        self, store: SessionStore, clock: MovedClock
    ) -> None:
        session = await store.create(LINUS, Tokens(), DEVICE)
        assert await store.take_turn(session, owner="a", lasts=LONG)
        await store.revoke(session.id, reason=EndReason.SIGNED_OUT)
        assert not await store.take_turn(session, owner="a", lasts=LONG)
        await store.end_turn(session, owner="a")
        idle = await store.create(LINUS, Tokens(), DEVICE)
        clock.move(timedelta(hours=1))
        assert not await store.take_turn(idle, owner="a", lasts=LONG)
