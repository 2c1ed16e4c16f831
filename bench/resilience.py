"""The resilience kit against libraries that do parts of it: ``make bench-resilience``."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Final

from redis.asyncio import Redis, RedisCluster

from bench.contenders import limiters, retries, stacks
from bench.harness import (
    CALLS_PER_CALL,
    MICROSECONDS,
    PER_SECOND,
    Against,
    Comparison,
    Contender,
    RedisServer,
    carry_out,
    expect,
    fixed,
    in_turns,
    refused,
    repeated,
    shared_out,
)
from mainhub.storage.redis import Direct, RedisConnections

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bench.contenders.limiters import Make
    from bench.contenders.stacks import Stack

_CALLS: Final = 2_000
_MANY: Final = 50
# Checks for each turn of the event loop, as when requests come in together.
_EACH: Final = 32
_SECONDS: Final = 10.0


@contextlib.asynccontextmanager
async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
    """Make what is compared, with a Redis of its own."""
    with RedisServer() as server:
        connections = RedisConnections(server.url)
        async with Redis.from_url(server.url) as client, connections:
            redis = (server.url, connections.direct, client)
            yield [
                *await _pipeline(None, "value <= 1.5", "ratio >= 15"),
                *await _pipeline(_SECONDS, "value <= 3", "ratio >= 10"),
                await _rejection(),
                _amplification(),
                _limiter_in_memory(functools.partial(in_turns, each=_EACH), "ratio >= 4"),
                _limiter_in_memory(repeated, ""),
                _limiter_on_redis(redis, "1 caller", repeated, "ratio >= 0.8"),
                _limiter_on_redis(
                    redis,
                    f"{_MANY} callers",
                    functools.partial(shared_out, callers=_MANY),
                    "ratio >= 1.5",
                ),
            ]


async def _pipeline(seconds: float | None, most: str, better: str) -> list[Comparison]:
    """Compare ``pipeline.call`` with all peers, and ``@pipeline`` with the one to beat."""
    name = "full pipeline" + ("" if seconds is None else " + attempt time-out")
    floor = Against(_floor(), (most,))
    peer = Against(await _healthy(stacks.TENACITY, seconds), (better,))
    others = [Against(await _healthy(other, seconds)) for other in stacks.OTHERS]
    ours = await _healthy(stacks.OURS, seconds)
    decorated = await _healthy(stacks.DECORATED, seconds)
    return [
        Comparison(name, MICROSECONDS, ours, (floor, peer, *others)),
        Comparison(f"{name}, @", MICROSECONDS, decorated, (floor, peer)),
    ]


async def _rejection() -> Comparison:
    peers = [Against(await _refused(peer)) for peer in (stacks.TENACITY, *stacks.OTHERS)]
    return Comparison(
        "rejection by an open breaker",
        MICROSECONDS,
        await _refused(stacks.OURS),
        (Against(_floor(), ("value <= 5",)), *peers),
    )


def _amplification() -> Comparison:
    return Comparison(
        "calls sent for each, all failing",
        CALLS_PER_CALL,
        retries.OURS,
        (
            Against(retries.TENACITY, ("value <= 1.25",)),
            *(Against(peer) for peer in retries.OTHERS),
        ),
        times=_CALLS,
    )


def _limiter_in_memory(make: Make, goal: str) -> Comparison:
    ours, peer, others = limiters.in_memory(make)
    return Comparison(
        "limiter in memory" if goal else "limiter in memory, loop held up",
        PER_SECOND,
        ours,
        (Against(peer, (goal,) if goal else ()), *map(Against, others)),
    )


def _limiter_on_redis(
    redis: tuple[str, Direct | RedisCluster, Redis], callers: str, make: Make, goal: str
) -> Comparison:
    url, direct, client = redis
    ours, others = limiters.on_redis(url, direct, make)
    return Comparison(
        f"limiter on Redis, {callers}",
        PER_SECOND,
        ours,
        (Against(limiters.ping(client, make), (goal,)), *map(Against, others)),
    )


def _floor() -> Contender:
    async def prove() -> None:
        expect(await fixed() == 1, "await f()", "it answers")

    return Contender("await f()", repeated(fixed), prove)


async def _healthy(stack: Stack, seconds: float | None = None) -> Contender:
    call = await stack.build(fixed, seconds)
    return Contender(
        stack.name,
        repeated(call),
        functools.partial(stack.prove, timed=seconds is not None),
    )


async def _refused(stack: Stack) -> Contender:
    call = await stack.opened()
    return Contender(stack.name, refused(call), stack.prove)


if __name__ == "__main__":
    sys.exit(carry_out("resilience", comparisons, sys.argv[1:]))
