"""``/hub/v1/access``, for administrators."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mainhub.access import Grants, Need, Policy
from mainhub.control.access.described import (
    AccessState,
    Explained,
    GrantEntry,
    PersonEntry,
    Wanted,
    explained,
    state,
)
from mainhub.control.access.matters import Matter, Matters
from mainhub.errors import Invalid
from mainhub.identity import ADMIN, ROLELESS, Person
from mainhub.web import Guard, Network, client_address

__all__ = ["AccessRoutes", "FindPerson"]

_WHAT: Final = "Access"
_Text = Annotated[str, Field(min_length=1, max_length=512)]
FindPerson = Callable[[str], Awaitable[Person | None]]
"""Returns the person of that id as their latest session knows them, or ``None``."""


class Asked(BaseModel):
    """Whom it is about: a *person* by id, or whoever has these *roles* and *groups*.

    With a *need* only that is explained: a role, or a permission.
    """

    model_config = ConfigDict(extra="forbid")

    person: _Text | None = None
    roles: Annotated[list[_Text], Field(max_length=100)] = []
    groups: Annotated[list[_Text], Field(max_length=1000)] = []
    need: _Text | None = None


class AccessRoutes:
    """Makes the router.

    Args:
        grants: what is given at run time, kept in *policy*.
        matters: what can be asked about.
        find_person: knows people who are signed in.
        changed: told after something was given or taken back.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        grants: Grants,
        matters: Matters,
        find_person: FindPerson,
        guard: Guard,
        changed: Callable[[], object],
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._policy = policy
        self._grants = grants
        self._matters = matters
        self._find_person = find_person
        self._guard = guard
        self._changed = changed
        self._trusted = tuple(trusted_proxies)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1/access", tags=["access"])
        add = router.add_api_route
        add("", self.state, summary="Who is given what")
        add("/explain", self.explain, summary="What somebody may do, and why")
        add("/grants", self.give, methods=["POST"], status_code=201, summary="Give something")
        add(
            "/grants/{id}",
            self.take_back,
            methods=["DELETE"],
            status_code=204,
            summary="Take a grant back",
        )
        return router

    async def state(self, request: Request) -> AccessState:
        """Return what the settings give and what was given at run time."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        return state(self._policy, await self._matters())

    async def explain(self, request: Request, asked: Annotated[Asked, Query()]) -> Explained:
        """Return what somebody has and may do, each with every reason."""
        await self._guard.require_role(request, (ADMIN,), _WHAT)
        person, named = await self._whom(asked)
        matters = list(await self._matters())
        if asked.need is not None:
            wanted = Need.any_of((asked.need,))
            matters = [Matter("administration", asked.need, wanted)]
        return explained(self._policy, person, matters, named=named)

    async def give(self, request: Request, wanted: Wanted) -> GrantEntry:
        """Give roles and permissions, on the record; it counts at once, everywhere within 1 s."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        address = client_address(request.scope, self._trusted)
        grant = await self._grants.give(wanted.grant(), by=caller.person, address=address)
        self._changed()
        return GrantEntry.of(grant)

    async def take_back(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's name
        """Take back what was given, on the record; open pages and streams lose it at once."""
        caller = await self._guard.require_role(request, (ADMIN,), _WHAT)
        address = client_address(request.scope, self._trusted)
        await self._grants.take_back(id, by=caller.person, address=address)
        self._changed()
        return Response(status_code=204)

    async def _whom(self, asked: Asked) -> tuple[Person, PersonEntry | None]:
        if asked.person is None:
            if not asked.roles and not asked.groups:
                raise Invalid(
                    "Nobody is named.", remedy="Give person, or one or more of roles and groups."
                )
            roles = tuple(asked.roles) or (ROLELESS,)
            return Person("-", "-", None, roles, None, "-", groups=tuple(asked.groups)), None
        if asked.roles or asked.groups:
            raise Invalid("Both a person and roles or groups are named.", remedy="Give one.")
        found = await self._find_person(asked.person)
        if found is not None:
            return found, PersonEntry(id=found.id, name=found.name)
        # Not signed in: what their next token says is not known, what they are given is.
        unknown = Person(
            asked.person, asked.person, None, (ROLELESS,), None, "-", groups_known=False
        )
        return unknown, None
