"""Calling a factory, and what it makes of a value."""

import asyncio
import inspect
from dataclasses import dataclass
from typing import Any

from mainhub.cache.envelope import LONGEST_ETAG, packed
from mainhub.cache.failures import CacheArgumentInvalid, CacheValueInvalid, FactoryTimedOut
from mainhub.cache.flight import MAKING, NOT_MODIFIED, Factory, Fill, Flight, takes_fill
from mainhub.cache.frozen import freeze
from mainhub.cache.keys import EVERYTHING, checked_tags, seconds
from mainhub.cache.options import MISSING, Options
from mainhub.resilience import on_its_own

__all__ = ["Made", "call_factory", "make"]


@dataclass(frozen=True, slots=True)
class Made:
    """A value to be kept, and how; ``body`` are its bytes."""

    value: Any
    body: bytes
    ttl: float
    stale_ttl: float
    tags: tuple[str, ...]
    etag: str | None


def make(
    value: Any,
    options: Options,
    *,
    most: int,
    ttl: float,
    stale_ttl: float,
    tags: tuple[str, ...],
    etag: str | None = None,
) -> Made:
    """Return *value* frozen and written.

    Raises:
        CacheValueInvalid: it cannot be kept.
    """
    frozen = freeze(value)
    body = packed(frozen)
    if len(body) > most:
        raise CacheValueInvalid(
            f"the value has {len(body)} bytes: a cache keeps {most} at most; "
            "keep less, or set max_value_bytes"
        )
    return Made(frozen, body, options.lifetime(ttl, frozen), stale_ttl, tags, etag)


async def call_factory(flight: Flight, factory: Factory, *, most: int) -> Made | None:
    """Return what *factory* makes, or ``None`` if there is nothing.

    Raises:
        FactoryTimedOut: it took too long.
        CacheValueInvalid: what it made cannot be kept.
        CacheArgumentInvalid: what it set makes no sense.
        Exception: it raised that.
    """
    options = flight.options
    fill = None
    if takes_fill(factory):
        names = [tag for tag in options.tags if not tag.startswith(EVERYTHING)]
        fill = Fill(flight.key, options, names, flight.last)
    value = await _called(factory, fill, flight)
    if value is MISSING:
        return None
    if fill is None:
        return make(
            value,
            options,
            most=most,
            ttl=options.ttl,
            stale_ttl=options.stale_ttl,
            tags=options.tags,
        )
    if value is NOT_MODIFIED:
        value = fill.stale
    own_tags = tuple(tag for tag in options.tags if tag.startswith(EVERYTHING))
    return make(
        value,
        options,
        most=most,
        ttl=seconds(fill.ttl, "ttl"),
        stale_ttl=seconds(fill.stale_ttl, "stale_ttl", zero=True),
        tags=(*own_tags, *checked_tags(fill.tags)),
        etag=_checked_etag(fill.etag),
    )


async def _called(factory: Factory, fill: Fill | None, flight: Flight) -> Any:
    timeout = flight.options.hard_timeout
    task = on_its_own(_awaited(factory, fill, flight), name="cache.factory")
    flight.own(task)
    try:
        await asyncio.wait({task}, timeout=timeout)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not task.done():
        task.cancel()
        raise FactoryTimedOut(f"the value was not made within {timeout:g} s")
    if task.cancelled():
        raise FactoryTimedOut("the factory was cancelled from within")
    return task.result()


async def _awaited(factory: Factory, fill: Fill | None, flight: Flight) -> Any:
    MAKING.set(flight)
    made = factory() if fill is None else factory(fill)
    if not inspect.isawaitable(made):
        raise CacheArgumentInvalid(
            f"the factory returned {type(made).__name__}, which cannot be awaited: "
            "write `async def`, or asyncio.to_thread"
        )
    return await made


def _checked_etag(etag: object) -> str | None:
    if etag is None:
        return None
    if not isinstance(etag, str) or len(etag.encode("utf-8", "ignore")) > LONGEST_ETAG:
        raise CacheArgumentInvalid(f"an etag is text of {LONGEST_ETAG} bytes at most")
    try:
        etag.encode()
    except UnicodeEncodeError:
        raise CacheArgumentInvalid("an etag holds no halves of characters") from None
    return etag
