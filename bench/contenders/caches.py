"""Caches in memory and on Redis, ours and others', with one small value that is asked for often."""

from __future__ import annotations

import functools
import itertools
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import aiocache
import aiocache.serializers
import orjson
from async_lru import alru_cache
from cachetools import TTLCache
from cashews import Cache as Cashews
from dogpile.cache import make_region

from bench.contenders.stacks import packages
from bench.harness import Contender, Work, expect
from mainhub.cache import Cache

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from mainhub.cache import Level2

__all__ = ["VALUE", "Make", "decorated", "in_memory", "on_redis", "raw_get"]

Make = Callable[[Callable[[], Awaitable[Any]]], Work]

KEY: Final = "user:42"
VALUE: Final = {
    "id": 42,
    "name": "Linus Pauling",
    "roles": ["Employee", "Editor"],
    "text": "x" * 330,
    "open": True,
}
_TTL: Final = 600
_NEVER: Final = timedelta(microseconds=1)


def _contender(name: str, get: Callable[[], Awaitable[Any]], make: Make) -> Contender:
    async def prove() -> None:
        expect(await get() == VALUE, name, "it gives what was kept")

    return Contender(name, make(get), prove)


async def in_memory(make: Make) -> tuple[Contender, tuple[Contender, ...]]:
    """Return ours, and others: cashews first."""
    ours = Cache()
    await ours.set(KEY, VALUE, ttl=timedelta(seconds=_TTL), tags=["user", "people"])
    cashews = Cashews()
    cashews.setup("mem://")
    await cashews.set(KEY, VALUE, expire=_TTL)
    aio = aiocache.SimpleMemoryCache()
    await aio.set(KEY, VALUE, ttl=_TTL)
    tools: TTLCache[str, Any] = TTLCache(10_000, _TTL)
    tools[KEY] = VALUE
    region = make_region().configure("dogpile.cache.memory", expiration_time=_TTL)
    region.set(KEY, VALUE)

    async def from_tools() -> Any:  # noqa: ANN401 - whatever was kept
        return tools[KEY]

    async def from_region() -> Any:  # noqa: ANN401 - likewise
        return region.get(KEY)

    return _contender("MainHub", functools.partial(ours.get, KEY), make), (
        _contender(f"{packages('cashews')} mem", functools.partial(cashews.get, KEY), make),
        _contender(f"{packages('aiocache')} memory", functools.partial(aio.get, KEY), make),
        _contender(f"{packages('cachetools')} TTLCache", from_tools, make),
        _contender(f"{packages('dogpile.cache')} memory", from_region, make),
    )


def decorated(make: Make) -> tuple[Contender, Contender, Contender]:
    """Return ours, cashews and async-lru, each as a decorator that keeps answers."""
    cashews = Cashews()
    cashews.setup("mem://")

    async def answer(number: int) -> dict[str, Any]:
        return {**VALUE, "id": number}

    kept = {
        "MainHub @cached": Cache().cached(key="user:{number}")(answer),
        f"{packages('cashews')} @cache": cashews(ttl=_TTL, key="user:{number}")(answer),
        f"{packages('async-lru')} @alru_cache": alru_cache(maxsize=10_000)(answer),
    }
    ours, theirs, lru = (
        _contender(name, functools.partial(call, 42), make) for name, call in kept.items()
    )
    return ours, theirs, lru


async def on_redis(
    level2: Level2, url: str, make: Make, *, keys: int = 1
) -> tuple[Cache, Contender, tuple[Contender, ...]]:
    """Return our cache, which is to be closed, ours and others; every hit comes from Redis.

    With several *keys* ours asks for one after the other, so that no two callers share an answer.
    """
    ours = Cache(level2, l1_ttl=_NEVER)
    await ours.__aenter__()
    names = [KEY, *(f"user:{number}:of-many" for number in range(1, keys))]
    for name in names:
        await ours.set(name, VALUE)
    turns = itertools.cycle(names)
    cashews = Cashews()
    cashews.setup(url, suppress=False)
    await cashews.set(KEY, VALUE, expire=_TTL)
    port = int(url.rpartition(":")[2].partition("/")[0])
    # A namespace, or it would take the place of the others' value.
    aio = aiocache.RedisCache(
        port=port, namespace="aio:", serializer=aiocache.serializers.JsonSerializer()
    )
    await aio.set(KEY, VALUE, ttl=_TTL)
    return (
        ours,
        _contender("MainHub", lambda: ours.get(next(turns)), make),
        (
            _contender(f"{packages('cashews')} redis", functools.partial(cashews.get, KEY), make),
            _contender(f"{packages('aiocache')} redis", functools.partial(aio.get, KEY), make),
        ),
    )


async def raw_get(client: Redis, make: Make) -> Contender:
    """Return a bare GET of the same bytes, which decodes nothing."""
    key = f"raw:{secrets.token_hex(4)}"
    written = orjson.dumps(VALUE)
    await client.set(key, written)

    async def prove() -> None:
        expect(await client.get(key) == written, "GET", "it gives the bytes")

    return Contender("redis-py GET", make(functools.partial(client.get, key)), prove)
