from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.some_frontends import frontend, widget
from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.cache import Cache
from mainhub.clock import SystemClock
from mainhub.frontends.dashboards import (
    Card,
    Dashboard,
    DashboardChanged,
    Dashboards,
    LayoutInvalid,
    checked,
)
from mainhub.frontends.dashboards.routes import DashboardRoutes
from mainhub.web import Edge, Guard, Hosts
from sessions.moved_clock import MovedClock
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from mainhub.clock import Clock
    from mainhub.frontends import Registry
    from mainhub.storage import Database

OPEN, LATE, SECRET = (
    Card("orders/open", "large"),
    Card("orders/late", "small"),
    Card("pay/roll", "full"),
)
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
JSON = ("content-type", "application/json")


def kept(database: Database, clock: Clock) -> Dashboards:
    minute = timedelta(minutes=1)
    return Dashboards(database, clock=clock, default=(OPEN,), cache=Cache(), fresh=minute)


@pytest.fixture
def dashboards(migrated: Database) -> Dashboards:
    return kept(migrated, SystemClock())


@pytest.fixture
async def people(registry: Registry, dashboards: Dashboards) -> Edge:
    await registry.put(frontend(widgets=(widget("open"), widget("late"))))
    await registry.put(
        frontend("pay", routes=("/pay",), roles=("Payroll",), widgets=(widget("roll"),))
    )
    guard = Guard(Scripted(signed_in("Employee")), own_origin="https://hub.example", judge=require)
    routes = DashboardRoutes(dashboards=dashboards, registry=registry, guard=guard)
    return Edge(control_app([routes.router()]), hosts=Hosts("https://hub.example"))


async def put(app: Edge, generation: int, *cards: dict[str, Any]) -> Answered:
    body = json.dumps({"generation": generation, "cards": cards}).encode()
    return await ask(app, "/hub/v1/dashboard", *OURS, JSON, method="PUT", body=body)


def shown(card: Card) -> dict[str, Any]:
    return {"widget": card.widget, "size": card.size}


@pytest.mark.anyio
class TestStore:
    async def test_who_has_placed_nothing_has_the_default(self, dashboards: Dashboards) -> None:
        assert await dashboards.load("linus") == Dashboard(0, (OPEN,))

    async def test_each_has_their_own(self, dashboards: Dashboards) -> None:
        saved = await dashboards.save("linus", (LATE, OPEN), generation=0)
        assert saved.cards == (LATE, OPEN)
        assert saved == await dashboards.load("linus")
        assert await dashboards.load("ada") == Dashboard(0, (OPEN,))

    async def test_of_two_pages_at_once_one_wins_and_the_other_is_told(
        self, dashboards: Dashboards
    ) -> None:
        saves = [dashboards.save("linus", (LATE,), generation=0) for _ in range(6)]
        outcomes = await asyncio.gather(*saves, return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, DashboardChanged)]
        assert len(refused) == 5
        assert (await dashboards.load("linus")).generation > 0

    async def test_an_empty_one_is_no_default(self, dashboards: Dashboards) -> None:
        await dashboards.save("linus", (), generation=0)
        assert (await dashboards.load("linus")).cards == ()
        assert await dashboards.reset("linus") == Dashboard(0, (OPEN,))
        assert await dashboards.load("linus") == Dashboard(0, (OPEN,))

    async def test_a_page_from_before_a_reset_overwrites_nothing(self, migrated: Database) -> None:
        clock = MovedClock()
        dashboards = kept(migrated, clock)
        old = await dashboards.save("linus", (LATE,), generation=0)
        await dashboards.reset("linus")
        clock.move(timedelta(seconds=2))
        await dashboards.save("linus", (OPEN,), generation=0)
        with pytest.raises(DashboardChanged):
            await dashboards.save("linus", (LATE,), generation=old.generation)


@pytest.mark.anyio
class TestRoutes:
    async def test_places_moves_and_goes_back_to_the_default(self, people: Edge) -> None:
        first = json.loads((await ask(people, "/hub/v1/dashboard")).body)
        assert first == {"generation": 0, "cards": [shown(OPEN)]}
        placed = json.loads((await put(people, 0, shown(LATE), shown(OPEN))).body)
        assert placed["cards"] == [shown(LATE), shown(OPEN)]
        assert json.loads((await ask(people, "/hub/v1/dashboard")).body) == placed
        reset = await ask(people, "/hub/v1/dashboard", *OURS, method="DELETE")
        assert json.loads(reset.body) == first

    async def test_a_stale_page_is_told_to_load_again(self, people: Edge) -> None:
        await put(people, 0, shown(LATE))
        answer = await put(people, 0, shown(OPEN))
        assert (answer.status, answer.problem_name) == (409, "conflict")
        assert answer.problem["remedy"]

    async def test_a_card_that_is_not_available_now_may_stay(
        self, people: Edge, dashboards: Dashboards
    ) -> None:
        saved = await dashboards.save("t.ada", (SECRET, OPEN), generation=0)
        answer = await put(people, saved.generation, shown(OPEN), shown(SECRET))
        assert answer.status == 200

    @pytest.mark.parametrize(
        "cards",
        [
            [shown(SECRET)],
            [shown(OPEN), shown(OPEN)],
            [{"widget": "orders/none", "size": "small"}],
            [{"widget": "orders", "size": "small"}],
            [{"widget": "../orders/open", "size": "small"}],
            [{"widget": "orders/open", "size": "huge"}],
            [{"widget": "orders/open"}],
            [{"widget": "orders/open", "size": "small", "x": 1}],
            [shown(OPEN)] * 300,
        ],
    )
    async def test_cards_that_cannot_stand_are_refused(
        self, people: Edge, cards: list[dict[str, Any]]
    ) -> None:
        answer = await put(people, 0, *cards)
        assert (answer.status, answer.problem_name) == (400, "invalid")
        assert answer.problem["remedy"]
        assert json.loads((await ask(people, "/hub/v1/dashboard")).body)["generation"] == 0


@given(
    cards=st.lists(
        st.builds(Card, st.sampled_from(["a/a", "a/b", "b/a", "x/y", "?"]), st.just("small")),
        max_size=30,
    )
)
def test_what_is_saved_holds_each_widget_once_and_only_ones_own(cards: list[Card]) -> None:
    try:
        sound = checked(cards, known={"a/a", "a/b"}, before=(Card("x/y", "full"),))
    except LayoutInvalid:
        names = [card.widget for card in cards]
        wrong = set(names) - {"a/a", "a/b", "x/y"}
        assert len(names) > 24 or len(set(names)) < len(names) or wrong
    else:
        assert sound == tuple(cards)
