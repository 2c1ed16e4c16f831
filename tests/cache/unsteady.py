"""One node's way to a level 2 that several share: it can be away, and the link can be cut."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from mainhub.cache import (
    Cache,
    CacheUnavailable,
    Claim,
    Coherence,
    Level2,
    LinkState,
    Listener,
    MemoryLevel2,
)
from mainhub.resilience import Pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    from resilience.moved_clock import MovedClock


class UnsteadyLevel2(Level2):
    """Passes everything on to *shared* while it is up, and what it hears while it is linked.

    Attributes:
        up: whether it answers.
        held: what stops each question until it is set.
        late: what stops each answer until it is set.
        calls: the names of the methods that were called.
    """

    def __init__(self, shared: MemoryLevel2) -> None:
        self.shared = shared
        self.up = True
        self.held: asyncio.Event | None = None
        self.late: asyncio.Event | None = None
        self.calls: list[str] = []
        self._linked = True
        self._listeners: list[Listener] = []
        self._unlisten: list[Callable[[], None]] = []

    @property
    def is_linked(self) -> bool:
        return self._linked

    def link(self, *, linked: bool) -> None:
        """Cut the link, or mend it."""
        if linked == self._linked:
            return
        self._linked = linked
        for listener in self._listeners:
            if linked:
                listener.linked()
            else:
                listener.unlinked()

    async def _ask(self, ask: Callable[..., Awaitable[Any]], *words: Any) -> Any:
        self.calls.append(ask.__name__)
        if self.held is not None:
            await self.held.wait()
        if not self.up:
            raise CacheUnavailable("away")
        answer = await ask(*words)
        if self.late is not None:
            await self.late.wait()
        return answer

    @override
    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        found: list[bytes | None] = await self._ask(self.shared.read, keys)
        return found

    @override
    async def write(self, values: Mapping[str, tuple[bytes, timedelta]]) -> None:
        await self._ask(self.shared.write, values)

    @override
    async def delete(self, keys: Sequence[str]) -> int:
        return int(await self._ask(self.shared.delete, keys))

    @override
    async def swap(self, key: str, old: bytes, new: bytes, ttl: timedelta) -> bool:
        return bool(await self._ask(self.shared.swap, key, old, new, ttl))

    @override
    async def tokens(self, tags: Sequence[str]) -> list[bytes]:
        found: list[bytes] = await self._ask(self.shared.tokens, tags)
        return found

    @override
    async def renew_tokens(self, tags: Sequence[str]) -> None:
        await self._ask(self.shared.renew_tokens, tags)

    @override
    async def epoch(self) -> bytes:
        return bytes(await self._ask(self.shared.epoch))

    @override
    async def claim(self, key: str, owner: bytes, ttl: timedelta) -> Claim:
        told: Claim = await self._ask(self.shared.claim, key, owner, ttl)
        return told

    @override
    async def keep(self, key: str, owner: bytes, ttl: timedelta) -> bool:
        return bool(await self._ask(self.shared.keep, key, owner, ttl))

    @override
    async def fill(self, key: str, owner: bytes, value: bytes, ttl: timedelta) -> bool:
        kept: bool = await self._ask(self.shared.fill, key, owner, value, ttl)
        return kept

    @override
    async def give_up(self, key: str, owner: bytes) -> None:
        await self._ask(self.shared.give_up, key, owner)

    @override
    def waking(self, key: str) -> AbstractAsyncContextManager[asyncio.Event]:
        return self.shared.waking(key)

    @override
    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        async for found in self.shared.scan(pattern):
            if not self.up:
                raise CacheUnavailable("away")
            yield found

    @override
    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        unlisten = self.shared.listen(_Overhearing(self, listener))
        if not self._linked:
            listener.unlinked()

        def end() -> None:
            self._listeners.remove(listener)
            unlisten()

        return end

    @property
    @override
    def state(self) -> LinkState:
        return LinkState(linked=self._linked, coherence=Coherence.TRACKING, address="unsteady")

    @override
    async def size(self) -> int:
        return int(await self._ask(self.shared.size))

    @override
    async def aclose(self) -> None:
        return


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0)


@asynccontextmanager
async def nodes(
    count: int = 2, *, clock: MovedClock | None = None, **options: Any
) -> AsyncIterator[tuple[list[Cache], list[UnsteadyLevel2]]]:
    """Give caches that share a level 2, and each one's way to it."""
    shared = MemoryLevel2(clock=clock)
    ways = [UnsteadyLevel2(shared) for _ in range(count)]
    async with AsyncExitStack() as stack:
        caches = [
            await stack.enter_async_context(Cache(way, clock=clock, way=Pipeline("x"), **options))
            for way in ways
        ]
        yield caches, ways


class _Overhearing(Listener):
    def __init__(self, node: UnsteadyLevel2, listener: Listener) -> None:
        self._node = node
        self._listener = listener

    @override
    def changed(self, key: str) -> None:
        if self._node.is_linked:
            self._listener.changed(key)

    @override
    def tag_changed(self, tag: str) -> None:
        if self._node.is_linked:
            self._listener.tag_changed(tag)

    @override
    def linked(self) -> None:
        self._listener.linked()

    @override
    def unlinked(self) -> None:
        self._listener.unlinked()
