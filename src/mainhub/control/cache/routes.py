"""``/hub/v1/cache``, for administrators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from mainhub.audit import Action, AuditLog, AuditUnavailable, Entry, Outcome, Target
from mainhub.cache import Cache, Pattern, checked_key, checked_tags
from mainhub.clock import Clock
from mainhub.control.cache.described import (
    CacheState,
    Concerned,
    FoundEntry,
    Invalidated,
    describe,
    found,
)
from mainhub.control.cache.history import CacheHistory
from mainhub.errors import Invalid, MainHubError
from mainhub.identity import ADMIN
from mainhub.telemetry import get_logger
from mainhub.web import Guard, Network, client_address

__all__ = ["CacheRoutes"]

log = get_logger("control")

_WHAT: Final = "The cache"
_TARGETS: Final = {
    "key": "cache-key",
    "pattern": "cache-pattern",
    "tag": "cache-tag",
    "all": "cache",
}
_REMEDY: Final = 'Give one of key, pattern, tag or all, such as {"tag": "person:42"}.'


class Asked(BaseModel):
    """What is asked about: one *key*, what a *pattern* matches, what has a *tag*, or *all*."""

    model_config = ConfigDict(extra="forbid")

    key: str | None = None
    pattern: str | None = None
    tag: str | None = None
    all: bool = False


class Wanted(Asked):
    """What to take back. Nothing is guessed: text is no yes."""

    model_config = ConfigDict(strict=True)


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of them, checked; *name* is ``None`` for all."""

    what: str
    name: str | None


class CacheRoutes:
    """Makes the router over *cache*.

    Args:
        kind, address: what its level 2 is, and where; ``None`` where there is none.
        history: how the cache has been.
        invalidated: told of what was taken back, and its name unless it was all.
    """

    def __init__(
        self,
        *,
        cache: Cache,
        kind: str | None,
        address: str | None,
        history: CacheHistory,
        audit: AuditLog,
        guard: Guard,
        clock: Clock,
        invalidated: Callable[[str, str | None], object],
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._cache = cache
        self._level2 = {"kind": kind, "address": address}
        self._history = history
        self._audit = audit
        self._guard = guard
        self._clock = clock
        self._invalidated = invalidated
        self._trusted = tuple(trusted_proxies)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1/cache", tags=["cache"])
        add = router.add_api_route
        add("", self.state, summary="The cache: its levels, figures and hot keys")
        add("/entry", self.entry, summary="What is under one key")
        add("/concerned", self.concerned, summary="How many keys an invalidation would take back")
        add(
            "/invalidate",
            self.invalidate,
            methods=["POST"],
            summary="Take back a key, a pattern, a tag or everything",
        )
        return router

    async def state(self, request: Request) -> CacheState:
        """Return how the cache of the process that answers is."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        return await describe(self._cache, self._history, **self._level2, at=self._clock.now())

    async def entry(self, request: Request, key: Annotated[str, Query()]) -> FoundEntry:
        """Return what is under *key*, without counting it as use."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        return found(key, await self._cache.lookup(checked_key(key)))

    async def concerned(self, request: Request, asked: Annotated[Asked, Query()]) -> Concerned:
        """Return how many keys would go; level 2 is not searched for it."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        return await self._concerned(_chosen(asked))

    async def invalidate(self, request: Request, wanted: Wanted) -> Invalidated:
        """Record it, then take it back in this process, in level 2 and so in all others.

        What level 2 cannot be told now it is told when it answers again, before it is believed.
        """
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        choice = _chosen(wanted)
        entry = Entry(
            action=Action.CACHE_INVALIDATED,
            person=caller.person,
            address=client_address(request.scope, self._trusted),
            right=ADMIN,
            target=Target(_TARGETS[choice.what], choice.name or "*"),
        )
        # First: what cannot be recorded is not done.
        await self._audit.append(entry)
        try:
            count = await self._take_back(choice)
        except MainHubError:
            await self._not_done(entry)
            raise
        log.info("cache.invalidated", what=choice.what, name=choice.name, by=caller.person.id)
        self._invalidated(choice.what, choice.name)
        return Invalidated(
            what=choice.what, name=choice.name, count=count, pending=self._cache.pending
        )

    async def _concerned(self, choice: _Choice) -> Concerned:
        here, there = 0, None
        match choice:
            case _Choice("key", str(name)):
                is_there = found(name, await self._cache.lookup(name)).found
                here = int(is_there)
            case _Choice("pattern", str(name)):
                here = self._cache.concerned(pattern=Pattern(name))
            case _Choice("tag", str(name)):
                here = self._cache.concerned(tag=name)
            case _:
                here, there = self._cache.concerned(), await self._cache.size()
        return Concerned(what=choice.what, name=choice.name, level1=here, level2=there)

    async def _take_back(self, choice: _Choice) -> int | None:
        """Do it, and return how many keys that were, if it is known."""
        match choice:
            case _Choice("key", str(name)):
                return int(await self._cache.delete(name))
            case _Choice("pattern", str(name)):
                return await self._cache.invalidate(name)
            case _Choice("tag", str(name)):
                await self._cache.invalidate_tags(name)
            case _:
                await self._cache.clear()
        return None

    async def _not_done(self, entry: Entry) -> None:
        try:
            await self._audit.append(
                Entry(
                    action=entry.action,
                    outcome=Outcome.FAILED,
                    person=entry.person,
                    address=entry.address,
                    right=entry.right,
                    target=entry.target,
                    detail="the cache did not do it",
                )
            )
        except AuditUnavailable as error:
            log.warning("audit.not_recorded", action=str(entry.action), caused_by=repr(error))


def _chosen(asked: Asked) -> _Choice:
    """Return the one thing that is wanted.

    Raises:
        Invalid: it is none, several, or not what a key, a pattern or a tag may be.
    """
    named = (("key", asked.key), ("pattern", asked.pattern), ("tag", asked.tag))
    given = [(what, name) for what, name in named if name is not None]
    if len(given) + asked.all != 1:
        raise Invalid("Either nothing or several things are named.", remedy=_REMEDY)
    if asked.all:
        return _Choice("all", None)
    ((what, name),) = given
    if what == "tag":
        checked_tags((name,))
    else:
        checked_key(name, what)
    return _Choice(what, name)
