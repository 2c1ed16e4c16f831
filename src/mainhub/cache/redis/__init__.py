"""The cache's second level, and its locks, in a Redis that processes share.

Each class is handed a client of the driver's (``redis.asyncio``), or what was made from one. Two
connections of its own carry the commands and what Redis tells by itself; a cluster's commands go
through the driver's client.
"""

from mainhub.cache.redis.level2 import RedisLevel2
from mainhub.cache.redis.locks import RedisLocks

__all__ = ["RedisLevel2", "RedisLocks"]
