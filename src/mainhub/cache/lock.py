"""A lock that spares work done twice.

It makes nothing correct: a holder that stands still for longer than its time holds it no longer and
does not know. What must be correct checks the fencing number where it writes.
"""

import asyncio
import random
import secrets
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Any, Final

from mainhub.cache.failures import CacheArgumentInvalid, CacheUnavailable, LockNotAcquired
from mainhub.cache.keys import checked_name, seconds
from mainhub.cache.port import Locks
from mainhub.errors import Unavailable
from mainhub.resilience import on_its_own
from mainhub.telemetry import get_logger

__all__ = ["Lease", "Lock", "LockKeeper"]

log = get_logger("cache")

_SHORTEST: Final = 0.03
_POLL: Final = 0.05
_POLL_MOST: Final = 0.5
_ASKED: Final = 1.0


class Lease:
    """A lock while one has it.

    Attributes:
        name: whose it is.
        fencing: higher than that of every holder before; what is written with a lower one is old.
        lost: set as soon as the lock may be somebody else's.
    """

    def __init__(self, name: str, fencing: int, until: float) -> None:
        self.name = name
        self.fencing = fencing
        self.lost = asyncio.Event()
        self._until = until
        self._loop = asyncio.get_running_loop()

    @property
    def is_held(self) -> bool:
        """Whether the lock is ours, by this machine's clock at this moment."""
        if not self.lost.is_set() and self._loop.time() >= self._until:
            self.lost.set()
        return not self.lost.is_set()

    def require(self) -> None:
        """Go on only if the lock is ours.

        Raises:
            LockNotAcquired: it is not, any longer.
        """
        if not self.is_held:
            raise LockNotAcquired(f"the lock {self.name!r} has been lost")


class LockKeeper:
    """Gives out locks, and owns what goes on for them."""

    def __init__(self, locks: Locks) -> None:
        self.locks = locks
        self._tasks: set[asyncio.Task[Any]] = set()

    def lock(self, name: str, *, ttl: timedelta, wait: timedelta) -> "Lock":
        """Return a lock, which is asked for when it is entered."""
        return Lock(self, name, ttl=ttl, wait=wait)

    def start(self, work: Any, name: str) -> "asyncio.Task[Any]":
        """Run *work* until it ends or the keeper is closed."""
        task = on_its_own(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def aclose(self) -> None:
        """End what goes on; locks that are held end by their time."""
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=1)
        await self.locks.aclose()


class Lock:
    """``async with cache.lock("report") as lease:`` - one holder at a time, as far as clocks go.

    Args:
        name: what it is for; 1 to 512 bytes of text without control characters.
        ttl: for how long it is held if its holder dies; renewed each third of that.
        wait: how long to wait for it; zero tries once.

    Raises:
        LockNotAcquired: somebody else had it for all of *wait*.
        CacheUnavailable: whoever keeps the locks did not answer for all of *wait*.
    """

    def __init__(self, keeper: LockKeeper, name: str, *, ttl: timedelta, wait: timedelta) -> None:
        self._keeper = keeper
        self._locks = keeper.locks
        self._name = checked_name(name, "name of a lock")
        self._ttl = ttl
        self._seconds = seconds(ttl, "ttl")
        if self._seconds < _SHORTEST:
            raise CacheArgumentInvalid(f"ttl is {self._seconds:g} s: write 30 ms or more")
        self._wait = seconds(wait, "wait", zero=True)
        self._owner = b""
        self._lease: Lease | None = None
        self._renewing: asyncio.Task[Any] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Lease:
        if self._lease is not None:
            raise CacheArgumentInvalid("this lock is entered already: write cache.lock(...) anew")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._wait
        async with AsyncExitStack() as stack:
            event = await self._listened(stack)
            poll = _POLL
            while True:
                event.clear()
                unavailable: CacheUnavailable | None = None
                try:
                    lease = await self._try()
                except CacheUnavailable as error:
                    lease, unavailable = None, error
                if lease is not None:
                    self._hold(lease)
                    return lease
                left = deadline - loop.time()
                if left <= 0:
                    if unavailable is not None:
                        raise unavailable
                    raise LockNotAcquired(
                        f"somebody else held the lock {self._name!r} for all of {self._wait:g} s"
                    )
                pause = min(left, poll * (0.5 + random.random() / 2))  # noqa: S311
                await _set_within(event, pause)
                poll = min(poll * 2, _POLL_MOST)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._renewing is not None:
            self._renewing.cancel()
        self._lease = None
        # It is let go even if the holder is cancelled meanwhile.
        await asyncio.shield(self._keeper.start(self._release(self._owner), "lock.release"))

    async def _listened(self, stack: AsyncExitStack) -> asyncio.Event:
        try:
            async with asyncio.timeout(self._patience):
                return await stack.enter_async_context(self._locks.waking(self._name))
        except (Unavailable, OSError):
            # It is looked at now and then in any case.
            return asyncio.Event()

    @property
    def _patience(self) -> float:
        """How long an answer may take: there must be time to ask again within a lease."""
        return min(_ASKED, self._seconds / 3)

    async def _try(self) -> Lease | None:
        """Ask once; what was asked for and not heard is let go again."""
        owner = secrets.token_bytes(16)
        # Counted from before it was asked for: the keeper's time began later.
        until = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout(self._patience):
                fencing = await self._locks.acquire(self._name, owner, self._ttl)
        except BaseException as error:  # edge: whatever it is, it may have been granted
            self._keeper.start(self._release(owner), "lock.release")
            if isinstance(error, CacheUnavailable) or not isinstance(error, Unavailable | OSError):
                raise
            raise CacheUnavailable("the keeper of locks does not answer") from error
        if fencing is None:
            return None
        lease = Lease(self._name, fencing, until)
        if not lease.is_held:
            self._keeper.start(self._release(owner), "lock.release")
            return None
        self._owner = owner
        return lease

    def _hold(self, lease: Lease) -> None:
        self._lease = lease
        self._set_alarm(lease)
        self._renewing = self._keeper.start(self._renew(lease, self._owner), "lock.renew")

    def _set_alarm(self, lease: Lease) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_at(lease._until, _lose, lease)  # noqa: SLF001 - its other half

    async def _renew(self, lease: Lease, owner: bytes) -> None:
        loop = asyncio.get_running_loop()
        pause = self._seconds / 3
        while True:
            await asyncio.sleep(pause)
            if not lease.is_held:
                return
            until = loop.time() + self._seconds
            try:
                async with asyncio.timeout(self._patience):
                    renewed = await self._locks.renew(self._name, owner, self._ttl)
            except (Unavailable, OSError):
                # The alarm rings when it is too late.
                pause = self._seconds / 10
                continue
            if not renewed:
                _lose(lease)
                return
            pause = self._seconds / 3
            if lease.is_held:
                lease._until = until  # noqa: SLF001 - its other half
                self._set_alarm(lease)

    async def _release(self, owner: bytes) -> None:
        try:
            async with asyncio.timeout(_ASKED):
                await self._locks.release(self._name, owner)
        except (Unavailable, OSError) as error:
            log.info("lock.not_released", lock=self._name, caused_by=repr(error))


def _lose(lease: Lease) -> None:
    if not lease.lost.is_set():
        log.warning("lock.lost", lock=lease.name)
        lease.lost.set()


async def _set_within(event: asyncio.Event, timeout: float) -> None:  # noqa: ASYNC109 - a pause
    try:
        async with asyncio.timeout(timeout):
            await event.wait()
    except TimeoutError:
        return
