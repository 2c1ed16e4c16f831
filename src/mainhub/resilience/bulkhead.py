"""How many calls may be under way at once, and how many may wait: one slow service is not all."""

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from mainhub.resilience import bounds
from mainhub.resilience.failures import BulkheadFull
from mainhub.resilience.judging import require_async

__all__ = ["Bulkhead"]

P = ParamSpec("P")
T = TypeVar("T")


class Bulkhead:
    """Places for calls; by itself ``async with bulkhead:``, ``bulkhead.call(fn, ...)``, ``@``.

    Who waits is served in the order of coming. A breaker alone lets everybody through who comes
    before the first failure is known; only this bounds them.

    Args:
        limit: calls at once.
        queue: how many more may wait; the next one is refused at once.

    Attributes:
        taken: calls under way.
        waiting: those that wait, the longest first.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    def __init__(self, limit: int, *, queue: int = 0, name: str = "") -> None:
        self.limit = bounds.count(limit, "limit")
        self.queue = bounds.count(queue, "queue", least=0)
        self.name = name
        self.taken = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    def try_enter(self) -> bool:
        """Take a place if one is free and nobody waits for it."""
        if self.taken < self.limit and not self.waiting:
            self.taken += 1
            return True
        return False

    async def enter(self) -> None:
        """Take a place, waiting for it if need be.

        Raises:
            BulkheadFull: as many as allowed wait already.
        """
        if self.try_enter():
            return
        if len(self.waiting) >= self.queue:
            raise BulkheadFull(
                f"{self.taken} calls are under way and {len(self.waiting)} wait",
                name=self.name,
                retry_after=1.0,
                remedy="Try again in a moment.",
            )
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                # It was given the place in the same turn in which it was cancelled.
                self.leave()
            elif place in self.waiting:
                # Not there any more if another left in that turn and passed it over.
                self.waiting.remove(place)
            raise

    def leave(self) -> None:
        """Give a place back, to whoever has waited longest."""
        while self.waiting:
            place = self.waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.taken -= 1

    async def call(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *fn* returns.

        Raises:
            BulkheadFull: it was not called.
        """
        async with self:
            return await fn(*args, **kwargs)

    def __call__(self, fn: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate the asynchronous function *fn*."""
        require_async(fn)

        @functools.wraps(fn)
        async def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.call(fn, *args, **kwargs)

        return bounded

    async def __aenter__(self) -> Self:
        await self.enter()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
