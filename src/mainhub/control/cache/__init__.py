"""The cache of the running hub, as administrators see it and take things back from it."""

from mainhub.control.cache.history import CacheHistory

__all__ = ["CacheHistory"]
