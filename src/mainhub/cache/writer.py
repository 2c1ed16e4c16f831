"""Writing and taking back: at once in this process, and in level 2 as soon as it can be told."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from mainhub.cache.envelope import Envelope, open_envelope, packed, seal
from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.figures import CacheFigures
from mainhub.cache.fill import Filler
from mainhub.cache.filling import ALONE, Filling
from mainhub.cache.keys import Pattern
from mainhub.cache.level1 import Entry, Level1, Standing
from mainhub.cache.making import Made, make
from mainhub.cache.options import Options
from mainhub.cache.reader import Level2Reader

__all__ = ["Writer"]

_TRIES = 4
_AT_ONCE = 500
_PAGE = 200


class Writer:
    """Changes what is kept. What was changed here is never given by this process again."""

    def __init__(
        self,
        *,
        level1: Level1,
        filler: Filler,
        filling: Filling,
        reader: Level2Reader | None,
        figures: CacheFigures,
        now: Callable[[], float],
        wall: Callable[[], int],
        most: int,
        compress_above: int,
    ) -> None:
        self._level1 = level1
        self._filler = filler
        self._filling = filling
        self._reader = reader
        self._figures = figures
        self._now = now
        self._wall = wall
        self._most = most
        self._compress_above = compress_above

    async def set(self, values: Mapping[str, Any], options: Options) -> None:
        """Keep *values*."""
        made = {
            key: make(
                value,
                options,
                most=self._most,
                ttl=options.ttl,
                stale_ttl=options.stale_ttl,
                tags=options.tags,
            )
            for key, value in values.items()
        }
        self._drop(made)
        if self._reader is None:
            for key, one in made.items():
                self._store(key, one)
            return
        for page in _pages(made):
            await self._write(self._reader, {key: made[key] for key in page}, options)

    async def _write(self, reader: Level2Reader, made: dict[str, Made], options: Options) -> None:
        moment = reader.recovery.moment
        places = {key: self._level1.reserve(key) for key in made}
        try:
            known = await reader.known(options.tags)
            if len(known) < len(set(options.tags)):
                # They change faster than they can be read: nothing would hold.
                await self._delete_from(reader, made)
                return
            sealed = {key: self._filling.sealed(one, known) for key, one in made.items()}
            await reader.reach.call(reader.level2.write, sealed)
        except CacheUnavailable:
            self._figures.unavailable += 1
            reader.recovery.add(keys=made)
            for key, one in made.items():
                # Unless somebody has written or deleted it meanwhile.
                if not places[key].is_changed:
                    self._store(key, one)
        except asyncio.CancelledError:
            # Nobody knows whether it was written.
            reader.recovery.add(keys=made)
            raise
        else:
            reader.recovery.forget(made, moment=moment)
            self._drop(made)
        finally:
            for key, place in places.items():
                self._level1.leave(key, place)

    async def delete(self, keys: Iterable[str]) -> int:
        """Remove *keys*; return how many there were, as far as is known."""
        due = list(dict.fromkeys(keys))
        here = self._drop(due)
        if self._reader is None or not due:
            return here
        there, left = 0, due
        try:
            for page in _pages(due):
                try:
                    there += await self._delete_from(self._reader, page)
                except CacheUnavailable:
                    self._figures.unavailable += 1
                    self._reader.recovery.add(keys=page)
                left = left[len(page) :]
        except asyncio.CancelledError:
            # Whoever goes away has changed the source already, perhaps.
            self._reader.recovery.add(keys=left)
            raise
        self._drop(due)
        return max(here, there)

    async def expire(self, key: str, ttl: float) -> bool:
        """Let the value of *key* be fresh for *ttl* from now; return whether there was one."""
        if self._reader is None:
            return self._expire_here(key, ttl)
        self._drop([key])
        try:
            return await self._expire_there(self._reader, key, ttl)
        except CacheUnavailable:
            self._figures.unavailable += 1
            self._reader.recovery.add(keys=[key])
            return False
        except asyncio.CancelledError:
            self._reader.recovery.add(keys=[key])
            raise
        finally:
            self._drop([key])

    async def invalidate(self, pattern: Pattern) -> int:
        """Remove all that matches; return how many there were, as far as is known."""
        here = self._drop_where(pattern)
        if self._reader is None:
            return here
        there = 0
        try:
            async for found in self._reader.reach.pages(self._reader.level2.scan(pattern.text)):
                for first in range(0, len(found), _AT_ONCE):
                    page = found[first : first + _AT_ONCE]
                    there += await self._delete_from(self._reader, page)
                    self._drop(page)
        except CacheUnavailable:
            self._figures.unavailable += 1
            self._reader.recovery.add(pattern=pattern)
            return max(here, there)
        except asyncio.CancelledError:
            self._reader.recovery.add(pattern=pattern)
            raise
        self._drop_where(pattern)
        return there

    async def invalidate_tags(self, tags: tuple[str, ...]) -> None:
        """Remove all that has one of *tags*."""
        self._revoke(tags)
        if self._reader is None or not tags:
            return
        try:
            await self._reader.reach.call(self._reader.level2.renew_tokens, tags)
        except CacheUnavailable:
            self._figures.unavailable += 1
            self._reader.recovery.add(tags=tags)
        except asyncio.CancelledError:
            self._reader.recovery.add(tags=tags)
            raise
        else:
            self._revoke(tags)

    def _revoke(self, tags: tuple[str, ...]) -> None:
        changed = frozenset(tags)
        for tag in tags:
            self._level1.revoke(tag)
        self._filler.void_where(lambda flight: not changed.isdisjoint(flight.tags))

    def _drop(self, keys: Iterable[str]) -> int:
        dropped = 0
        now = self._now()
        for key in keys:
            self._filler.void(key)
            dropped += self._level1.look(key, now) is not None
            self._level1.drop(key)
        return dropped

    def _drop_where(self, pattern: Pattern) -> int:
        self._filler.void_where(lambda flight: pattern.matches(flight.key))
        return self._drop([key for key, _ in self._level1 if pattern.matches(key)])

    async def _delete_from(self, reader: Level2Reader, keys: Iterable[str]) -> int:
        moment = reader.recovery.moment
        due = list(keys)
        there = await reader.reach.call(reader.level2.delete, due)
        reader.recovery.forget(due, moment=moment)
        return there

    def _store(self, key: str, made: Made) -> None:
        now = self._now()
        states = [self._level1.tag(tag) for tag in made.tags]
        entry = Entry(
            made.value,
            size=len(made.body),
            born=now,
            soft_until=now + made.ttl,
            hard_until=now + made.ttl + made.stale_ttl,
            ties=tuple((state, state.changes) for state in states),
        )
        if self._reader is None:
            self._level1.store(key, entry)
        else:
            entry.end_early(now + ALONE)
            self._level1.store_alone(key, entry)

    def _expire_here(self, key: str, ttl: float) -> bool:
        now = self._now()
        self._filler.void(key)
        seen = self._level1.look(key, now)
        if seen is None or seen[1] is not Standing.FRESH:
            return False
        old = seen[0]
        entry = Entry(
            old.value,
            size=old.size,
            born=now,
            soft_until=now + ttl,
            hard_until=now + ttl + (old.hard_until - old.soft_until),
            ties=old.ties,
            etag=old.etag,
        )
        self._level1.store(key, entry)
        return True

    async def _expire_there(self, reader: Level2Reader, key: str, ttl: float) -> bool:
        for _ in range(_TRIES):
            await reader.recovery.settle([key])
            (raw,) = await reader.reach.call(reader.level2.read, [key])
            envelope = None if raw is None else open_envelope(raw, most=self._most)
            if raw is None or not isinstance(envelope, Envelope):
                return False
            found = await reader.read([key])
            entry = found.get(key)
            if entry is None or self._now() >= entry.soft_until:
                return False
            created = self._wall()
            soft = created + max(1, round(ttl * 1000))
            hard = soft + envelope.hard_end - envelope.soft_end
            renewed = Envelope(
                envelope.value,
                envelope.size,
                created,
                soft,
                hard,
                envelope.etag,
                envelope.tags,
            )
            body = packed(envelope.value)
            new = seal(renewed, body, compress_above=self._compress_above)
            lasts = timedelta(milliseconds=hard - created)
            if await reader.reach.call(reader.level2.swap, key, raw, new, lasts):
                return True
        return False


def _pages(keys: Iterable[str]) -> Iterator[list[str]]:
    """Yield *keys* some at a time: no more than one call to level 2 has the time for."""
    every = list(keys)
    for first in range(0, len(every), _PAGE):
        yield every[first : first + _PAGE]
