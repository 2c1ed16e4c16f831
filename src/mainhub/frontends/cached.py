"""A registry that is asked less often than pages are, and whose list outlives its database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from typing_extensions import override

from mainhub.cache import Cache, Region
from mainhub.frontends.port import Change, Frontend, FrontendInvalid, Registered, Registry
from mainhub.frontends.widget import Widget
from mainhub.identity import Person
from mainhub.telemetry import get_logger

__all__ = ["CachedRegistry"]

log = get_logger("frontends")

_ALL: Final = "all"
# Navigation that is a little old is better than none while the database is away.
_STALE: Final = timedelta(hours=12)


class CachedRegistry(Registry):
    """Keeps what :meth:`all` gives in *cache*, and forgets it with every change made through it.

    Args:
        registry: the one that is asked.
        cache: where the list is kept.
        fresh: how long the list is believed; short where other processes are not heard.
    """

    def __init__(self, registry: Registry, cache: Cache, *, fresh: timedelta) -> None:
        self._registry = registry
        self._kept: Region = cache.region("frontends", ttl=fresh, stale_ttl=_STALE)

    @override
    async def all(self) -> list[Frontend]:
        try:
            return [_made(plain) for plain in await self._kept.get_or_set(_ALL, self._load)]
        except (KeyError, TypeError, FrontendInvalid) as error:
            # Kept by another version of the hub, which knows other fields.
            log.info("frontends.cache_unreadable", caused_by=repr(error))
            await self._kept.delete(_ALL)
            return await self._registry.all()

    @override
    async def registered(self) -> list[Registered]:
        return await self._registry.registered()

    @override
    async def change(
        self, name: str, change: Change, *, generation: int, by: Person, address: str | None
    ) -> Registered:
        try:
            return await self._registry.change(
                name, change, generation=generation, by=by, address=address
            )
        finally:
            # Whatever came of it: what was written may have been before an error.
            await self._kept.delete(_ALL)

    @override
    async def put(self, frontend: Frontend) -> None:
        try:
            await self._registry.put(frontend)
        finally:
            await self._kept.delete(_ALL)

    @override
    async def ensure(self, frontend: Frontend) -> None:
        try:
            await self._registry.ensure(frontend)
        finally:
            await self._kept.delete(_ALL)

    @override
    async def remove(self, name: str) -> bool:
        try:
            return await self._registry.remove(name)
        finally:
            await self._kept.delete(_ALL)

    async def _load(self) -> list[dict[str, Any]]:
        return [asdict(frontend) for frontend in await self._registry.all()]


def _made(plain: Mapping[str, Any]) -> Frontend:
    lists: dict[str, Sequence[str]] = {field: plain[field] for field in ("routes", "roles", "apis")}
    return Frontend(
        **{
            **plain,
            "titles": dict(plain["titles"]),
            **{name: tuple(words) for name, words in lists.items()},
            "widgets": tuple(_widget(one) for one in plain["widgets"]),
        }
    )


def _widget(plain: Mapping[str, Any]) -> Widget:
    return Widget(
        **{
            **plain,
            "titles": dict(plain["titles"]),
            "summaries": dict(plain["summaries"]),
        }
    )
