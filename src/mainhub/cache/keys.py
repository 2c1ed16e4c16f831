"""What a key, a tag, a pattern and a time may be; what they may not be is told with the remedy."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from mainhub.cache.failures import CacheArgumentInvalid

__all__ = [
    "EVERYTHING",
    "LONGEST",
    "Pattern",
    "checked_key",
    "checked_name",
    "checked_tags",
    "region_tag",
    "seconds",
    "share",
]

LONGEST: Final = 512
# The tag that everything has; a region's begins with it, and nobody else's may.
EVERYTHING: Final = "*"
_MOST_TAGS: Final = 64
_LONGEST_TIME: Final = timedelta(days=3650)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def checked_key(key: object, what: str = "key") -> str:
    """Return *key* if it may be one.

    Raises:
        CacheArgumentInvalid: it is no text, empty, too long or holds control characters.
    """
    if not isinstance(key, str):
        raise CacheArgumentInvalid(
            f"a {what} is text, not {type(key).__name__}: write f'user:{{id}}', for example"
        )
    if not key:
        raise CacheArgumentInvalid(f"the {what} is empty: write what the value is known by")
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise CacheArgumentInvalid(
            f"the {what} holds half a character (a lone surrogate): write whole text"
        ) from None
    if size > LONGEST:
        raise CacheArgumentInvalid(
            f"the {what} has {size} bytes: write at most {LONGEST}, "
            "such as a digest of what is long (hashlib.sha256)"
        )
    if _CONTROL.search(key):
        raise CacheArgumentInvalid(
            f"the {what} holds control characters: leave them out, or percent-escape them"
        )
    return key


def checked_name(name: object, what: str) -> str:
    """Return *name* of a region or a lock if it may be one."""
    return checked_key(name, what)


def checked_tags(tags: object) -> tuple[str, ...]:
    """Return *tags* once each, in their order.

    Raises:
        CacheArgumentInvalid: they are too many, or one is none.
    """
    if isinstance(tags, str):
        raise CacheArgumentInvalid(f"tags={tags!r} is one text: write tags=({tags!r},)")
    if not isinstance(tags, Iterable):
        raise CacheArgumentInvalid("tags are several texts: write tags=('user:42',)")
    found = tuple(dict.fromkeys(checked_key(tag, "tag") for tag in tags))
    if len(found) > _MOST_TAGS:
        raise CacheArgumentInvalid(f"{len(found)} tags: write at most {_MOST_TAGS} for one value")
    for tag in found:
        if tag.startswith(EVERYTHING):
            raise CacheArgumentInvalid("a tag begins with '*': that is kept for clear()")
    return found


def region_tag(name: str) -> str:
    """Return the tag of all that is in the region *name*."""
    return f"{EVERYTHING}:{name}"


def seconds(given: object, what: str, *, zero: bool = False) -> float:
    """Return the duration *given* in seconds.

    Raises:
        CacheArgumentInvalid: it is no timedelta, or not above zero (or from it on, with *zero*).
    """
    if not isinstance(given, timedelta):
        told = f"{given!r}" if isinstance(given, int | float) else "..."
        raise CacheArgumentInvalid(
            f"{what} is a {type(given).__name__}: write {what}=timedelta(seconds={told})"
        )
    if given < timedelta() or (not given and not zero):
        raise CacheArgumentInvalid(
            f"{what} is {given.total_seconds():g} s: write "
            + ("zero or more" if zero else "more than zero")
            + (f"; what shall go is removed by delete() ({what})" if what == "ttl" else "")
        )
    if given > _LONGEST_TIME:
        raise CacheArgumentInvalid(f"{what} is {given.days} days: write at most 3650")
    return given.total_seconds()


def share(given: object, what: str) -> float:
    """Return *given*, a number from 0 up to but without 1."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1:
        raise CacheArgumentInvalid(f"{what}={given!r}: write a share from 0 up to below 1, as 0.8")
    return float(given)


class Pattern:
    """Text in which ``*`` stands for any text; matching takes time in step with the text."""

    __slots__ = ("_first", "_last", "_middle", "text")

    def __init__(self, text: object) -> None:
        self.text = checked_key(text, "pattern")
        first, *rest = self.text.split(EVERYTHING)
        self._first = first
        self._last = rest.pop() if rest else None
        self._middle = [part for part in rest if part]

    def matches(self, key: str) -> bool:
        """Tell whether *key* is what the pattern means."""
        first, last = self._first, self._last
        if last is None:
            return key == first
        if not key.startswith(first):
            return False
        place = len(first)
        for part in self._middle:
            found = key.find(part, place)
            if found < 0:
                return False
            place = found + len(part)
        return len(key) - len(last) >= place and key.endswith(last)
