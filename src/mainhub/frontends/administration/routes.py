"""``/hub/v1/frontends/all`` and ``/hub/v1/frontends/{name}``, for administrators."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from mainhub.frontends.port import Change, Registered, Registry
from mainhub.frontends.routes import FrontendEntry
from mainhub.frontends.shell import Shell
from mainhub.identity import ADMIN
from mainhub.web import Guard, Network, client_address

__all__ = ["AdministrationRoutes"]

_WHAT = "The registry of front-ends"


class RegisteredFrontend(FrontendEntry):
    """A front-end as operators see it: *changed* names the fields that they have changed.

    *apis* are the services that it may call; no service of this hub has one of *unknown_apis*.
    """

    active: bool
    roles: list[str]
    apis: list[str]
    unknown_apis: list[str]
    generation: int
    shipped: bool
    changed: list[str]
    changed_at: datetime | None
    changed_by: str | None


class RegisteredFrontends(BaseModel):
    """All of them, in the order of the navigation."""

    items: list[RegisteredFrontend]


class FrontendPatch(BaseModel):
    """What to change; *generation* is the one that was seen."""

    model_config = ConfigDict(extra="forbid")

    generation: Annotated[int, Field(ge=1)]
    active: bool | None = None
    roles: Annotated[list[str], Field(max_length=64)] | None = None
    apis: Annotated[list[str], Field(max_length=64)] | None = None


class AdministrationRoutes:
    """Makes the router.

    *changed* is called after each change, to tell the open pages; *services* names those behind the
    gateway.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        shell: Shell,
        guard: Guard,
        changed: Callable[[], None],
        services: Callable[[], Collection[str]] = tuple,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._registry = registry
        self._shell = shell
        self._guard = guard
        self._changed = changed
        self._services = services
        self._trusted = trusted_proxies

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1", tags=["front-ends"])
        add = router.add_api_route
        add("/frontends/all", self.all, summary="Every front-end, open to me or not")
        add(
            "/frontends/{name}",
            self.change,
            methods=["PATCH"],
            summary="Open or close a front-end, or change who may open it and what it may call",
        )
        return router

    async def all(self, request: Request) -> RegisteredFrontends:
        """Return every front-end with its history."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        items = [self._shown(entry) for entry in await self._registry.registered()]
        return RegisteredFrontends(items=items)

    async def change(self, request: Request, name: str, patch: FrontendPatch) -> RegisteredFrontend:
        """Change a front-end for everybody, at once and without a restart."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        after = await self._registry.change(
            name,
            Change(active=patch.active, roles=_once(patch.roles), apis=_once(patch.apis)),
            generation=patch.generation,
            by=caller.person,
            address=client_address(request.scope, self._trusted),
        )
        if after.generation != patch.generation:
            self._changed()
        return self._shown(after)

    def _shown(self, entry: Registered) -> RegisteredFrontend:
        (described,) = self._shell.describe([entry.frontend])
        known = self._services()
        return RegisteredFrontend.model_validate(
            described
            | {
                "active": entry.frontend.active,
                "roles": list(entry.frontend.roles),
                "apis": list(entry.frontend.apis),
                "unknown_apis": [name for name in entry.frontend.apis if name not in known],
                "generation": entry.generation,
                "shipped": entry.shipped,
                "changed": list(entry.changed),
                "changed_at": entry.changed_at,
                "changed_by": entry.changed_by,
            }
        )


def _once(names: list[str] | None) -> tuple[str, ...] | None:
    """Return *names*, of which one given twice is given once."""
    return None if names is None else tuple(dict.fromkeys(names))
