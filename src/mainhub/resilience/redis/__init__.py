"""What processes share through Redis: counts of limits, live nodes, transitions of breakers.

Each class is handed a client of the driver's (``redis.asyncio``), or what does the same as far as
it is needed; nothing here connects by itself.
"""

from mainhub.resilience.redis.limits import LimitsUnavailable, RedisLimits, Scripting
from mainhub.resilience.redis.nodes import LiveNodes
from mainhub.resilience.redis.transitions import SharedTransitions

__all__ = ["LimitsUnavailable", "LiveNodes", "RedisLimits", "Scripting", "SharedTransitions"]
