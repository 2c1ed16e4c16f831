"""A part of a cache with a name, defaults and a ``clear()`` of its own; the cache itself is one."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from typing_extensions import Unpack

from mainhub.cache.cached import Cached, decorate
from mainhub.cache.engine import Engine
from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.flight import Factory
from mainhub.cache.keys import (
    EVERYTHING,
    Pattern,
    checked_key,
    checked_tags,
    region_tag,
    seconds,
)
from mainhub.cache.lookup import Lookup
from mainhub.cache.options import MISSING, FillOptions, KeepOptions, Options, merged

__all__ = ["Region"]

P = ParamSpec("P")
T = TypeVar("T")


class Region:
    """Values by key; made by :meth:`Cache.region`.

    Keys are text of 1 to 512 bytes without control characters; values are JSON's kinds or
    ``bytes``, and what is handed out is read-only (:func:`thaw` gives a copy). Options that are
    not given are the region's, then the cache's:

    * ``ttl``: how long a value is fresh.
    * ``stale_ttl``: how long it may be given after that when there is no newer one.
    * ``l1_ttl``: how long this process believes it without asking level 2.
    * ``tags``: what it depends on, for :meth:`invalidate_tags`; added to the region's.
    * ``jitter``: the share by which a time may be shorter, by chance.
    * ``soft_timeout``: how long a caller waits for the factory if there is an older value.
    * ``hard_timeout``: how long the factory may take.
    * ``eager_refresh``: the share of its time after which the next value is made in advance.
    * ``negative_ttl``: how long ``None`` is fresh.
    * ``stale_retry``: for how long a factory that failed is left alone if there is an older value.

    Raises:
        CacheArgumentInvalid: an argument makes no sense; the message says what to write.
        CacheValueInvalid: a value cannot be kept; likewise.

    Level 2 never makes a call fail: what cannot be read is a miss, what cannot be written is told
    to it when it is back.
    """

    def __init__(self, engine: Engine, name: str | None, options: Options) -> None:
        self.name = name
        self.engine = engine
        self._prefix = "" if name is None else f"{name}:"
        self._tag = EVERYTHING if name is None else region_tag(name)
        own = (EVERYTHING, self._tag, *options.tags)
        self._options = replace(options, tags=tuple(dict.fromkeys(own)))
        self._is_eager = options.eager_refresh is not None
        # Kept here, since all that is in it depends on it.
        self._state = engine.level1.tag(self._tag)
        # What a hit needs, within one step.
        self._entries = engine.level1.entries
        self._level1 = engine.level1
        self._touch = engine.level1.touch
        self._figures = engine.figures
        self._now = engine.now

    async def get(self, key: str, default: Any = MISSING) -> Any:
        """Return the value of *key*, or *default* if there is none that is fresh."""
        if self._prefix:
            key = self._whole(key)
        try:
            entry = self._entries.get(key)
        except TypeError:
            entry = None
        if (
            entry is not None
            and entry.serial == self._level1.serial
            and self._now() < entry.quick_until
        ):
            self._touch(key)
            entry.hits += 1
            self._figures.l1_hits += 1
            return entry.value
        self.engine.require_open()
        return await self.engine.looker.get(checked_key(key), default, self._options.l1_ttl)

    async def get_or_set(self, key: str, factory: Factory, **options: Unpack[FillOptions]) -> Any:
        """Return the value of *key*; if there is none, the one that *factory* makes, and keep it.

        However many ask, in however many processes, it is made once. *factory* is a coroutine
        function without argument, or with one, a :class:`Fill`. ``MISSING`` from it is handed on
        and not kept.

        Raises:
            FactoryTimedOut: it took too long, and there is no older value.
            Exception: it raised that, and there is no older value.
        """
        if self._prefix:
            key = self._whole(key)
        try:
            entry = self._entries.get(key)
        except TypeError:
            entry = None
        if (
            entry is not None
            and entry.serial == self._level1.serial
            and self._now() < entry.quick_until
            and (entry.eager or not (self._is_eager or "eager_refresh" in options))
        ):
            self._touch(key)
            entry.hits += 1
            self._figures.l1_hits += 1
            return entry.value
        given = merged(self._options, {**options})
        self.engine.require_open()
        return await self.engine.filler.get_or_set(checked_key(key), factory, given)

    async def lookup(self, key: str) -> Lookup:
        """Return what is under *key*, and how it stands; not counted."""
        self.engine.require_open()
        return await self.engine.looker.lookup(self._whole(key))

    async def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the fresh values among *keys*."""
        whole = {self._whole(key): key for key in _several(keys)}
        self.engine.require_open()
        found = await self.engine.looker.get_many(list(whole), self._options.l1_ttl)
        return {whole[key]: value for key, value in found.items()}

    async def set(self, key: str, value: Any, **options: Unpack[KeepOptions]) -> None:
        """Keep *value* under *key*."""
        self._whole(key)
        await self.set_many({key: value}, **options)

    async def set_many(self, values: Mapping[str, Any], **options: Unpack[KeepOptions]) -> None:
        """Keep *values* by key."""
        given = merged(self._options, {**options})
        whole = {self._whole(key): value for key, value in values.items()}
        if any(value is MISSING for value in whole.values()):
            raise CacheArgumentInvalid("MISSING is no value: delete the key, or keep None")
        self.engine.require_open()
        await self.engine.writer.set(whole, given)

    async def delete(self, key: str) -> bool:
        """Remove *key*; return whether there was one, as far as is known."""
        return bool(await self.delete_many((key,)))

    async def delete_many(self, keys: Iterable[str]) -> int:
        """Remove *keys*; return how many there were, as far as is known."""
        whole = [self._whole(key) for key in _several(keys)]
        self.engine.require_open()
        return await self.engine.writer.delete(whole)

    async def expire(self, key: str, *, ttl: timedelta) -> bool:
        """Let the value of *key* be fresh for *ttl* from now; return whether there was one.

        If that cannot be told to level 2, the value goes.
        """
        lasts = seconds(ttl, "ttl")
        self.engine.require_open()
        return await self.engine.writer.expire(self._whole(key), lasts)

    async def invalidate(self, pattern: str) -> int:
        """Remove all keys that match *pattern* (``*``: any text); return how many there were.

        It goes through all keys of level 2: a tool for operators. A program uses tags.
        """
        checked = Pattern(self._prefix + checked_key(pattern, "pattern"))
        self.engine.require_open()
        return await self.engine.writer.invalidate(checked)

    async def invalidate_tags(self, *tags: str) -> None:
        """Remove all that has one of *tags*, in every region; it costs the same for any number."""
        self.engine.require_open()
        await self.engine.writer.invalidate_tags(checked_tags(tags))

    async def clear(self) -> None:
        """Remove all that is in here."""
        self.engine.require_open()
        await self.engine.writer.invalidate_tags((self._tag,))

    def cached(
        self, *, key: str, **options: Unpack[FillOptions]
    ) -> Callable[[Callable[P, Awaitable[T]]], Cached[P, T]]:
        """Return a decorator that keeps a function's answers under *key*, such as ``user:{id}``.

        Fields of *key* and of ``tags`` are parameters of the function, or attributes of them:
        ``{user.id}``. What is not named in *key* does not tell answers apart.
        """
        templates = checked_tags(options.pop("tags", ()))
        given = merged(self._options, {**options})
        return lambda function: decorate(
            self.engine, self._prefix, function, key, tags=templates, options=given
        )

    def _whole(self, key: str) -> str:
        checked_key(key)
        return checked_key(self._prefix + key) if self._prefix else key


def _several(keys: Iterable[str]) -> Iterable[str]:
    if isinstance(keys, str):
        raise CacheArgumentInvalid(f"keys={keys!r} is one text: write [{keys!r}]")
    return keys
