"""What level 2 could not be told yet; told before it is believed again."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.figures import CacheFigures
from mainhub.cache.keys import EVERYTHING, Pattern
from mainhub.cache.port import Level2
from mainhub.cache.reach import Reach

__all__ = ["Recovery"]

_MOST: Final = 10_000
_AT_ONCE: Final = 200
_SOONEST: Final = 0.2
_LATEST: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Meant:
    """A pattern that is outstanding, and keys that it means no longer."""

    pattern: Pattern
    serial: int
    spared: set[str]

    def spare(self, key: str, most: int) -> None:
        if len(self.spared) < most and self.pattern.matches(key):
            self.spared.add(key)


class Recovery:
    """A bounded queue: the keys to delete, tags to renew and patterns that are outstanding.

    A write that failed is outstanding as a delete, since another process may have written
    something newer meanwhile. A queue that is too long becomes one ``clear()``.
    """

    def __init__(
        self, level2: Level2, reach: Reach, figures: CacheFigures, *, most: int = _MOST
    ) -> None:
        self._level2 = level2
        self._reach = reach
        self._figures = figures
        self._most = most
        self._serial = 0
        self._keys: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        self._patterns: dict[str, _Meant] = {}
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._keys) + len(self._tags) + len(self._patterns)

    def add(
        self, *, keys: Iterable[str] = (), tags: Iterable[str] = (), pattern: Pattern | None = None
    ) -> None:
        """Remember that these are to be deleted, renewed or removed."""
        self._serial += 1
        for key in keys:
            self._keys[key] = self._serial
        for tag in tags:
            self._tags[tag] = self._serial
        if pattern is not None:
            self._patterns[pattern.text] = _Meant(pattern, self._serial, set())
        if len(self) > self._most:
            self._keys.clear()
            self._patterns.clear()
            self._tags = {EVERYTHING: self._serial}
            self._figures.overflows += 1
        self._wake.set()

    @property
    def moment(self) -> int:
        """What :meth:`forget` is told by who begins to write now."""
        return self._serial

    def forget(self, keys: Iterable[str], *, moment: int) -> None:
        """Take back what was outstanding about *keys* at *moment*: they were written since."""
        for key in keys:
            if self._keys.get(key, moment + 1) <= moment:
                del self._keys[key]
            for meant in self._patterns.values():
                if meant.serial <= moment:
                    meant.spare(key, self._most)

    def nudge(self) -> None:
        """Try soon, since level 2 has answered."""
        if self and not self._wake.is_set():
            self._wake.set()

    async def settle(self, keys: Iterable[str], tags: Iterable[str] = ()) -> None:
        """Tell level 2 what is outstanding about *keys* and *tags*, so that it can be believed.

        Raises:
            CacheUnavailable: it does not answer.
        """
        if not self:
            return
        due = [key for key in keys if key in self._keys or self._is_meant(key)]
        if due:
            await self._delete(due)
        outstanding = [tag for tag in (EVERYTHING, *tags) if tag in self._tags]
        if outstanding:
            await self._renew(outstanding)

    async def drain(self) -> None:
        """Tell level 2 all that is outstanding.

        Raises:
            CacheUnavailable: it does not answer.
        """
        while self._tags:
            await self._renew(list(self._tags)[:_AT_ONCE])
        while self._keys:
            await self._delete(list(self._keys)[:_AT_ONCE])
        for text, meant in list(self._patterns.items()):
            await self._remove(meant)
            if self._patterns.get(text) is meant:
                del self._patterns[text]

    async def run(self) -> None:
        """Drain whenever there is something, for ever."""
        wait = _SOONEST
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.drain()
            except CacheUnavailable:
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LATEST) if self._reach.is_well else _SOONEST
                self._wake.set()
            else:
                wait = _SOONEST

    def _is_meant(self, key: str) -> bool:
        return any(
            key not in meant.spared and meant.pattern.matches(key)
            for meant in self._patterns.values()
        )

    async def _delete(self, keys: list[str]) -> None:
        serials = {key: self._keys.get(key) for key in keys}
        moment = self._serial
        await self._reach.call(self._level2.delete, keys)
        for key, serial in serials.items():
            if self._keys.get(key) == serial:
                self._keys.pop(key, None)
        for meant in self._patterns.values():
            if meant.serial <= moment:
                for key in keys:
                    meant.spare(key, self._most)

    async def _renew(self, tags: list[str]) -> None:
        serials = {tag: self._tags.get(tag) for tag in tags}
        await self._reach.call(self._level2.renew_tokens, tags)
        for tag, serial in serials.items():
            if self._tags.get(tag) == serial:
                self._tags.pop(tag, None)

    async def _remove(self, meant: _Meant) -> None:
        scan = self._level2.scan(meant.pattern.text)
        async for found in self._reach.pages(scan):
            due = [key for key in found if key not in meant.spared]
            if due:
                await self._reach.call(self._level2.delete, due)
