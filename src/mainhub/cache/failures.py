"""What can be wrong with a cache, or with what one gives to it."""

from mainhub.errors import Invalid, Unavailable

__all__ = [
    "CacheArgumentInvalid",
    "CacheUnavailable",
    "CacheValueInvalid",
    "FactoryTimedOut",
    "LockNotAcquired",
]


class CacheUnavailable(Unavailable):
    """Level 2 does not answer. Only level 2, locks and what an operator asks for raise it."""


class CacheArgumentInvalid(Invalid, ValueError):
    """A key, a tag, a time or a URL makes no sense; the message says what to write instead."""


class CacheValueInvalid(Invalid, TypeError):
    """The value cannot be written as JSON, or is too large; the message says what to do."""


class FactoryTimedOut(Unavailable, TimeoutError):
    """What makes the value took longer than it may, and there was no older value to give."""


class LockNotAcquired(Unavailable, TimeoutError):
    """Somebody else held the lock for as long as the caller would wait."""
