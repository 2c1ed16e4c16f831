"""A count in Redis, over a client of the driver's or over the hub's own connection for scripts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from redis.asyncio import Redis

from mainhub.resilience.redis import RedisLimits
from redis_server.patient import patient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["WAYS", "counting"]

WAYS = ("driver", "direct")


@asynccontextmanager
async def counting(way: str, url: str) -> AsyncIterator[RedisLimits]:
    """Yield limits that the Redis at *url* counts."""
    connections = patient(url)
    driver: Redis = Redis.from_url(url)
    limits = RedisLimits(driver if way == "driver" else connections.direct)
    try:
        yield limits
    finally:
        await limits.aclose()
        await connections.aclose()
        await driver.aclose()
