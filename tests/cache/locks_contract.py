"""What every keeper of locks keeps to; each adapter's tests inherit this."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mainhub.cache import Locks

SOON = 20.0
MINUTE = timedelta(minutes=1)


@pytest.mark.anyio
class LocksContract:
    """Two processes on one server; *name* is a lock that nobody else uses."""

    @pytest.fixture
    async def one(self) -> Locks:
        """Return a keeper."""
        raise NotImplementedError

    @pytest.fixture
    async def other(self) -> Locks:
        """Return another one on the same server."""
        raise NotImplementedError

    async def test_one_has_it_until_they_release_it(self, one: Locks, other: Locks) -> None:
        first = await one.acquire("job", b"me", MINUTE)
        assert first is not None
        assert await other.acquire("job", b"you", MINUTE) is None
        assert await other.acquire("job:2", b"you", MINUTE) is not None
        assert not await other.release("job", b"you")
        assert await one.release("job", b"me")
        assert not await one.release("job", b"me")
        second = await other.acquire("job", b"you", MINUTE)
        assert second is not None
        assert second > first

    async def test_release_without_owner_takes_nothing_away(self, one: Locks, other: Locks) -> None:
        await one.acquire("job", b"me", timedelta(milliseconds=1))
        await asyncio.sleep(0.02)
        assert await other.acquire("job", b"you", MINUTE) is not None
        # Whose time was over comes too late.
        assert not await one.release("job", b"me")
        assert not await one.renew("job", b"me", MINUTE)
        assert await one.acquire("job", b"me", MINUTE) is None

    async def test_renewing_keeps_it(self, one: Locks, other: Locks) -> None:
        await one.acquire("job", b"me", timedelta(milliseconds=500))
        assert await one.renew("job", b"me", MINUTE)
        assert not await other.renew("job", b"you", MINUTE)
        assert await other.acquire("job", b"you", MINUTE) is None

    async def test_numbers_only_grow(self, one: Locks, other: Locks) -> None:
        numbers = []
        for turn in range(50):
            keeper = (one, other)[turn % 2]
            number = await keeper.acquire("job", b"me%d" % turn, MINUTE)
            assert number is not None
            numbers.append(number)
            await keeper.release("job", b"me%d" % turn)
        assert numbers == sorted(set(numbers))

    async def test_one_of_many_at_once_gets_it(self, one: Locks, other: Locks) -> None:
        asked = [(one, other)[n % 2].acquire("job", b"%d" % n, MINUTE) for n in range(60)]
        got = [number for number in await asyncio.gather(*asked) if number is not None]
        assert len(got) == 1

    async def test_who_waits_is_woken_by_the_release(self, one: Locks, other: Locks) -> None:
        await one.acquire("job", b"me", MINUTE)
        async with other.waking("job") as event:
            async with asyncio.timeout(SOON):
                while not event.is_set():
                    # Where a link is only being made, a first release may go unheard.
                    await one.release("job", b"me")
                    await one.acquire("job", b"me", MINUTE)
                    await asyncio.sleep(0.01)
