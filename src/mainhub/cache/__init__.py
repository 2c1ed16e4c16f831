"""Cache and locks: never the reason for an error, never an answer that was taken back.

For: any room, and services that import MainHub as a library. Two levels: values in this process,
and behind them a server that processes share, if there is one. Not for: what must not be lost
(``storage``), sessions (``sessions``) or what is different for each caller by right: the cache
decides nothing.
"""

from mainhub.cache.failures import (
    CacheArgumentInvalid,
    CacheUnavailable,
    CacheValueInvalid,
    LockNotAcquired,
)
from mainhub.cache.port import Claim, Coherence, Level2, LinkState, Listener, Locks

__all__ = [
    "CacheArgumentInvalid",
    "CacheUnavailable",
    "CacheValueInvalid",
    "Claim",
    "Coherence",
    "Level2",
    "LinkState",
    "Listener",
    "LockNotAcquired",
    "Locks",
]
