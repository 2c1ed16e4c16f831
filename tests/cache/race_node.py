"""One of several processes that race for the keys of one cache, told what to do line by line."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from mainhub.cache import MISSING, Cache, connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEYS = 12
CALLERS = 25
MINUTE = timedelta(minutes=1)


class Node:
    """A process's cache over *truth*, the source, which is a hash in the same Redis."""

    def __init__(self, cache: Cache, truth: Redis, seed: int) -> None:
        self.cache = cache
        self.truth = truth
        self.chance = random.Random(seed)  # noqa: S311 - the same in every run

    async def source(self, key: str) -> int:
        found = await self.truth.hget("truth", key)
        return int(found or 0)

    async def race(self, operations: int) -> dict[str, Any]:
        """Do so many operations, by several callers at once; a change is made in the source first.

        What is taken back is read again from the source, so whatever stays stale was kept wrongly.
        """

        async def caller() -> None:
            for _ in range(operations // CALLERS):
                await self._one(f"k{self.chance.randrange(KEYS)}")

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        return {"l1_hits": self.cache.figures.l1_hits, "fills": self.cache.figures.fills}

    async def _one(self, key: str) -> None:
        dice = self.chance.random()
        if dice < 0.5:
            await self._ask(key)
        elif dice < 0.8:
            await self.cache.get(key)
        else:
            await self.truth.hincrby("truth", key, 1)
            if dice < 0.9:
                await self.cache.delete(key)
            elif dice < 0.97:
                await self.cache.invalidate_tags(f"tag:{key}")
            else:
                # What is written may be older than another one's: only a deletion may follow it.
                await self.cache.set(key, -1, ttl=MINUTE, tags=[f"tag:{key}"])
                await self.cache.delete(key)

    async def _ask(self, key: str) -> Any:
        async def factory() -> int:
            return await self.source(key)

        return await self.cache.get_or_set(key, factory, ttl=MINUTE, tags=[f"tag:{key}"])

    async def view(self) -> dict[str, Any]:
        """Return what this process would answer for every key that it has."""
        found = {f"k{number}": await self.cache.get(f"k{number}") for number in range(KEYS)}
        return {key: value for key, value in found.items() if value is not MISSING}

    async def stampede(self, key: str, callers: int, at: float, seconds: float) -> dict[str, Any]:
        """Let so many callers ask for *key* at the time *at*; the factory takes so long."""
        calls, missed = 0, self.cache.figures.unavailable

        async def factory() -> str:
            nonlocal calls
            calls += 1
            print(json.dumps("making"), flush=True)  # noqa: T201 - it is waited for
            await asyncio.sleep(seconds)
            return "made"

        await asyncio.sleep(max(0.0, at - time.time()))
        began = time.perf_counter()
        found = await asyncio.gather(
            *(self.cache.get_or_set(key, factory, ttl=MINUTE) for _ in range(callers))
        )
        took = time.perf_counter() - began
        missed = self.cache.figures.unavailable - missed
        right = found == ["made"] * callers
        return {"took": took, "calls": calls, "right": right, "missed": missed}

    async def lock(self, name: str, seconds: float) -> dict[str, Any]:
        """Hold a lock until it is lost."""
        async with self.cache.lock(name, ttl=timedelta(seconds=seconds)) as lease:
            print(json.dumps({"fencing": lease.fencing}), flush=True)  # noqa: T201 - likewise
            await lease.lost.wait()
            return {"held": lease.is_held}


async def main(url: str, seed: int) -> None:
    async with connect(url, namespace="race") as cache, Redis.from_url(url) as truth:
        while cache.state is None or not cache.state.linked:  # noqa: ASYNC110 - once
            await asyncio.sleep(0.01)
        node = Node(cache, truth, seed)
        does: dict[str, Callable[..., Awaitable[Any]]] = {
            "race": node.race,
            "view": node.view,
            "stampede": node.stampede,
            "lock": node.lock,
        }
        print(json.dumps("ready"), flush=True)  # noqa: T201 - likewise
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            what, *words = json.loads(line)
            print(json.dumps(["done", await does[what](*words)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
