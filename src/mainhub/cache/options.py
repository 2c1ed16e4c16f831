"""How long a value is kept and how it is made; given for a cache, a region or a call."""

import random
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any, TypedDict

from mainhub.cache.keys import checked_tags, seconds, share

__all__ = [
    "MISSING",
    "FillOptions",
    "KeepOptions",
    "Missing",
    "Options",
    "RegionDefaults",
    "merged",
]


class Missing:
    """The kind of :data:`MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = Missing()
"""What a cache answers where there is nothing; ``None`` is a value."""


class KeepOptions(TypedDict, total=False):
    """How a value is kept."""

    ttl: timedelta
    stale_ttl: timedelta
    l1_ttl: timedelta
    tags: Any
    jitter: float


class FillOptions(KeepOptions, total=False):
    """How a value is made and kept."""

    soft_timeout: timedelta
    hard_timeout: timedelta
    eager_refresh: float
    negative_ttl: timedelta
    stale_retry: timedelta


class RegionDefaults(TypedDict, total=False):
    """The same but for the time, which has a place of its own."""

    stale_ttl: timedelta
    l1_ttl: timedelta
    tags: Any
    jitter: float
    soft_timeout: timedelta
    hard_timeout: timedelta
    eager_refresh: float
    negative_ttl: timedelta
    stale_retry: timedelta


@dataclass(frozen=True, slots=True)
class Options:
    """The same, looked at; times in seconds."""

    ttl: float = 300.0
    stale_ttl: float = 0.0
    l1_ttl: float | None = None
    tags: tuple[str, ...] = ()
    jitter: float = 0.0
    soft_timeout: float | None = None
    hard_timeout: float = 30.0
    eager_refresh: float | None = None
    negative_ttl: float | None = None
    stale_retry: float = 1.0

    def lifetime(self, ttl: float, value: object) -> float:
        """Return for how long *value* is fresh, which was to be for *ttl*."""
        if value is None and self.negative_ttl is not None:
            ttl = min(ttl, self.negative_ttl)
        # Only ever shorter: nothing lives beyond its time.
        return ttl * (1 - self.jitter * random.random()) if self.jitter else ttl  # noqa: S311


_ZERO = {"stale_ttl", "soft_timeout"}
_SHARES = {"jitter", "eager_refresh"}
_NAMES = tuple(field.name for field in fields(Options))


def merged(defaults: Options, given: dict[str, Any]) -> Options:
    """Return *defaults* with what is *given*; ``None`` leaves a default, tags are added.

    Raises:
        CacheArgumentInvalid: a value makes no sense.
        TypeError: there is no such option.
    """
    changed: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name == "tags":
            added = checked_tags(value)
            if added:
                changed[name] = (*defaults.tags, *(t for t in added if t not in defaults.tags))
        elif name in _SHARES:
            changed[name] = share(value, name)
        elif name in _NAMES:
            changed[name] = seconds(value, name, zero=name in _ZERO)
        else:
            raise TypeError(f"there is no option {name!r}: write one of {', '.join(_NAMES)}")
    return replace(defaults, **changed) if changed else defaults
