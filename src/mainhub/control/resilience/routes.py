"""``/hub/v1/resilience``, for administrators."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mainhub.audit import Action, AuditLog, Entry, Target
from mainhub.clock import Clock
from mainhub.control.resilience.described import PipelineState, describe
from mainhub.errors import Conflict
from mainhub.identity import ADMIN
from mainhub.resilience import CircuitBreaker, Pipelines
from mainhub.web import Guard, Network, client_address

__all__ = ["ResilienceRoutes"]

# Who is signed in stands there, so whoever isolated it could not close it again.
_NEEDED: Final = frozenset({"database", "sessions"})
_WHAT: Final = "What protects the hub's calls"


class NoBreaker(Conflict):
    """The pipeline has no circuit breaker, so there is nothing to steer."""

    kind = "no-breaker"
    headline = "There is no circuit breaker"


class WouldLockOut(Conflict):
    """Nobody could be asked who they are any more, so nobody could take it back."""

    kind = "would-lock-out"
    headline = "Nobody could take it back"


class Deed(StrEnum):
    """What an administrator can do with a breaker."""

    ISOLATE = "isolate"
    CLOSE = "close"
    DISABLE = "disable"


class PipelineList(BaseModel):
    """Every named pipeline *at* a moment; their history has a point every so many seconds."""

    items: list[PipelineState]
    every_seconds: float
    at: datetime


class ResilienceRoutes:
    """Makes the router over *pipelines*."""

    def __init__(
        self,
        *,
        pipelines: Pipelines,
        audit: AuditLog,
        guard: Guard,
        clock: Clock,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._pipelines = pipelines
        self._audit = audit
        self._guard = guard
        self._clock = clock
        self._trusted = tuple(trusted_proxies)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1/resilience", tags=["resilience"])
        router.add_api_route("", self.all, summary="Every way out of the hub, and how it is")
        router.add_api_route("/{name}", self.one, summary="One way out of the hub")
        router.add_api_route(
            "/{name}/{deed}",
            self.steer,
            methods=["POST"],
            summary="Isolate, close or disable a circuit breaker",
        )
        return router

    async def all(self, request: Request) -> PipelineList:
        """Return every pipeline with its latest history."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        items = [describe(entry, clock=self._clock) for entry in self._pipelines]
        every_seconds = self._pipelines.every.total_seconds()
        return PipelineList(items=items, every_seconds=every_seconds, at=self._clock.now())

    async def one(self, request: Request, name: str) -> PipelineState:
        """Return the pipeline *name*."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        return describe(self._pipelines.get(name), clock=self._clock)

    async def steer(self, request: Request, name: str, deed: Deed) -> PipelineState:
        """Record the decision, then put it into effect at once.

        ``isolate`` lets no call pass, ``disable`` every call, whatever happens; ``close`` begins
        anew with a closed circuit, from any state.
        """
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        entry = self._pipelines.get(name)
        breaker = entry.pipeline.breaker
        if breaker is None:
            raise NoBreaker(f"{entry.title} is called without a circuit breaker")
        if deed is Deed.ISOLATE and entry.kind in _NEEDED:
            raise WouldLockOut(
                f"without {entry.title} the hub knows nobody, an administrator neither",
                remedy="Stop the hub if nothing may reach it.",
            )
        # First: what cannot be recorded is not done.
        await self._audit.append(
            Entry(
                action=Action.RESILIENCE_CHANGED,
                person=caller.person,
                address=client_address(request.scope, self._trusted),
                right=ADMIN,
                target=Target("pipeline", name),
                before={"state": breaker.state},
                after={"deed": deed},
            )
        )
        _carry_out(breaker, deed, by=caller.person.name)
        if deed is not Deed.ISOLATE:
            entry.pipeline.resume()
        return describe(entry, clock=self._clock)


def _carry_out(breaker: CircuitBreaker, deed: Deed, *, by: str) -> None:
    if deed is Deed.ISOLATE:
        breaker.isolate(by)
    elif deed is Deed.DISABLE:
        breaker.disable(by)
    else:
        breaker.close(by)
