"""Four processes, each with 250 callers of one key that nobody has: how often is it made?"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from bench.harness.proof import expect
from mainhub import cache as caches

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["CALLERS", "FACTORY", "PROCESSES", "Stampede"]

T = TypeVar("T")
PROCESSES, CALLERS = 4, 250
FACTORY: Final = 0.05
_PATIENCE: Final = 30.0


class Stampede:
    """Node processes that wait for the word; see the end of this file for what they do."""

    def __init__(self, url: str, client: Redis) -> None:
        self._url = url
        self._client: Any = client
        self._nodes: list[asyncio.subprocess.Process] = []
        self._round = 0

    async def start(self) -> None:
        """Start the processes."""
        for _ in range(PROCESSES):
            node = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.contenders.stampede", self._url),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            self._nodes.append(node)
            await self._told(node)

    async def run(self) -> tuple[float, int, int]:
        """Return how long the slowest took, in seconds, the factory calls, and the commands."""
        self._round += 1
        before = await self._commands()
        at = time.time() + 0.05
        for node in self._nodes:
            _pipe(node.stdin).write(f"{json.dumps([f'key:{self._round}', at])}\n".encode())
        told = await asyncio.gather(*map(self._told, self._nodes))
        # What is counted between the two is asked for by nodes, but for the second count.
        commands = await self._commands() - before - 1
        return max(one[0] for one in told), sum(one[1] for one in told), commands

    async def stop(self) -> None:
        """End the processes."""
        for node in self._nodes:
            _pipe(node.stdin).close()
            await node.wait()

    async def _told(self, node: asyncio.subprocess.Process) -> Any:  # noqa: ANN401 - as they tell
        async with asyncio.timeout(_PATIENCE):
            return json.loads(await _pipe(node.stdout).readline())

    async def _commands(self) -> int:
        # Heartbeats are no part of it.
        told = await self._client.info("commandstats")
        asked = {name: one["calls"] for name, one in told.items()}
        quiet = ("cmdstat_ping", "cmdstat_info")
        return int(sum(calls for name, calls in asked.items() if name not in quiet)) + 1


def _pipe(pipe: T | None) -> T:
    expect(pipe is not None, "a node", "it can be talked to")
    return cast("T", pipe)


async def _node(url: str) -> None:
    calls = 0

    async def factory() -> dict[str, int]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(FACTORY)
        return {"made": 1}

    async with caches.connect(url, namespace="stampede", ttl=timedelta(minutes=5)) as cache:
        while cache.state is None or not cache.state.linked:  # noqa: ASYNC110 - a bench
            await asyncio.sleep(0.01)
        print(json.dumps([0, 0]), flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            key, at = json.loads(line)
            calls = 0
            await asyncio.sleep(max(0.0, at - time.time()))
            began = time.perf_counter()
            found = await asyncio.gather(*(cache.get_or_set(key, factory) for _ in range(CALLERS)))
            took = time.perf_counter() - began
            expect(found == [{"made": 1}] * CALLERS, "MainHub", "all have the value")
            print(json.dumps([took, calls]), flush=True)


if __name__ == "__main__":
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_node(sys.argv[1]))
