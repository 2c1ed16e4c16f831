"""What processes share through Redis: counts of limits, live nodes, transitions of breakers.

Each class is handed a client of the driver's (``redis.asyncio``); nothing here connects by itself.
"""

from mainhub.resilience.redis.limits import LimitsUnavailable, RedisLimits
from mainhub.resilience.redis.nodes import LiveNodes
from mainhub.resilience.redis.transitions import SharedTransitions

__all__ = ["LimitsUnavailable", "LiveNodes", "RedisLimits", "SharedTransitions"]
