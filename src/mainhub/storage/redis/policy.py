"""Whether a Redis that is full throws away what it holds."""

from typing import Any

import redis.exceptions as driver
from redis.asyncio import RedisCluster

from mainhub.storage.redis.connections import RedisConnections
from mainhub.storage.redis.failures import FAILURES, why

__all__ = ["eviction_policy"]

_KEEPS = "noeviction"


async def eviction_policy(connections: RedisConnections) -> str | None:
    """Return the ``maxmemory-policy`` by which some server would evict keys; ``None``: none would.

    Where that is not for us to ask, ``None`` as well.

    Raises:
        RedisUnavailable: Redis does not answer.
    """
    client: Any = connections.commands
    try:
        # INFO tells it too, and is allowed where CONFIG is not.
        if isinstance(client, RedisCluster):
            nodes = [await client.info("memory", target_nodes=one) for one in client.get_nodes()]
        else:
            nodes = [await client.info("memory")]
    except driver.NoPermissionError:
        return None
    except FAILURES as error:
        raise why(error, str(connections.address)) from error
    policies = {str(one.get("maxmemory_policy", _KEEPS)) for one in nodes}
    return min(policies - {_KEEPS}, default=None)
