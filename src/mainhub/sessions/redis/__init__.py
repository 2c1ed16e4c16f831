"""Sessions in Redis, handed a client of the driver's (``redis.asyncio``): nothing here connects."""

from mainhub.sessions.redis.ends import RedisEnds
from mainhub.sessions.redis.store import RedisSessionRows, RedisSessionStore

__all__ = ["RedisEnds", "RedisSessionRows", "RedisSessionStore"]
