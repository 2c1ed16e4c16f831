"""Locks: one holder at a time, who learns in time that it is one no longer."""
# ruff: noqa: ARG001 - each test is handed both

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from mainhub.cache import (
    Cache,
    CacheArgumentInvalid,
    CacheUnavailable,
    LockNotAcquired,
    MemoryLevel2,
    MemoryLocks,
)
from resilience.virtual_time import LoopClock, run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

TTL = timedelta(seconds=9)
NONE = timedelta()


class FaultyLocks(MemoryLocks):
    """Does what it is told to, then does not answer."""

    def __init__(self) -> None:
        super().__init__(clock=LoopClock())
        self.away = False
        self.hangs = False

    async def _answer(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise CacheUnavailable("away")

    @override
    async def acquire(self, name: str, owner: bytes, ttl: timedelta) -> int | None:
        fencing = await super().acquire(name, owner, ttl)
        await self._answer()
        return fencing

    @override
    async def renew(self, name: str, owner: bytes, ttl: timedelta) -> bool:
        await self._answer()
        return await super().renew(name, owner, ttl)

    @override
    async def release(self, name: str, owner: bytes) -> bool:
        await self._answer()
        return await super().release(name, owner)


def timely(
    test: Callable[[Cache, FaultyLocks], Coroutine[Any, Any, None]],
) -> Callable[[], None]:
    """Run *test* in virtual time, with a cache that is closed after it."""

    async def main() -> None:
        locks = FaultyLocks()
        cache = Cache(locks=locks)
        await test(cache, locks)
        locks.hangs = False
        await cache.aclose()
        assert len(asyncio.all_tasks()) == 1

    def timed() -> None:
        run(main())

    timed.__name__ = test.__name__
    return timed


@timely
async def test_there_is_one_holder_at_a_time_and_numbers_rise(
    cache: Cache, locks: FaultyLocks
) -> None:
    inside, most, numbers = 0, 0, []

    async def work() -> None:
        nonlocal inside, most
        async with cache.lock("l", wait=timedelta(hours=1)) as lease:
            inside += 1
            most = max(most, inside)
            numbers.append(lease.fencing)
            await asyncio.sleep(0.2)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 1
    assert numbers == sorted(set(numbers))
    assert not locks._held


@timely
async def test_it_is_kept_for_as_long_as_its_holder_lives(cache: Cache, locks: FaultyLocks) -> None:
    async with cache.lock("l", ttl=TTL) as lease:
        await asyncio.sleep(100)
        assert lease.is_held
        with pytest.raises(LockNotAcquired, match="somebody else"):
            await cache.lock("l", wait=timedelta(seconds=1)).__aenter__()
    async with cache.lock("l", wait=NONE):
        assert not lease.lost.is_set()


@timely
async def test_who_waits_is_woken(cache: Cache, locks: FaultyLocks) -> None:
    lock = cache.lock("l", ttl=TTL)
    await lock.__aenter__()
    waiting = asyncio.ensure_future(cache.lock("l").__aenter__())
    await asyncio.sleep(3.01)
    await lock.__aexit__(None, None, None)
    before = asyncio.get_running_loop().time()
    await waiting
    assert asyncio.get_running_loop().time() - before < 0.01


@timely
async def test_its_holder_learns_at_once_that_it_was_taken(
    cache: Cache, locks: FaultyLocks
) -> None:
    async with cache.lock("l", ttl=TTL) as lease:
        locks._held.clear()
        async with asyncio.timeout(3.1):
            await lease.lost.wait()
        with pytest.raises(LockNotAcquired, match="lost"):
            lease.require()


@timely
async def test_its_holder_learns_in_time_that_nobody_can_tell(
    cache: Cache, locks: FaultyLocks
) -> None:
    for fault in ("away", "hangs"):
        async with cache.lock(fault, ttl=TTL) as lease:
            setattr(locks, fault, True)
            began = asyncio.get_running_loop().time()
            await lease.lost.wait()
            assert asyncio.get_running_loop().time() - began <= TTL.total_seconds() + 0.001
            setattr(locks, fault, False)


@timely
async def test_a_holder_that_stood_still_knows_when_it_moves_again(
    cache: Cache, locks: FaultyLocks
) -> None:
    async with cache.lock("l", ttl=TTL) as lease:
        # The whole process stands: no timer has a chance to ring.
        asyncio.get_running_loop().at += 20  # type: ignore[attr-defined]
        assert not lease.is_held
        assert lease.lost.is_set()
        async with cache.lock("l", wait=NONE) as other:
            assert other.fencing > lease.fencing
            assert other.is_held
    # The first one, which ends last, does not take it from whoever has it now.


@timely
async def test_who_is_late_takes_nothing_from_the_next(cache: Cache, locks: FaultyLocks) -> None:
    late = cache.lock("l", ttl=TTL)
    await late.__aenter__()
    asyncio.get_running_loop().at += 20  # type: ignore[attr-defined]
    async with cache.lock("l", wait=NONE) as other:
        await late.__aexit__(None, None, None)
        assert other.is_held
        with pytest.raises(LockNotAcquired):
            await cache.lock("l", wait=NONE).__aenter__()


@timely
async def test_what_was_got_and_not_heard_of_is_let_go(cache: Cache, locks: FaultyLocks) -> None:
    locks.hangs = True
    asking = asyncio.ensure_future(cache.lock("l").__aenter__())
    await asyncio.sleep(0.1)
    assert locks._held
    locks.hangs = False
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0.1)
    assert not locks._held


@timely
async def test_a_keeper_that_is_away_is_told_from_a_lock_that_is_held(
    cache: Cache, locks: FaultyLocks
) -> None:
    locks.away = True
    with pytest.raises(CacheUnavailable):
        await cache.lock("l", wait=timedelta(seconds=2)).__aenter__()
    locks._held.clear()
    locks.away = False
    async with cache.lock("l", wait=NONE):
        pass


@timely
async def test_it_is_let_go_though_its_holder_is_cancelled(
    cache: Cache, locks: FaultyLocks
) -> None:
    async def work() -> None:
        async with cache.lock("l", ttl=TTL):
            await asyncio.Event().wait()

    working = asyncio.ensure_future(work())
    await asyncio.sleep(1)
    working.cancel()
    await asyncio.wait([working])
    await asyncio.sleep(0.1)
    assert not locks._held


@timely
async def test_bad_input_gets_the_remedy(cache: Cache, locks: FaultyLocks) -> None:
    with pytest.raises(CacheArgumentInvalid, match="30 ms"):
        cache.lock("l", ttl=timedelta(milliseconds=1))
    with pytest.raises(CacheArgumentInvalid, match="control"):
        cache.lock("a\n")
    with pytest.raises(CacheArgumentInvalid, match=r"timedelta\(seconds=5\)"):
        cache.lock("l", wait=5)  # type: ignore[arg-type]
    with pytest.raises(CacheArgumentInvalid, match=r"Cache\(locks="):
        Cache(MemoryLevel2()).lock("l")
