"""``/hub/v1/dashboard``: my own home page."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from mainhub.access import Decide, decide
from mainhub.frontends.dashboards.layout import Card, Dashboard, checked
from mainhub.frontends.dashboards.store import Dashboards
from mainhub.frontends.port import Registry
from mainhub.frontends.resolution import resolve
from mainhub.frontends.widget import Size
from mainhub.identity import Person
from mainhub.web import Guard

__all__ = ["DashboardRoutes"]


class PlacedCard(BaseModel):
    """A widget, named FRONTEND/NAME, and how wide it stands."""

    model_config = ConfigDict(extra="forbid")

    widget: Annotated[str, Field(max_length=200)]
    size: Size


class PlacedCards(BaseModel):
    """The cards in their order. *generation* changes with each save; 0 is the default."""

    model_config = ConfigDict(extra="forbid")

    generation: Annotated[int, Field(ge=0)]
    cards: Annotated[list[PlacedCard], Field(max_length=200)]


class DashboardRoutes:
    """Makes the router; *registry* tells which widgets a person may place."""

    def __init__(
        self,
        *,
        dashboards: Dashboards,
        registry: Registry,
        guard: Guard,
        decide: Decide = decide,
    ) -> None:
        self._dashboards = dashboards
        self._registry = registry
        self._guard = guard
        self._decide = decide

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/hub/v1", tags=["dashboard"])
        add = router.add_api_route
        add("/dashboard", self.load, summary="The cards on my home page, in order")
        add("/dashboard", self.save, methods=["PUT"], summary="Place my cards")
        add("/dashboard", self.reset, methods=["DELETE"], summary="Back to the default")
        return router

    async def load(self, request: Request) -> PlacedCards:
        """Return my cards, or the default ones."""
        caller = await self._guard.require(request)
        return _shown(await self._dashboards.load(caller.person.id))

    async def save(self, request: Request, wanted: PlacedCards) -> PlacedCards:
        """Replace my cards, unless another page of mine did so since they were loaded."""
        person = (await self._guard.require(request)).person
        before = await self._dashboards.load(person.id)
        cards = checked(
            [Card(card.widget, card.size) for card in wanted.cards],
            known=await self._known(person),
            before=before.cards,
        )
        saved = await self._dashboards.save(person.id, cards, generation=wanted.generation)
        return _shown(saved)

    async def reset(self, request: Request) -> PlacedCards:
        """Forget my cards and return the default ones."""
        caller = await self._guard.require(request)
        return _shown(await self._dashboards.reset(caller.person.id))

    async def _known(self, person: Person) -> set[str]:
        open_to = resolve(await self._registry.all(), person, "/", decide=self._decide).open_to
        return {
            f"{frontend.name}/{widget.name}" for frontend in open_to for widget in frontend.widgets
        }


def _shown(dashboard: Dashboard) -> PlacedCards:
    return PlacedCards(
        generation=dashboard.generation,
        cards=[PlacedCard(widget=card.widget, size=card.size) for card in dashboard.cards],
    )
