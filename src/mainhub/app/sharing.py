"""What the processes of a hub share through Redis, if there is one; alone, each keeps its own."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from mainhub.cache import Cache, SignedLevel2, way_to_level2
from mainhub.cache.redis import RedisLevel2, RedisLocks
from mainhub.clock import Clock
from mainhub.resilience import (
    InsuredLimits,
    LimitStore,
    MemoryLimits,
    Pipeline,
    Pipelines,
    Timeout,
)
from mainhub.resilience.redis import LiveNodes, RedisLimits, SharedTransitions
from mainhub.settings import Settings
from mainhub.storage.redis import RedisConnections

__all__ = ["Sharing"]

# With the 10 ms by which a time-out may be late, nobody waits longer than 50 ms for a number.
_COUNTING: Final = timedelta(milliseconds=40)


class Sharing:
    """Limits, transitions of breakers and the cache, shared where there is a Redis.

    Nothing connects before this is entered, and a Redis that is away holds up nobody.

    Attributes:
        limits: who keeps count of who asked how often.
        redis: the connections; ``None`` where no Redis is set.
        cache: what is kept at hand, and forgotten by all at once.
    """

    def __init__(
        self,
        settings: Settings,
        pipelines: Pipelines,
        *,
        clock: Clock,
        cache_secrets: Sequence[bytes],
    ) -> None:
        self.limits: LimitStore = MemoryLimits(clock=clock)
        self.redis: RedisConnections | None = None
        self._entered = AsyncExitStack()
        address = settings.redis.address
        if address is None:
            self.cache = _cache(settings, clock)
            return
        self.redis = RedisConnections(
            address,
            connect_timeout=settings.redis.connect_timeout,
            command_timeout=settings.redis.command_timeout,
            pool_size=settings.redis.pool_size,
            clock=clock,
        )
        way = Pipeline("redis-limits", timeout=Timeout(_COUNTING))
        pipelines.add(way, kind="redis", title="Redis")
        self._nodes = LiveNodes(self.redis.commands)
        self._transitions = SharedTransitions(
            pipelines, publisher=self.redis.publisher, subscriber=self.redis.subscriber
        )
        self.limits = InsuredLimits(
            RedisLimits(self.redis.direct), nodes=lambda: self._nodes.count, way=way
        )
        self.cache = _shared_cache(settings, self.redis, pipelines, clock, cache_secrets)

    async def listening(self) -> None:
        """Wait until the transitions of others are heard; at once where there are none."""
        if self.redis is not None:
            await self._transitions.listening()

    async def __aenter__(self) -> Self:
        if self.redis is not None:
            await self._entered.enter_async_context(self.redis)
            await self._entered.enter_async_context(self._nodes)
            await self._entered.enter_async_context(self._transitions)
        await self._entered.enter_async_context(self.cache)
        self._entered.push_async_callback(self.limits.aclose)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._entered.aclose()


def _cache(settings: Settings, clock: Clock) -> Cache:
    found = settings.cache
    return Cache(
        ttl=found.ttl, max_entries=found.max_entries, max_bytes=found.max_bytes, clock=clock
    )


def _shared_cache(
    settings: Settings,
    redis: RedisConnections,
    pipelines: Pipelines,
    clock: Clock,
    secrets: Sequence[bytes],
) -> Cache:
    found = settings.cache
    level2 = RedisLevel2(redis.commands, subscriber=redis.subscriber, namespace=found.namespace)
    way = way_to_level2("redis-cache", clock)
    pipelines.add(way, kind="redis", title="Redis")
    return Cache(
        SignedLevel2(level2, secrets),
        locks=RedisLocks(level2),
        ttl=found.ttl,
        max_entries=found.max_entries,
        max_bytes=found.max_bytes,
        compress_above=found.compress_above,
        way=way,
        clock=clock,
    )
