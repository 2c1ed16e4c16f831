"""Redis: the connections that everything on it shares, and one watch over them.

For: the adapters named after Redis in other rooms, which ``app`` hands a client of these
connections. Not for: keys, scripts or channels (the rooms have those), nor for deciding what is
done without Redis (they know).

Invariants: constructing and entering never fail nor wait because Redis is away; a command costs at
most the two time-outs, and nothing at all while Redis is known to be away; no password is ever
logged.
"""

from mainhub.storage.redis.connections import RedisConnections
from mainhub.storage.redis.direct import Direct
from mainhub.storage.redis.failures import RedisUnavailable
from mainhub.storage.redis.line import Command, Line, LineLost
from mainhub.storage.redis.policy import eviction_policy
from mainhub.storage.redis.state import RedisChange, RedisState

__all__ = [
    "Command",
    "Direct",
    "Line",
    "LineLost",
    "RedisChange",
    "RedisConnections",
    "RedisState",
    "RedisUnavailable",
    "eviction_policy",
]
