"""Rate limiters in memory and on Redis, and a bare PING: what a round trip costs at the least."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import limits
import limits.aio.storage
import limits.aio.strategies
import throttled.asyncio as throttled

from bench.contenders.stacks import packages
from bench.harness import Contender, Work, expect
from mainhub.resilience import Limit, MemoryLimits, RateLimiter
from mainhub.resilience.redis import RedisLimits

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster

    from mainhub.resilience import LimitStore
    from mainhub.resilience.redis import Scripting

__all__ = ["Make", "in_memory", "on_redis", "ping"]

Check = Callable[[str], Awaitable[Any]]
Build = Callable[[int], Check]
Make = Callable[[Callable[[], Awaitable[Any]]], Work]

_PERIOD: Final = 60
_PROVEN: Final = 100
_KEYS: Final = 1024
# So many that none is refused while it is measured: everybody does the same for each check.
_PLENTY: Final = 1_000_000


def in_memory(make: Make) -> tuple[Contender, Contender, tuple[Contender, ...]]:
    """Return ours, the peer to beat, and others; *make* turns a check into work."""
    storage = limits.aio.storage.MemoryStorage
    return (
        _ours(MemoryLimits, make),
        _limits("fixed window", storage, make),
        (_limits("sliding window", storage, make), _throttled(throttled.MemoryStore, make)),
    )


def on_redis(
    url: str, direct: Scripting | RedisCluster, make: Make
) -> tuple[Contender, tuple[Contender, ...]]:
    """Return ours and others on the Redis at *url*; ours is given *direct*, as in the hub."""
    storage = limits.aio.storage.RedisStorage
    return (
        _ours(functools.partial(RedisLimits, direct), make),
        (
            _limits(
                "fixed window",
                functools.partial(storage, f"async+{url}", implementation="redispy"),
                make,
            ),
            _throttled(functools.partial(throttled.RedisStore, server=url), make),
        ),
    )


def ping(client: Redis, make: Make) -> Contender:
    """Return a bare round trip to the Redis of *client*."""

    async def prove() -> None:
        expect(await client.ping(), "PING", "Redis answers")

    return Contender("PING", make(client.ping), prove)


def _contender(name: str, build: Build, allowed: Callable[[Any], bool], make: Make) -> Contender:
    async def prove() -> None:
        check = build(_PROVEN)
        kept = False
        # Twice, since a fixed window may end and a bucket may drip in between.
        for key in (secrets.token_hex(8), secrets.token_hex(8)):
            passed = [allowed(await check(key)) for _ in range(_PROVEN + 1)]
            kept = kept or passed == [True] * _PROVEN + [False]
        expect(kept, name, "each key has its own limit: 100 pass, the 101st is refused")

    return Contender(name, make(_of_many_keys(build(_PLENTY))), prove)


def _of_many_keys(check: Check) -> Callable[[], Awaitable[Any]]:
    following = cycle([f"user:{number}" for number in range(_KEYS)]).__next__

    def call() -> Awaitable[Any]:
        return check(following())

    return call


def _ours(store: Callable[[], LimitStore], make: Make) -> Contender:
    def build(limit: int) -> Check:
        return RateLimiter(Limit(limit, period=timedelta(seconds=_PERIOD)), store()).check

    return _contender("MainHub", build, lambda admission: admission.allowed, make)


def _limits(what: str, storage: Callable[[], object], make: Make) -> Contender:
    strategy = {
        "fixed window": limits.aio.strategies.FixedWindowRateLimiter,
        "sliding window": limits.aio.strategies.SlidingWindowCounterRateLimiter,
    }[what]

    def build(limit: int) -> Check:
        item = limits.RateLimitItemPerSecond(limit, _PERIOD)
        return functools.partial(strategy(storage()).hit, item)

    return _contender(f"{packages('limits')} {what}", build, bool, make)


def _throttled(store: Callable[[], object], make: Make) -> Contender:
    def build(limit: int) -> Check:
        return throttled.Throttled(  # type: ignore[no-any-return]
            using=throttled.RateLimiterType.GCRA.value,
            quota=throttled.rate_limiter.per_min(limit, burst=limit),
            store=store(),
        ).limit

    name = f"{packages('throttled-py')} gcra"
    return _contender(name, build, lambda result: not result.limited, make)
