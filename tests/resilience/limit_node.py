"""One of several processes that share a limit; its own clocks are wrong on purpose."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta

from redis.asyncio import Redis

from mainhub.resilience import Limit
from mainhub.resilience.redis import RedisLimits
from mainhub.storage.redis import RedisConnections

CALLERS = 50


def skew(seconds: float) -> None:
    """Let whoever reads the wall clock in this process read a wrong one."""
    right = time.time
    time.time = lambda: right() + seconds


async def main(url: str, limit: int, seconds: float) -> None:
    patient = timedelta(seconds=20)
    connections = RedisConnections(url, connect_timeout=patient, command_timeout=patient)
    async with Redis.from_url(url) as client:
        store = RedisLimits(connections.direct)
        asked = Limit(limit, timedelta(seconds=1))
        admitted = questions = 0
        end = asyncio.get_running_loop().time() + seconds

        async def ask() -> None:
            nonlocal admitted, questions
            while asyncio.get_running_loop().time() < end:
                questions += 1
                # In two steps: the sum must not be read before the wait.
                answer = await store.take("shared", asked)
                admitted += answer.allowed

        first = await now(client)
        await asyncio.gather(*(ask() for _ in range(CALLERS)))
        told = {"asked": questions, "admitted": admitted, "first": first, "last": await now(client)}
        print(json.dumps(told))  # noqa: T201 - its answer
        await store.aclose()
    await connections.aclose()


async def now(client: Redis) -> float:
    seconds, microseconds = await client.time()
    return float(seconds) + microseconds / 1_000_000


if __name__ == "__main__":
    skew(float(sys.argv[4]))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
