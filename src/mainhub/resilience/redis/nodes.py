"""How many processes share a Redis: each says now and then that it is there."""

import asyncio
import secrets
import time
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from redis.exceptions import RedisError

from mainhub.clock import Clock
from mainhub.resilience import bounds

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.cluster import RedisCluster

__all__ = ["LiveNodes"]

# By the server's clock, so that nobody's own matters. ARGV: who, microseconds until it is missed.
_SCRIPT: Final = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
return redis.call('ZCARD', KEYS[1])
"""
_MISSED: Final = 3
_REMINDED: Final = 0.2


class LiveNodes:
    """Counts the processes that share a Redis, this one included, while it is entered.

    Args:
        client: a client of the driver's.
        namespace: what the key begins with.
        every: how often each says that it is there; three times that, and it is missed.
        clock: the time; only its monotonic side is used.

    Attributes:
        count: how many there were when it was last known; 1 at least.
    """

    def __init__(
        self,
        client: "Redis | RedisCluster",
        *,
        namespace: str = "mainhub",
        every: timedelta = timedelta(seconds=5),
        clock: Clock | None = None,
    ) -> None:
        self._client: Any = client
        self._key = f"{namespace}:nodes"
        self._me = secrets.token_hex(8)
        self._every = bounds.seconds(every, "every")
        self._task: asyncio.Task[None] | None = None
        self._now = time.monotonic if clock is None else clock.monotonic
        self.count = 1
        self._seen_at = self._now()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._say_so(), name="nodes.heartbeat")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=_REMINDED)
        try:
            async with asyncio.timeout(1):
                await self._client.zrem(self._key, self._me)
        except (RedisError, OSError, TimeoutError):
            # It is missed a little later then.
            return

    async def beat(self) -> None:
        """Say that this one is there, and count.

        Raises:
            RedisError, OSError: Redis does not answer; what was known stays.
        """
        lasting = int(_MISSED * self._every * 1_000_000)
        told = await self._client.eval(_SCRIPT, 1, self._key, self._me, lasting)
        number, now = max(1, int(told)), self._now()
        # A Redis that has lost what it knew counts only those who have spoken since: fewer are
        # believed in only once all others have had the time to.
        if number >= self.count or now - self._seen_at > _MISSED * self._every:
            self.count, self._seen_at = number, now

    async def _say_so(self) -> None:
        while True:
            # What is away is told by those who watch the connections.
            with suppress(RedisError, OSError, TimeoutError):
                await self.beat()
            await asyncio.sleep(self._every)
