"""The cache: two levels, regions, locks, and what an operator sees of it."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from heapq import nlargest
from types import TracebackType
from typing import Any, Final, Self

from typing_extensions import Unpack

from mainhub.cache.engine import Engine
from mainhub.cache.failures import CacheArgumentInvalid, CacheUnavailable
from mainhub.cache.figures import CacheFigures, HotKey, HotTag
from mainhub.cache.keys import EVERYTHING, Pattern, checked_name, seconds
from mainhub.cache.lock import Lock, LockKeeper
from mainhub.cache.memory import MemoryLocks
from mainhub.cache.options import Options, RegionDefaults, merged
from mainhub.cache.port import Level2, LinkState, Locks
from mainhub.cache.region import Region
from mainhub.clock import Clock
from mainhub.resilience import Pipeline, on_its_own

__all__ = ["Cache"]

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB
_TTL: Final = timedelta(seconds=300)


class Cache(Region):
    """Values in this process, and behind them a server that processes share, if there is one.

    ::

        async with Cache() as cache:
            orders = await cache.get_or_set("orders:42", fetch, ttl=timedelta(minutes=5))

    One with a *level2* must be entered; leaving it closes *level2* and *locks*.

    Args:
        level2: what processes share; ``None``: this process is alone.
        locks: who keeps the locks; needed for :meth:`lock` if there is a *level2*.
        ttl: for how long a value is fresh if nobody says.
        max_entries, max_bytes: bounds of level 1; bytes of values are those of their JSON.
        compress_above: values of more bytes are compressed in level 2.
        max_value_bytes: larger values are refused.
        way: the pipeline around level 2; its time-out bounds how long anybody waits for it.
        clock: the time.
        defaults: as for :class:`Region`.
    """

    def __init__(
        self,
        level2: Level2 | None = None,
        *,
        locks: Locks | None = None,
        ttl: timedelta = _TTL,
        max_entries: int = 10_000,
        max_bytes: int = 64 * _MIB,
        compress_above: int = 1024,
        max_value_bytes: int = 8 * _MIB,
        way: Pipeline | None = None,
        clock: Clock | None = None,
        **defaults: Unpack[RegionDefaults],
    ) -> None:
        bounds = {
            "max_entries": max_entries,
            "max_bytes": max_bytes,
            "max_value_bytes": max_value_bytes,
        }
        for what, number in bounds.items():
            _require_count(what, number, 1)
        _require_count("compress_above", compress_above, 0)
        engine = Engine(
            level2,
            max_entries=max_entries,
            max_bytes=max_bytes,
            compress_above=compress_above,
            max_value_bytes=max_value_bytes,
            way=way,
            clock=clock,
        )
        given = Options(ttl=seconds(ttl, "ttl"))
        super().__init__(engine, None, merged(given, {**defaults}))
        self._keeper: LockKeeper | None = None
        if locks is not None or level2 is None:
            self._keeper = LockKeeper(locks or MemoryLocks(clock=clock))
        self._unlisten: Any = None
        self._recovering: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        engine = self.engine
        if engine.level2 is not None and engine.recovery is not None:
            if engine.is_open:
                raise CacheArgumentInvalid("this cache is open already: enter it once")
            engine.is_open = True
            self._unlisten = engine.level2.listen(engine.hear)
            self._recovering = on_its_own(engine.recovery.run(), name="cache.recovery")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def region(
        self, name: str, *, ttl: timedelta | None = None, **defaults: Unpack[RegionDefaults]
    ) -> Region:
        """Return a part with its own defaults and ``clear()``; its keys begin with ``name:``."""
        checked_name(name, "name of a region")
        if ":" in name or EVERYTHING in name:
            raise CacheArgumentInvalid(f"a region's name has no ':' or '*': {name!r}")
        options = merged(self._options, {"ttl": ttl, **defaults})
        return Region(self.engine, name, options)

    def lock(
        self,
        name: str,
        *,
        ttl: timedelta = timedelta(seconds=10),
        wait: timedelta = timedelta(seconds=5),
    ) -> Lock:
        """Return a lock: ``async with cache.lock("report") as lease:``.

        It spares work done twice; what must be right checks ``lease.fencing`` where it writes.
        """
        if self._keeper is None:
            raise CacheArgumentInvalid("this cache has no keeper of locks: write Cache(locks=...)")
        return self._keeper.lock(name, ttl=ttl, wait=wait)

    @property
    def figures(self) -> CacheFigures:
        """What has happened."""
        return self.engine.figures

    @property
    def state(self) -> LinkState | None:
        """How level 2 is; ``None`` without one."""
        return None if self.engine.level2 is None else self.engine.level2.state

    @property
    def entries(self) -> int:
        """How many values level 1 has, those that are over included."""
        return len(self.engine.level1.entries)

    @property
    def bytes(self) -> int:
        """How many bytes those have."""
        return self.engine.level1.bytes

    @property
    def pending(self) -> int:
        """How much is left to tell to level 2."""
        return 0 if self.engine.recovery is None else len(self.engine.recovery)

    @property
    def way(self) -> Pipeline | None:
        """The pipeline around level 2."""
        return None if self.engine.reach is None else self.engine.reach.way

    def hot_keys(self, most: int = 20) -> list[HotKey]:
        """Return the keys of level 1 that are asked for most often."""
        now, entries = self.engine.now(), self.engine.level1.entries
        recent = self.engine.level1.recent(now)
        hottest = nlargest(most, recent, key=lambda key: entries[key].hits)
        return [
            HotKey(key, entry.hits, entry.size, entry.tags, entry.soft_until - now)
            for key, entry in ((key, entries[key]) for key in hottest)
        ]

    def hot_tags(self, most: int = 20) -> list[HotTag]:
        """Return the tags whose keys in level 1 are asked for most often."""
        hits: dict[str, int] = {}
        for key in self.engine.level1.recent(self.engine.now()):
            entry = self.engine.level1.entries[key]
            for tag in entry.tags:
                hits[tag] = hits.get(tag, 0) + entry.hits
        hottest = nlargest(most, hits.items(), key=lambda item: item[1])
        return [HotTag(tag, number) for tag, number in hottest]

    def concerned(self, *, pattern: Pattern | None = None, tag: str | None = None) -> int:
        """Return how many keys of level 1 match *pattern*, or have *tag*, or are there at all."""
        level1, now = self.engine.level1, self.engine.now()
        if pattern is not None:
            named = [key for key, _ in level1 if pattern.matches(key)]
        else:
            named = [key for key, entry in level1 if tag is None or tag in entry.tags]
        return sum(level1.look(key, now) is not None for key in named)

    def describe(self) -> dict[str, Any]:
        """Return how it is, for people, as JSON's kinds."""
        level1, state, way = self.engine.level1, self.state, self.way
        # Before it is counted.
        level1.recent(self.engine.now())
        breaker = None if way is None or way.breaker is None else way.breaker.state.value
        return {
            "level1": {
                "entries": len(level1.entries),
                "bytes": level1.bytes,
                "max_entries": level1.max_entries,
                "max_bytes": level1.max_bytes,
                "evictions": self.figures.evictions,
            },
            "level2": None
            if state is None
            else {
                "address": state.address,
                "linked": state.linked,
                "coherence": state.coherence.value,
                "cause": state.cause,
                "breaker": breaker,
                "pending": self.pending,
            },
            "totals": asdict(self.figures),
            "hit_ratio": self.figures.hit_ratio,
        }

    async def size(self) -> int | None:
        """Return about how many keys level 2 has; ``None`` if it does not answer or is none."""
        if self.engine.level2 is None or self.engine.reach is None:
            return None
        try:
            return await self.engine.reach.call(self.engine.level2.size)
        except CacheUnavailable:
            return None

    async def aclose(self) -> None:
        """End all that is under way, and close level 2 and the keeper of locks."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        self.engine.level1.relink(linked=self.engine.level2 is None)
        await self.engine.filler.aclose()
        # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
        while self._recovering is not None and not self._recovering.done():
            self._recovering.cancel()
            await asyncio.wait([self._recovering], timeout=_REMINDED)
        if self._keeper is not None:
            await self._keeper.aclose()
        if self.engine.level2 is not None:
            self.engine.is_open = False
            await self.engine.level2.aclose()


_REMINDED: Final = 0.2


def _require_count(what: str, number: object, least: int) -> None:
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise CacheArgumentInvalid(f"{what}={number!r}: write a whole number from {least} on")
