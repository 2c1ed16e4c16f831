from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.sessions import KeyRing
from mainhub.signin import FlowGone, FlowStore
from mainhub.signin.used_once import UsedOnce
from mainhub.storage import Database, upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    one = Database(database_url)
    await upgrade(one)
    yield one
    await one.aclose()


async def test_recognises_what_was_used_until_its_time_is_over(
    database: Database, clock: MovingClock
) -> None:
    used = UsedOnce(database, clock=clock)
    assert not await used.is_used("logout entra 1")
    assert await used.remember("logout entra 1", for_long=HOUR)
    assert await used.is_used("logout entra 1")
    assert not await used.is_used("logout entra 2")
    clock.move(HOUR)
    assert not await used.is_used("logout entra 1")
    assert await used.remember("logout entra 1", for_long=HOUR)


async def test_one_of_many_is_first(database: Database, clock: MovingClock) -> None:
    several = [UsedOnce(database, clock=clock) for _ in range(10)]
    first = await asyncio.gather(*(one.remember("it", for_long=HOUR) for one in several))
    assert sorted(first) == [False] * 9 + [True]


async def test_what_was_used_is_no_sign_in(database: Database, clock: MovingClock) -> None:
    await UsedOnce(database, clock=clock).remember("it", for_long=HOUR)
    flows = FlowStore(database, ring=KeyRing(["k" * 43]), clock=clock)
    with pytest.raises(FlowGone):
        await flows.take(state="used-once it", bindings=["x" * 43, ""])
    assert await UsedOnce(database, clock=clock).is_used("it")
