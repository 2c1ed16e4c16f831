"""Cache and locks: never the reason for an error, never an answer that was taken back.

For: any room, and services that import MainHub as a library. Two levels: values in this process,
and behind them a server that processes share, if there is one. Not for: what must not be lost
(``storage``), sessions (``sessions``) or what is different for each caller by right: the cache
decides nothing.
"""

from mainhub.cache.cache import Cache
from mainhub.cache.cached import Cached
from mainhub.cache.connect import connect
from mainhub.cache.envelope import Refusal
from mainhub.cache.failures import (
    CacheArgumentInvalid,
    CacheUnavailable,
    CacheValueInvalid,
    FactoryTimedOut,
    LockNotAcquired,
)
from mainhub.cache.figures import CacheFigures, HotKey, HotTag
from mainhub.cache.flight import Factory, Fill
from mainhub.cache.frozen import thaw
from mainhub.cache.keys import Pattern, checked_key, checked_tags
from mainhub.cache.lock import Lease, Lock
from mainhub.cache.lookup import Lookup, Outcome
from mainhub.cache.memory import MemoryLevel2, MemoryLocks
from mainhub.cache.options import MISSING, Missing
from mainhub.cache.port import Claim, Coherence, Level2, LinkState, Listener, Locks
from mainhub.cache.reach import way_to_level2
from mainhub.cache.region import Region
from mainhub.cache.signed import SignedLevel2

__all__ = [
    "MISSING",
    "Cache",
    "CacheArgumentInvalid",
    "CacheFigures",
    "CacheUnavailable",
    "CacheValueInvalid",
    "Cached",
    "Claim",
    "Coherence",
    "Factory",
    "FactoryTimedOut",
    "Fill",
    "HotKey",
    "HotTag",
    "Lease",
    "Level2",
    "LinkState",
    "Listener",
    "Lock",
    "LockNotAcquired",
    "Locks",
    "Lookup",
    "MemoryLevel2",
    "MemoryLocks",
    "Missing",
    "Outcome",
    "Pattern",
    "Refusal",
    "Region",
    "SignedLevel2",
    "checked_key",
    "checked_tags",
    "connect",
    "thaw",
    "way_to_level2",
]
