"""Locks in Redis: a random owner, and a number that never goes back."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

from redis.exceptions import RedisError
from typing_extensions import override

from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.port import Locks
from mainhub.cache.redis import scripts
from mainhub.cache.redis.level2 import RedisLevel2

__all__ = ["RedisLocks"]

_NUMBERS_LIVE_MS: Final = 24 * 3600 * 1000
# A key of the cache cannot begin so: it may not hold control characters.
_MARK: Final = "\x00"


class RedisLocks(Locks):
    """Locks beside the values of *level2*, over the same connections."""

    def __init__(self, level2: RedisLevel2) -> None:
        self._transport = level2.transport
        self._heard = level2.heard
        self._spelling = level2.spelling

    @override
    async def acquire(self, name: str, owner: bytes, ttl: timedelta) -> int | None:
        names = list(self._spelling.lock(name))
        number = await self._run(scripts.LOCK, names, owner, _ms(ttl), _NUMBERS_LIVE_MS)
        return number or None

    @override
    async def renew(self, name: str, owner: bytes, ttl: timedelta) -> bool:
        lock, _ = self._spelling.lock(name)
        return bool(await self._run(scripts.KEEP, [lock], owner, _ms(ttl)))

    @override
    async def release(self, name: str, owner: bytes) -> bool:
        lock, _ = self._spelling.lock(name)
        words = (owner, self._spelling.wake, _MARK + name)
        return bool(await self._run(scripts.GIVE_UP, [lock], *words))

    @override
    def waking(self, name: str) -> AbstractAsyncContextManager[asyncio.Event]:
        self._transport.start()
        return self._heard.waking(_MARK + name)

    @override
    async def aclose(self) -> None:
        """Nothing: the connections are level 2's."""

    async def _run(
        self, script: scripts.Script, names: list[str], *words: bytes | str | int
    ) -> int:
        try:
            return int(await self._transport.script(script, names, *words))
        except (RedisError, OSError) as error:
            raise CacheUnavailable(f"Redis cannot: {str(error) or type(error).__name__}") from error


def _ms(ttl: timedelta) -> int:
    return max(1, round(ttl.total_seconds() * 1000))
