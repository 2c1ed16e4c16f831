"""Whatever is done to sessions, in whatever order: each store says the same as the plainest one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis

from mainhub.errors import MainHubError
from mainhub.identity import ADMIN, EMPLOYEE
from mainhub.sessions import EndReason, KeyRing, Lifetimes, SealedSessions, Session, Tokens
from mainhub.sessions.redis import RedisSessionRows
from mainhub.sessions.sql import SqlSessionRows
from sessions.contract import ADA, DEVICE, LINUS
from sessions.held_rows import HeldRows
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainhub.sessions import SessionRows, SessionSummary
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
OLD, NEW = "old-key-" + "o" * 32, "new-key-" + "n" * 32
STEPS = 120
# So near each other that a few steps reach each of them.
LIFETIMES = Lifetimes(
    idle=timedelta(minutes=20),
    absolute=timedelta(minutes=40),
    administrator=timedelta(minutes=25),
    touch_every=timedelta(minutes=1),
)
# Back, too: the hub's clock may be set.
MOVES = [timedelta(seconds=seconds) for seconds in (0.000001, 20, 70, 200, 600, -150)]


class Side:
    """One of the stores, with names for its sessions that all sides share."""

    def __init__(self, rows: SessionRows, clock: MovedClock) -> None:
        self._stores = [
            SealedSessions(rows, ring=KeyRing(keys), clock=clock, lifetimes=LIFETIMES)
            for keys in ([OLD, NEW], [NEW, OLD])
        ]
        self._held: dict[int, list[Session]] = {}
        self._names: dict[str, int] = {}

    async def step(self, do: str, number: int, told: random.Random) -> object:
        """Do one thing, and return what came of it in words that all sides share."""
        store = told.choice(self._stores)
        person = told.choice([LINUS, ADA])
        held = self._held.get(number)
        # Whoever holds a session may hold it as it was a while ago.
        session = told.choice(held[-3:]) if held else None
        try:
            if do == "create":
                made = await store.create(person, Tokens(str(number)), DEVICE)
                self._names[made.ref] = number
                self._held[number] = [made]
                return self._told(made)
            if do == "list":
                which = told.choice([None, person.id])
                return self._all(await store.list(person_id=which, limit=50))
            if do == "revoke_person":
                but = session.ref if session else None
                return self._all(
                    await store.revoke_person(person.id, reason=EndReason.REVOKED, but=but)
                )
            if do == "purge":
                return self._all(await store.purge())
            return await self._on(session, do, store, told) if session else None
        except MainHubError as error:
            return type(error).__name__

    async def _on(
        self, session: Session, do: str, store: SealedSessions, told: random.Random
    ) -> object:
        if do == "load":
            found = await store.load(session.id)
            return self._kept(found)
        if do == "touch":
            await store.touch(session)
            return None
        if do == "save":
            roles = told.choice([(EMPLOYEE,), (EMPLOYEE, ADMIN)])
            person = replace(session.person, roles=roles)
            saved = await store.save(replace(session, person=person, tokens=Tokens("saved")))
            self._kept(saved)
            return saved.generation, saved.expires_at
        if do == "find":
            return self._all(filter(None, [await store.find(session.ref)]))
        reason = EndReason.SIGNED_OUT
        ended = await (
            store.revoke(session.id, reason=reason)
            if do == "revoke"
            else store.revoke_listed(session.ref, person_id=LINUS.id, reason=reason)
        )
        return self._all([ended] if ended else [])

    def _kept(self, found: Session | None) -> object:
        if found is None:
            return None
        self._held[self._names[found.ref]].append(found)
        return self._told(found)

    def _told(self, found: Session) -> object:
        return replace(found, id="", ref=str(self._names[found.ref]))

    def _all(self, found: Any) -> object:  # noqa: ANN401 - any iterable of summaries
        summaries: Sequence[SessionSummary] = list(found)
        return sorted(
            (self._names[one.ref], one.person, one.seen_at, one.idle_expires_at, one.expires_at)
            for one in summaries
        )


@pytest.mark.parametrize("seed", range(8))
async def test_every_store_says_the_same(migrated: Database, redis_url: str, seed: int) -> None:
    client: Redis = Redis.from_url(redis_url)
    clock, steps = MovedClock(), random.Random(seed)  # noqa: S311 - the same steps each time
    rows = (HeldRows(), SqlSessionRows(migrated), RedisSessionRows(client))
    sides = [Side(each, clock) for each in rows]
    deeds = ("create", "load", "touch", "save", "find", "revoke", "revoke_listed", "list")
    weights = (6, 8, 8, 4, 2, 1, 1, 3)
    made = [0]
    for step in range(1, STEPS):
        if steps.random() < 0.4:
            clock.move(steps.choice(MOVES))
        (do,) = steps.choices((*deeds, "purge", "revoke_person"), (*weights, 2, 0.5))
        number = step if do == "create" else steps.choice(made[-8:])
        made += [step] if do == "create" else []
        luck = steps.random()
        told = [await side.step(do, number, random.Random(luck)) for side in sides]  # noqa: S311
        assert told[0] == told[1] == told[2], (step, do)
    await client.aclose()
