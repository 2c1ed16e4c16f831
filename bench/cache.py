"""The cache and sessions against libraries that do parts of it: ``make bench-cache``."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sys
import time
from typing import TYPE_CHECKING, Final

from redis.asyncio import Redis

from bench.contenders import caches
from bench.contenders.kept_sessions import opened_session
from bench.contenders.stampede import FACTORY, PROCESSES, Stampede
from bench.harness import (
    MICROSECONDS,
    Against,
    Comparison,
    Contender,
    RedisServer,
    Unit,
    carry_out,
    expect,
    fixed,
    repeated,
    shared_out,
)
from mainhub.cache import Cache
from mainhub.cache.redis import RedisLevel2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from bench.contenders.caches import Make

MILLISECONDS: Final = Unit("ms", lambda times, took: took / times * 1e3, less_is_better=True)
CALLS: Final = Unit("calls", lambda times, made: made / times, less_is_better=True)
COMMANDS: Final = Unit("commands", lambda times, made: made / times, less_is_better=True)
_MANY: Final = 50
_ENTRIES, _TAGGED = 1_000_000, 10_000
_POPULATE: Final = "for i = 1, ARGV[1] do redis.call('SET', 'other:' .. i, 'x') end"
_STAMPEDES: Final = 3


@contextlib.asynccontextmanager
async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
    """Make what is compared, with a Redis of its own."""
    with RedisServer() as server:
        async with contextlib.AsyncExitStack() as stack:
            client = await stack.enter_async_context(Redis.from_url(server.url))
            stampede = Stampede(server.url, client)
            await stampede.start()
            stack.push_async_callback(stampede.stop)
            many = functools.partial(shared_out, callers=_MANY)
            yield [
                await _in_memory(),
                *_decorated(),
                await _on_redis(stack, (server.url, client), "1 at once", repeated, "ratio >= 0.9"),
                await _on_redis(stack, (server.url, client), "50 at once", many, "ratio >= 4"),
                await _on_redis(
                    stack, (server.url, client), "50 at once, 50 keys", many, keys=_MANY
                ),
                *_stampede(stampede),
                *await _tags(stack, client),
                await _session(),
            ]


async def _in_memory() -> Comparison:
    ours, (cashews, *others) = await caches.in_memory(repeated)
    goals = (Against(cashews, ("ratio >= 5",)), *map(Against, others))
    return Comparison("hit in level 1", MICROSECONDS, ours, goals)


def _decorated() -> list[Comparison]:
    ours, cashews, lru = caches.decorated(repeated)
    goals = (Against(cashews, ("ratio >= 15",)), Against(lru, ("ratio >= 1",)))
    return [Comparison("hit of a decorator", MICROSECONDS, ours, goals)]


async def _on_redis(
    stack: contextlib.AsyncExitStack,
    place: tuple[str, Redis],
    what: str,
    make: Make,
    *goals: str,
    keys: int = 1,
) -> Comparison:
    url, client = place
    level2 = RedisLevel2(client, namespace=f"bench {what}")
    cache, ours, others = await caches.on_redis(level2, url, make, keys=keys)
    stack.push_async_callback(cache.aclose)
    raw = await caches.raw_get(client, make)
    return Comparison(
        f"hit in level 2, decoded, {what}",
        MICROSECONDS,
        ours,
        (Against(raw, goals), *map(Against, others)),
    )


def _stampede(stampede: Stampede) -> list[Comparison]:
    async def prove() -> None:
        _, calls, _ = await stampede.run()
        expect(calls == 1, "MainHub", "one process makes the value, all have it")

    def counted(place: int) -> Contender:
        async def work(times: int) -> float:
            return float(sum([(await stampede.run())[place] for _ in range(times)]))

        return Contender("MainHub", work, prove)

    def least(name: str, figure: float) -> Contender:
        async def work(times: int) -> float:
            return figure * times

        async def proven() -> None:
            """Nothing: it is what cannot be done without."""

        return Contender(name, work, proven)

    most = (FACTORY + 0.04) * 1e3
    return [
        Comparison(
            f"stampede of {PROCESSES} x 250 callers: {what}",
            unit,
            counted(place),
            (Against(least(name, figure), (goal,)),),
            times=_STAMPEDES,
        )
        for place, what, unit, name, figure, goal in (
            (0, "time", MILLISECONDS, "the factory alone", FACTORY, f"value <= {most:g}"),
            (1, "factory calls", CALLS, "one", 1, "value <= 1"),
            (2, "commands", COMMANDS, "one each", PROCESSES, "value <= 50"),
        )
    ]


class _Tags:
    """Ten thousand entries with one tag among a million others."""

    def __init__(self, cache: Cache, client: Redis, other: Redis) -> None:
        self._cache = cache
        self._client = client
        self._other = other

    async def prove(self) -> None:
        """Fill it, and see that a tag takes its entries away."""
        size = int(await self._client.dbsize())
        if size < _ENTRIES:
            await self._client.eval(_POPULATE, 0, str(_ENTRIES - size))
        for first in range(0, _TAGGED, 500):
            values = {f"k:{first + number}": number for number in range(500)}
            await self._cache.set_many(values, tags=["t"])
        expect(await self._cache.get("k:501") == 1, "MainHub", "it has the values")
        await self._cache.invalidate_tags("t")
        expect(not await self._cache.get_many(["k:1", "k:9999"]), "MainHub", "they are gone")

    async def renew(self) -> None:
        """Ours."""
        await self._cache.invalidate_tags("t")

    async def scan(self) -> None:
        """What finds keys by a pattern has to go through all of them."""
        async for _ in self._client.scan_iter(match="nobody:*", count=1000):
            pass

    async def worst_ping(self, while_doing: Callable[[], Awaitable[None]]) -> float:
        """Return the longest of another client's round trips meanwhile, in seconds."""
        worst, over = 0.0, asyncio.Event()

        async def ping() -> None:
            nonlocal worst
            while not over.is_set():
                began = time.perf_counter()
                await self._other.ping()
                worst = max(worst, time.perf_counter() - began)

        pinging = asyncio.create_task(ping())
        await asyncio.sleep(0.005)
        await while_doing()
        over.set()
        await pinging
        return worst

    def pinged(self, doing: Callable[[], Awaitable[None]]) -> Callable[[int], Awaitable[float]]:
        """Return that as work."""

        async def work(times: int) -> float:
            return sum([await self.worst_ping(doing) for _ in range(times)])

        return work


