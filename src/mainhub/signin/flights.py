"""Work that many ask for at once and that is done once, to its end."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from mainhub.resilience import on_its_own

__all__ = ["Flights"]

_T = TypeVar("_T")


class Flights(Generic[_T]):
    """Owns one task for each thing that is being brought; whoever asks meanwhile waits for it.

    It runs to its end even when every caller has gone: a rotated token must be saved.
    """

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[_T]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    async def join(self, key: Hashable, bring: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Return what *bring* brings for *key*, or what somebody else's is bringing already."""
        return await asyncio.shield(self.start(key, bring))

    def start(
        self, key: Hashable, bring: Callable[[], Coroutine[Any, Any, _T]]
    ) -> asyncio.Task[_T]:
        """Begin to bring it, unless somebody has, and wait for nothing."""
        task = self._under_way.get(key)
        if task is None:
            task = on_its_own(bring())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        return task

    async def settle(self, within: float) -> None:
        """Give what is under way some seconds, then end it."""
        under_way = list(self._under_way.values())
        if not under_way:
            return
        _, late = await asyncio.wait(under_way, timeout=within)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=within)

    def _landed(self, key: Hashable, task: asyncio.Task[_T]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]
        if not task.cancelled():
            # Looked at, or asyncio would complain when every caller has gone.
            task.exception()
