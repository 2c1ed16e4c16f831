"""A second level in this process: for tests, and for several caches that act as several nodes."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from typing_extensions import override

from mainhub.cache.keys import Pattern
from mainhub.cache.port import Claim, Coherence, Level2, LinkState, Listener, Locks
from mainhub.clock import Clock

__all__ = ["MemoryLevel2", "MemoryLocks"]

_PAGE: Final = 500
_TOKEN: Final = 16
_SWEPT: Final = 1000


@dataclass(slots=True)
class _Held:
    """Somebody's, until it is over."""

    owner: bytes
    until: float


class _Wakers:
    """Events that are set by name."""

    def __init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = {}

    @asynccontextmanager
    async def waking(self, name: str) -> AsyncIterator[asyncio.Event]:
        event = asyncio.Event()
        self._events.setdefault(name, set()).add(event)
        try:
            yield event
        finally:
            waiting = self._events[name]
            waiting.discard(event)
            if not waiting:
                del self._events[name]

    def wake(self, name: str) -> None:
        for event in self._events.get(name, ()):
            event.set()

    def __len__(self) -> int:
        return len(self._events)


class MemoryLevel2(Level2):
    """Bytes in a dictionary. Several caches may share one; each hears what the others change.

    Args:
        clock: the time; only its monotonic side is used.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._now = time.monotonic if clock is None else clock.monotonic
        self._values: dict[str, tuple[bytes, float]] = {}
        self._claims: dict[str, _Held] = {}
        self._tokens: dict[str, bytes] = {}
        self._epoch = secrets.token_bytes(_TOKEN)
        self._listeners: list[Listener] = []
        self._wakers = _Wakers()
        self._writes = 0

    @override
    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        return [self._read(key) for key in keys]

    @override
    async def write(self, values: Mapping[str, tuple[bytes, timedelta]]) -> None:
        for key, (value, ttl) in values.items():
            self._void(key)
            self._put(key, value, ttl)

    @override
    async def delete(self, keys: Sequence[str]) -> int:
        return sum(self._delete(key) for key in keys)

    @override
    async def swap(self, key: str, old: bytes, new: bytes, ttl: timedelta) -> bool:
        if self._read(key) != old:
            return False
        self._put(key, new, ttl)
        return True

    @override
    async def tokens(self, tags: Sequence[str]) -> list[bytes]:
        return [
            self._tokens.setdefault(tag, secrets.token_bytes(_TOKEN))
            if tag not in self._tokens
            else self._tokens[tag]
            for tag in tags
        ]

    @override
    async def renew_tokens(self, tags: Sequence[str]) -> None:
        self._epoch = secrets.token_bytes(_TOKEN)
        for tag in tags:
            self._tokens[tag] = secrets.token_bytes(_TOKEN)
        for tag in tags:
            for listener in tuple(self._listeners):
                listener.tag_changed(tag)

    @override
    async def epoch(self) -> bytes:
        return self._epoch

    @override
    async def claim(self, key: str, owner: bytes, ttl: timedelta) -> Claim:
        ours = _take(self._claims, key, owner, ttl, self._now())
        return Claim(ours, self._read(key))

    @override
    async def keep(self, key: str, owner: bytes, ttl: timedelta) -> bool:
        return _renew(self._claims, key, owner, ttl, self._now())

    @override
    async def fill(self, key: str, owner: bytes, value: bytes, ttl: timedelta) -> bool:
        ours = _release(self._claims, key, owner, self._now())
        if ours:
            self._put(key, value, ttl)
            self._wakers.wake(key)
        return ours

    @override
    async def give_up(self, key: str, owner: bytes) -> None:
        if _release(self._claims, key, owner, self._now()):
            self._wakers.wake(key)

    @override
    @asynccontextmanager
    async def waking(self, key: str) -> AsyncIterator[asyncio.Event]:
        async with self._wakers.waking(key) as event:
            yield event

    @override
    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        meant = Pattern(pattern)
        known = dict.fromkeys((*self._values, *self._claims))
        found = [key for key in known if meant.matches(key)]
        for first in range(0, len(found), _PAGE):
            yield found[first : first + _PAGE]
            await asyncio.sleep(0)

    @override
    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        listener.linked()

        def unlisten() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unlisten

    @property
    @override
    def state(self) -> LinkState:
        return LinkState(linked=True, coherence=Coherence.LOCAL, address="memory")

    @override
    async def size(self) -> int:
        self._sweep()
        return len(self._values)

    @override
    async def aclose(self) -> None:
        """Keep what there is: others may share it."""

    def _read(self, key: str) -> bytes | None:
        found = self._values.get(key)
        if found is None:
            return None
        if self._now() >= found[1]:
            del self._values[key]
            self._tell(key)
            return None
        return found[0]

    def _put(self, key: str, value: bytes, ttl: timedelta) -> None:
        self._values[key] = (value, self._now() + ttl.total_seconds())
        self._writes += 1
        if self._writes % _SWEPT == 0:
            self._sweep()
        self._tell(key)

    def _delete(self, key: str) -> bool:
        self._void(key)
        found = self._values.pop(key, None)
        self._tell(key)
        return found is not None and self._now() < found[1]

    def _void(self, key: str) -> None:
        if self._claims.pop(key, None) is not None:
            self._wakers.wake(key)

    def _tell(self, key: str) -> None:
        for listener in tuple(self._listeners):
            listener.changed(key)

    def _sweep(self) -> None:
        now = self._now()
        for key in [key for key, (_, until) in self._values.items() if now >= until]:
            del self._values[key]
            self._tell(key)
        for key in [key for key, held in self._claims.items() if now >= held.until]:
            del self._claims[key]


class MemoryLocks(Locks):
    """Locks of this process; several caches may share one.

    Args:
        clock: the time; only its monotonic side is used.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._now = time.monotonic if clock is None else clock.monotonic
        self._held: dict[str, _Held] = {}
        self._fencing = _rising()
        self._wakers = _Wakers()

    @override
    async def acquire(self, name: str, owner: bytes, ttl: timedelta) -> int | None:
        now = self._now()
        held = self._held.get(name)
        if held is not None and now < held.until:
            return None
        self._held[name] = _Held(owner, now + ttl.total_seconds())
        return next(self._fencing)

    @override
    async def renew(self, name: str, owner: bytes, ttl: timedelta) -> bool:
        return _renew(self._held, name, owner, ttl, self._now())

    @override
    async def release(self, name: str, owner: bytes) -> bool:
        released = _release(self._held, name, owner, self._now())
        if released:
            self._wakers.wake(name)
        return released

    @override
    @asynccontextmanager
    async def waking(self, name: str) -> AsyncIterator[asyncio.Event]:
        async with self._wakers.waking(name) as event:
            yield event

    @override
    async def aclose(self) -> None:
        """Keep what there is: others may share it."""


def _rising() -> Iterator[int]:
    """Yield numbers that rise, from one process to the next too, as far as its clock does."""
    last = 0
    while True:
        last = max(last + 1, time.time_ns() // 1000)
        yield last


def _take(held: dict[str, _Held], name: str, owner: bytes, ttl: timedelta, now: float) -> bool:
    known = held.get(name)
    if known is not None and now < known.until and known.owner != owner:
        return False
    held[name] = _Held(owner, now + ttl.total_seconds())
    return True


def _renew(held: dict[str, _Held], name: str, owner: bytes, ttl: timedelta, now: float) -> bool:
    known = held.get(name)
    if known is None or known.owner != owner or now >= known.until:
        return False
    known.until = now + ttl.total_seconds()
    return True


def _release(held: dict[str, _Held], name: str, owner: bytes, now: float) -> bool:
    known = held.get(name)
    if known is None or known.owner != owner:
        return False
    del held[name]
    return now < known.until