async def _tags(stack: contextlib.AsyncExitStack, client: Redis) -> list[Comparison]:
    """Invalidate 10,000 of a million entries at once."""
    cache = await stack.enter_async_context(Cache(RedisLevel2(client, namespace="tags")))
    other = await stack.enter_async_context(Redis(connection_pool=client.connection_pool))
    tags = _Tags(cache, client, other)
    name, peer = "10,000 of a million invalidated by a tag", "redis-py SCAN"
    ours = Contender("MainHub", repeated(tags.renew), tags.prove)
    theirs = Contender(peer, repeated(tags.scan), tags.prove)
    ours_pinged = Contender("MainHub", tags.pinged(tags.renew), tags.prove)
    theirs_pinged = Contender(peer, tags.pinged(tags.scan), tags.prove)
    return [
        Comparison(name, MILLISECONDS, ours, (Against(theirs, ("value <= 2",)),), times=2),
        Comparison(
            f"{name}: another client's worst PING",
            MILLISECONDS,
            ours_pinged,
            (Against(theirs_pinged, ("value <= 5",)),),
            times=2,
        ),
    ]


async def _session() -> Comparison:
    store, session_id = await opened_session()

    async def prove() -> None:
        found = await store.load(session_id)
        expect(found is not None and found.tokens.refresh, "MainHub", "it opens")

    async def proven() -> None:
        expect(await fixed() == 1, "await f()", "it answers")

    return Comparison(
        "session read: opened and parsed",
        MICROSECONDS,
        Contender("MainHub", repeated(functools.partial(store.load, session_id)), prove),
        (Against(Contender("await f()", repeated(fixed), proven), ("value <= 50",)),),
    )


if __name__ == "__main__":
    sys.exit(carry_out("cache", comparisons, sys.argv[1:]))
