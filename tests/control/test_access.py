"""``/hub/v1/access``: what administrators see, give, take back and ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mainhub.access import Grant, Holder, Need, Policy
from mainhub.access.sql import SqlGrants
from mainhub.app.api import control_app
from mainhub.audit import AuditLog, Refusals
from mainhub.control.access import Matter
from mainhub.control.access.routes import AccessRoutes
from mainhub.identity import ADMIN, ROLELESS, Person
from mainhub.web import Edge, Guard, Hosts
from sessions.moved_clock import MovedClock
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
ORIGIN = "https://hub.example"
OURS = (
    ("x-mainhub-csrf", "1"),
    ("sec-fetch-site", "same-origin"),
    ("content-type", "application/json"),
)
URL = "/hub/v1/access"
LINUS = Person("t.linus", "Linus", None, (ROLELESS,), "t", "entra", groups=("g1",))
SETTLED = (
    Grant(Holder("role", "Buyer"), (), ("orders:write",)),
    Grant(Holder("group", "g1", "Purchasing"), ("Buyer",)),
)
MATTERS = [
    Matter("administration", "admin", Need.any_of((ADMIN,))),
    Matter("frontend", "orders", Need.any_of(("orders:write",)), {"en": "Orders", "fr": "Achats"}),
    Matter("frontend", "old", Need.any_of(("*",)), closed=True),
    Matter("service", "stock", Need.any_of(("Keeper",))),
]


class Controlled:
    """The routes, for somebody with *roles*."""

    def __init__(self, database: Database, *roles: str) -> None:
        clock = MovedClock()
        audit = AuditLog(database, clock)
        self.policy = Policy(SETTLED, clock=clock)
        self.changes = 0
        guard = Guard(
            Scripted(signed_in(*roles) if roles else None),
            own_origin=ORIGIN,
            judge=self.policy.require,
            on_refusal=Refusals(audit, clock),
        )
        routes = AccessRoutes(
            policy=self.policy,
            grants=SqlGrants(database, self.policy, clock=clock, audit=audit),
            matters=self._matters,
            find_person=self._find,
            guard=guard,
            changed=self._changed,
        )
        self._app = Edge(control_app([routes.router()]), hosts=Hosts(ORIGIN))

    async def _matters(self) -> list[Matter]:
        return MATTERS

    async def _find(self, person_id: str) -> Person | None:
        return LINUS if person_id == LINUS.id else None

    def _changed(self) -> None:
        self.changes += 1

    async def get(self, path: str = "") -> Answered:
        return await ask(self._app, f"{URL}{path}")

    async def found(self, path: str = "") -> dict[str, Any]:
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = json.loads(answer.body)
        return found

    async def give(self, **wanted: object) -> Answered:
        body = json.dumps(wanted).encode()
        return await ask(self._app, f"{URL}/grants", *OURS, method="POST", body=body)

    async def take(self, id_: str) -> Answered:
        return await ask(self._app, f"{URL}/grants/{id_}", *OURS, method="DELETE")


@pytest.fixture
def hub(migrated: Database) -> Controlled:
    return Controlled(migrated, ADMIN)


TO_LINUS = {"kind": "person", "name": "t.linus", "title": "Linus"}


async def test_gives_lists_and_takes_back(hub: Controlled) -> None:
    answer = await hub.give(
        to=TO_LINUS, roles=["Keeper"], permissions=[], expires_at="2100-01-01T00:00:00Z"
    )
    assert answer.status == 201
    given = json.loads(answer.body)
    assert (given["to"], given["roles"], given["by"]) == (TO_LINUS, ["Keeper"], "Ada")
    assert given["expires_at"] == "2100-01-01T00:00:00Z"
    state = await hub.found()
    assert state["grants"] == [given]
    assert state["roles"] == [{"name": "Buyer", "permissions": ["orders:write"]}]
    group = {"id": "g1", "title": "Purchasing", "roles": ["Buyer"], "permissions": []}
    assert state["groups"] == [group]
    assert {"Admin", "Buyer", "Keeper"} <= set(state["known_roles"])
    assert state["known_permissions"] == ["orders:write"]
    assert (await hub.take(given["id"])).status == 204
    assert (await hub.found())["grants"] == []
    assert (await hub.take(given["id"])).status == 404
    assert hub.changes == 2


async def test_explains_everything_that_a_person_may_do(hub: Controlled) -> None:
    await hub.give(to=TO_LINUS, roles=["Keeper"])
    told = await hub.found("/explain?person=t.linus")
    assert told["person"] == {"id": "t.linus", "name": "Linus"}
    assert [one["name"] for one in told["roles"]] == [ROLELESS, "Keeper", "Buyer"]
    items = {one["name"]: one for one in told["items"]}
    assert {name: one["allowed"] for name, one in items.items()} == {
        "admin": False,
        "orders": True,
        "old": False,
        "stock": True,
    }
    assert items["old"]["closed"]
    assert items["admin"]["needs"] == {"roles": ["Admin"], "permissions": []}
    (why,) = items["orders"]["why"]
    assert [(one["kind"], one["name"], one["title"]) for one in why["via"]] == [
        ("group", "g1", "Purchasing"),
        ("role", "Buyer", None),
    ]
    assert (why["source"], why["grant"]) == ("settings", None)
    (why,) = items["stock"]["why"]
    assert (why["source"], why["by"]) == ("run-time", "Ada")


async def test_explains_what_roles_and_groups_open(hub: Controlled) -> None:
    told = await hub.found("/explain?roles=Admin&roles=Other&groups=g1&need=orders:write")
    assert told["person"] is None
    ((item),) = told["items"]
    assert item["allowed"]
    assert item["needs"] == {"roles": [], "permissions": ["orders:write"]}


async def test_of_somebody_unknown_only_what_they_are_given_is_told(hub: Controlled) -> None:
    await hub.give(to={"kind": "person", "name": "t.new"}, roles=["Keeper"])
    told = await hub.found("/explain?person=t.new")
    assert (told["person"], told["groups_known"]) == (None, False)
    assert [one["name"] for one in told["items"] if one["allowed"]] == ["stock"]


@pytest.mark.parametrize("query", ["", "?person=a&roles=b", "?person="])
async def test_one_thing_is_asked_about(hub: Controlled, query: str) -> None:
    assert (await hub.get(f"/explain{query}")).status == 400


@pytest.mark.parametrize(
    "wanted",
    [
        {"to": TO_LINUS},
        {"to": TO_LINUS, "roles": ["*"]},
        {"to": TO_LINUS, "permissions": ["Orders"]},
        {"to": {"kind": "everyone", "name": "*"}, "roles": ["Admin"]},
        {"to": TO_LINUS, "roles": ["Admin"], "expires_at": "2000-01-01T00:00:00Z"},
        {"to": TO_LINUS, "roles": ["Admin"], "expires_at": "2100-01-01T00:00:00"},
        {"to": TO_LINUS, "roles": ["Admin"], "expires_at": "9999-12-31T23:59:59-14:00"},
        {"to": TO_LINUS, "roles": ["Admin"], "expires_at": "0001-01-01T00:00:00+14:00"},
        {"to": TO_LINUS, "roles": ["Admin"], "id": "mine"},
    ],
)
async def test_refuses_what_is_no_grant(hub: Controlled, wanted: dict[str, object]) -> None:
    assert (await hub.give(**wanted)).status == 400
    assert hub.changes == 0


async def test_the_same_again_is_a_conflict(hub: Controlled) -> None:
    assert (await hub.give(to=TO_LINUS, roles=["Keeper"])).status == 201
    assert (await hub.give(to=TO_LINUS, roles=["Keeper"])).status == 409


async def test_the_own_last_way_stays(migrated: Database) -> None:
    hub = Controlled(migrated, "Chief")
    hub.policy.replace([Grant(Holder("role", "Chief"), (ADMIN,), id="boot")])
    to_chief = {"kind": "role", "name": "Chief"}
    given = json.loads((await hub.give(to=to_chief, roles=[ADMIN])).body)
    answer = await hub.take(given["id"])
    assert (answer.status, json.loads(answer.body)["type"].rsplit(":")[-1]) == (
        409,
        "would-lock-out",
    )


@pytest.mark.parametrize("roles", [("Employee",), (ROLELESS,), ("admin",)])
async def test_is_for_administrators(migrated: Database, roles: tuple[str, ...]) -> None:
    hub = Controlled(migrated, *roles)
    assert (await hub.get()).status == 403
    assert (await hub.get("/explain?roles=Admin")).status == 403
    assert (await hub.give(to=TO_LINUS, roles=[ADMIN])).status == 403
    assert (await hub.take("x")).status == 403


async def test_a_role_that_is_given_makes_an_administrator(migrated: Database) -> None:
    hub = Controlled(migrated, "Employee")
    hub.policy.replace([Grant(Holder("role", "Employee"), (ADMIN,), id="1")])
    assert (await hub.get()).status == 200
    hub.policy.replace([])
    assert (await hub.get()).status == 403
