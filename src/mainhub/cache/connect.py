"""A cache from a URL, for services that take no part in how a hub is put together."""

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from typing_extensions import override

from mainhub.cache.cache import Cache
from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.keys import checked_name
from mainhub.cache.redis import RedisLevel2, RedisLocks
from mainhub.settings import RedisAddress, parse_redis_url, redis_by_environment
from mainhub.storage.redis import RedisConnections

__all__ = ["connect"]

_MEMORY = "memory://"


def connect(
    url: str | None = None,
    *,
    namespace: str = "cache",
    environ: Mapping[str, str] | None = None,
    **options: Any,
) -> Cache:
    """Return a cache over *url*; nothing is opened before it is entered.

    ::

        async with connect("redis+sentinel://redis-1,redis-2/mymaster") as cache:
            await cache.set("greeting", "hello")

    Args:
        url: ``memory://``, ``redis://``, ``rediss://``, ``redis+sentinel://h1,h2/mymaster`` or
            ``redis+cluster://h1,h2``. By default what the environment says: REDIS_URL, or
            REDIS_SENTINELS, REDIS_MASTER_NAME, with REDIS_PASSWORD and REDIS_DB.
        namespace: what all names in Redis begin with.
        environ: the environment, if it is another one.
        options: as for :class:`Cache`.

    Raises:
        CacheArgumentInvalid: the URL or an option makes no sense; the message repeats no secret.
    """
    checked_name(namespace, "namespace")
    if url is not None and url.strip().lower() in {_MEMORY, "memory:", "memory"}:
        return Cache(**options)
    return _Connected(_address(url, environ), namespace, options)


class _Connected(Cache):
    """A cache that opens its connections when it is entered, and closes them at its end."""

    def __init__(self, address: RedisAddress, namespace: str, options: dict[str, Any]) -> None:
        self._connections = RedisConnections(address)
        level2 = RedisLevel2(
            self._connections.commands,
            subscriber=self._connections.subscriber,
            namespace=namespace,
        )
        super().__init__(level2, locks=RedisLocks(level2), **options)

    @override
    async def __aenter__(self) -> Self:
        await self._connections.__aenter__()
        return await super().__aenter__()

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @override
    async def aclose(self) -> None:
        try:
            await super().aclose()
        finally:
            await self._connections.__aexit__()


def _address(url: str | None, environ: Mapping[str, str] | None) -> RedisAddress:
    try:
        if url is not None:
            return parse_redis_url(url)
        found = redis_by_environment(os.environ if environ is None else environ)
    except ValueError as error:
        raise CacheArgumentInvalid(f"{error}, or memory:// for this process alone") from None
    if found is None:
        raise CacheArgumentInvalid(
            "nothing says where the cache is: give a URL such as redis://localhost, or memory://, "
            "or set REDIS_URL or REDIS_SENTINELS"
        )
    return found
