"""The cache in the words of the control API."""

from datetime import datetime
from typing import Final

import orjson
from pydantic import BaseModel

from mainhub.cache import MISSING, Cache, Lookup
from mainhub.control.cache.history import CacheHistory

__all__ = ["CacheState", "Concerned", "FoundEntry", "Invalidated", "describe", "found"]

_MOST_HOT: Final = 20
_LONGEST_PREVIEW: Final = 2000
_NO_LEVEL2: Final = {
    "kind": None,
    "address": None,
    "linked": False,
    "coherence": "local",
    "cause": None,
    "breaker": None,
    "keys": None,
    "pending": 0,
}


class Interval(BaseModel):
    """What was asked for in the few seconds that ended *at*; *errors*: level 2 did not answer."""

    at: datetime
    l1_hits: int
    l2_hits: int
    misses: int
    stale: int
    errors: int


class Level1State(BaseModel):
    """What this process keeps, and its bounds."""

    entries: int
    bytes: int
    max_entries: int
    max_bytes: int
    evictions: int


class Level2State(BaseModel):
    """What processes share; *kind* is ``null`` where there is none.

    *keys* is about how many keys its server holds, ``null`` if it does not say; *pending* is what
    it has not been told yet.
    """

    kind: str | None
    address: str | None
    linked: bool
    coherence: str
    cause: str | None
    breaker: str | None
    keys: int | None
    pending: int


class Totals(BaseModel):
    """Counts since the process started."""

    l1_hits: int
    l2_hits: int
    misses: int
    stale: int
    negative_hits: int
    unavailable: int
    fills: int
    factory_errors: int
    factory_timeouts: int
    coalesced: int
    not_kept: int
    evictions: int
    l2_errors: int
    overflows: int
    refused: dict[str, int]


class HotKeyState(BaseModel):
    """A key of level 1 that is asked for often, and the seconds until its time is over."""

    key: str
    hits: int
    bytes: int
    tags: list[str]
    expires_in: float


class HotTagState(BaseModel):
    """A tag whose keys in level 1 are asked for often."""

    tag: str
    hits: int


class CacheState(BaseModel):
    """The cache as the process that answers has it, *at* a moment."""

    every_seconds: float
    at: datetime
    history: list[Interval]
    level1: Level1State
    level2: Level2State
    totals: Totals
    hit_ratio: float | None
    hot_keys: list[HotKeyState]
    hot_tags: list[HotTagState]


class FoundEntry(BaseModel):
    """What is under a key: *outcome* is hit, miss, stale or unavailable.

    *size* is in bytes, *age* and *expires_in* in seconds (below zero: over for so long). *kind* is
    ``json`` or ``bytes``; of the latter *preview* shows the beginning in hexadecimal digits.
    """

    key: str
    found: bool
    outcome: str
    level: int | None
    size: int | None
    age: float | None
    expires_in: float | None
    tags: list[str]
    kind: str | None
    preview: str | None


class Concerned(BaseModel):
    """How many keys would go: in this process, and about how many in level 2 if that is known."""

    what: str
    name: str | None
    level1: int
    level2: int | None


class Invalidated(BaseModel):
    """What was taken back; *count* keys if that is known, and what level 2 has yet to be told."""

    what: str
    name: str | None
    count: int | None
    pending: int


async def describe(
    cache: Cache, history: CacheHistory, *, kind: str | None, address: str | None, at: datetime
) -> CacheState:
    """Return how *cache* is at this moment.

    *kind* names what its level 2 is, and *address* where that should be while it is not linked.
    """
    told = cache.describe()
    shared = told["level2"] or _NO_LEVEL2
    if told["level2"] is not None:
        place = shared["address"] if shared["linked"] else address or shared["address"]
        shared = {**shared, "kind": kind, "address": place, "keys": await cache.size()}
    totals = told["totals"]
    return CacheState(
        every_seconds=history.every.total_seconds(),
        at=at,
        history=[Interval.model_validate(one, from_attributes=True) for one in history.moments],
        level1=Level1State.model_validate(told["level1"]),
        level2=Level2State.model_validate(shared),
        totals=Totals.model_validate(
            {**totals, "refused": {str(why): n for why, n in totals["refused"].items()}}
        ),
        hit_ratio=told["hit_ratio"],
        hot_keys=[
            HotKeyState(
                key=hot.key,
                hits=hot.hits,
                bytes=hot.size,
                tags=list(hot.tags),
                expires_in=round(hot.expires_in, 1),
            )
            for hot in cache.hot_keys(_MOST_HOT)
        ],
        hot_tags=[HotTagState(tag=hot.tag, hits=hot.hits) for hot in cache.hot_tags(_MOST_HOT)],
    )


def found(key: str, seen: Lookup) -> FoundEntry:
    """Return what was *seen* under *key*."""
    is_there = seen.value is not MISSING
    is_bytes = isinstance(seen.value, bytes)
    return FoundEntry(
        key=key,
        found=is_there,
        outcome=seen.outcome,
        level=seen.level,
        size=seen.size,
        age=None if seen.age is None else round(seen.age, 1),
        expires_in=None if seen.expires_in is None else round(seen.expires_in, 1),
        tags=list(seen.tags),
        kind=("bytes" if is_bytes else "json") if is_there else None,
        preview=_preview(seen.value) if is_there else None,
    )


def _preview(value: object) -> str:
    if isinstance(value, bytes):
        return value[: _LONGEST_PREVIEW // 3].hex(" ")
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return text if len(text) <= _LONGEST_PREVIEW else text[:_LONGEST_PREVIEW] + "…"
