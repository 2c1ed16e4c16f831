from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from frontends.made_up_build import made_up_build
from frontends.served_shell import made_up_shell
from frontends.some_frontends import frontend, widget
from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.frontends.administration.routes import AdministrationRoutes
from mainhub.web import Edge, Guard, Hosts
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from mainhub.frontends import Registry

pytestmark = pytest.mark.anyio
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
JSON = ("content-type", "application/json")
ADMIN = frontend("admin", routes=("/admin",), roles=("Admin",))


class Administered:
    """The routes over *registry*, for somebody with *roles*."""

    def __init__(self, registry: Registry, *roles: str) -> None:
        self.told = 0
        guard = Guard(Scripted(signed_in(*roles)), own_origin="https://hub.example", judge=require)
        routes = AdministrationRoutes(
            registry=registry,
            shell=made_up_shell(made_up_build()),
            guard=guard,
            changed=self._tell,
            services=lambda: {"orders", "stock"},
        )
        self._app = Edge(control_app([routes.router()]), hosts=Hosts("https://hub.example"))

    def _tell(self) -> None:
        self.told += 1

    async def list(self) -> Answered:
        return await ask(self._app, "/hub/v1/frontends/all")

    async def patch(self, name: str, change: dict[str, Any]) -> Answered:
        body = json.dumps(change).encode()
        target = f"/hub/v1/frontends/{name}"
        return await ask(self._app, target, *OURS, JSON, method="PATCH", body=body)


@pytest.fixture
async def registered(registry: Registry) -> Registry:
    await registry.put(frontend(widgets=(widget(),)))
    await registry.put(ADMIN)
    return registry


async def test_lists_every_front_end_with_its_history(registered: Registry) -> None:
    answer = await Administered(registered, "Admin").list()
    found = {entry["name"]: entry for entry in json.loads(answer.body)["items"]}
    assert set(found) == {"orders", "admin"}
    orders = found["orders"]
    assert (orders["active"], orders["roles"], orders["generation"]) == (True, ["Employee"], 1)
    assert (orders["shipped"], orders["changed"], orders["changed_by"]) == (True, [], None)
    assert [card["name"] for card in orders["widgets"]] == ["open"]


async def test_a_change_takes_effect_at_once_and_the_pages_are_told(registered: Registry) -> None:
    hub = Administered(registered, "Admin")
    change = {"generation": 1, "active": False, "roles": ["Editor", "Editor"]}
    after = json.loads((await hub.patch("orders", change)).body)
    assert (after["active"], after["roles"], after["generation"]) == (False, ["Editor"], 2)
    assert (after["changed"], after["changed_by"]) == (["active", "roles"], "Ada")
    assert hub.told == 1
    assert [one.active for one in await registered.all() if one.name == "orders"] == [False]


async def test_what_it_calls_is_changed_at_once_and_what_nobody_knows_is_told(
    registered: Registry,
) -> None:
    hub = Administered(registered, "Admin")
    listed = json.loads((await hub.list()).body)["items"]
    assert [(one["apis"], one["unknown_apis"]) for one in listed] == [([], [])] * 2
    change = {"generation": 1, "apis": ["stock", "weather", "stock"]}
    after = json.loads((await hub.patch("orders", change)).body)
    assert (after["apis"], after["unknown_apis"]) == (["stock", "weather"], ["weather"])
    assert (after["changed"], hub.told) == (["apis"], 1)


async def test_the_same_again_is_no_change(registered: Registry) -> None:
    hub = Administered(registered, "Admin")
    answer = await hub.patch("orders", {"generation": 1, "active": True})
    assert (answer.status, hub.told) == (200, 0)


@pytest.mark.parametrize(
    ("name", "change", "status", "problem"),
    [
        ("orders", {"generation": 7, "active": False}, 409, "conflict"),
        ("nobody", {"generation": 1, "active": False}, 404, "not-found"),
        ("admin", {"generation": 1, "active": False}, 409, "would-lock-out"),
        ("admin", {"generation": 1, "roles": []}, 409, "would-lock-out"),
        ("orders", {"generation": 1, "roles": [""]}, 400, "invalid"),
        ("orders", {"generation": 1, "roles": ["a\u0000b"]}, 400, "invalid"),
        ("orders", {"generation": 1, "roles": ["r"] * 65}, 400, "invalid"),
        ("orders", {"generation": 1, "roles": "Admin"}, 400, "invalid"),
        ("orders", {"generation": 1, "apis": ["Orders"]}, 400, "invalid"),
        ("orders", {"generation": 1, "apis": ["*"]}, 400, "invalid"),
        ("orders", {"generation": 1, "apis": ["../orders"]}, 400, "invalid"),
        ("orders", {"generation": 1, "apis": ["a"] * 65}, 400, "invalid"),
        ("orders", {"generation": 1, "url": "https://evil.example/x.js"}, 400, "invalid"),
        ("orders", {"active": False}, 400, "invalid"),
        ("orders", {"generation": 0, "active": False}, 400, "invalid"),
    ],
)
async def test_a_wrong_change_is_refused_with_a_remedy(
    registered: Registry, name: str, change: dict[str, Any], status: int, problem: str
) -> None:
    hub = Administered(registered, "Admin")
    before = await registered.registered()
    answer = await hub.patch(name, change)
    assert (answer.status, answer.problem_name) == (status, problem)
    if status in {404, 409}:
        assert answer.problem["remedy"]
    assert await registered.registered() == before
    assert hub.told == 0


@pytest.mark.parametrize("role", ["Employee", "Editor", "USER"])
async def test_only_administrators_see_or_change_it(registered: Registry, role: str) -> None:
    hub = Administered(registered, role)
    before = await registered.registered()
    for answer in (await hub.list(), await hub.patch("orders", {"generation": 1, "active": False})):
        assert answer.problem_name == "missing-role"
        assert answer.problem["needs"] == ["Admin"]
    assert await registered.registered() == before
