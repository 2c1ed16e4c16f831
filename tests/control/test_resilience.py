"""``/hub/v1/resilience``: what administrators see of the hub's ways out, and do with them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.audit import AuditLog, Filter, Refusals
from mainhub.control.resilience.routes import ResilienceRoutes
from mainhub.resilience import Bulkhead, CircuitBreaker, CircuitOpen, Pipeline, Pipelines, State
from mainhub.web import Edge, Guard, Hosts
from sessions.moved_clock import MovedClock
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
ORIGIN = "https://hub.example"
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
URL = "/hub/v1/resilience"


async def fails() -> None:
    raise OSError("down")


async def works() -> None:
    return None


class Controlled:
    """The routes over three pipelines, for somebody with *roles*."""

    def __init__(self, database: Database, *roles: str) -> None:
        self.clock = MovedClock()
        self.audit = AuditLog(database, self.clock)
        self.breaker = CircuitBreaker(clock=self.clock)
        self.pipelines = Pipelines(clock=self.clock)
        self.erp = self.pipelines.add(
            Pipeline("service-erp", breaker=self.breaker, bulkhead=Bulkhead(8, queue=2)),
            kind="service",
            title="erp",
        )
        self.pipelines.add(Pipeline("health"), kind="health")
        self.pipelines.add(
            Pipeline("database", breaker=CircuitBreaker()), kind="database", title="SQLite"
        )
        guard = Guard(
            Scripted(signed_in(*roles) if roles else None),
            own_origin=ORIGIN,
            judge=require,
            on_refusal=Refusals(self.audit, self.clock),
        )
        routes = ResilienceRoutes(
            pipelines=self.pipelines, audit=self.audit, guard=guard, clock=self.clock
        )
        self._app = Edge(control_app([routes.router()]), hosts=Hosts(ORIGIN))

    async def get(self, name: str = "") -> Answered:
        return await ask(self._app, f"{URL}/{name}" if name else URL)

    async def post(
        self, name: str, deed: str, *, headers: tuple[tuple[str, str], ...] = OURS
    ) -> Answered:
        return await ask(self._app, f"{URL}/{name}/{deed}", *headers, method="POST")

    async def item(self, name: str = "service-erp") -> dict[str, Any]:
        answer = await self.get(name)
        assert answer.status == 200
        found: dict[str, Any] = json.loads(answer.body)
        return found


@pytest.fixture
def hub(migrated: Database) -> Controlled:
    return Controlled(migrated, "Admin")


async def test_shows_what_happened(hub: Controlled) -> None:
    await hub.erp.call(works)
    hub.pipelines.look()
    for _ in range(6):
        with pytest.raises((OSError, CircuitOpen)):
            await hub.erp.call(fails)
    hub.clock.move(timedelta(seconds=10))
    found = await hub.item()
    assert found["title"] == "erp"
    assert (found["state"], found["cause"]) == ("open", "consecutive-failures")
    assert (found["since"], found["next_probe_at"]) == (
        "2026-11-20T09:00:00Z",
        "2026-11-20T09:01:00Z",
    )
    assert found["totals"]["calls"] == 7
    assert (found["totals"]["ok"], found["totals"]["failed"]) == (1, 5)
    assert found["rejected"]["circuit_open"] == 1
    assert found["thresholds"]["consecutive"] == 5
    assert (found["in_flight"], found["bulkhead"]) == (0, {"limit": 8, "queue": 2})
    assert [(one["calls"], one["state"]) for one in found["history"]] == [(1, "closed")]
    (change,) = found["transitions"]
    assert (change["before"], change["after"], change["by"]) == ("closed", "open", None)


async def test_lists_all_of_them(hub: Controlled) -> None:
    answer = json.loads((await hub.get()).body)
    assert [one["name"] for one in answer["items"]] == ["service-erp", "health", "database"]
    assert answer["every_seconds"] == 5.0
    health = answer["items"][1]
    assert (health["state"], health["window"], health["thresholds"]) == (None, None, None)


@pytest.mark.parametrize(
    ("deed", "state"), [("isolate", State.ISOLATED), ("disable", State.DISABLED)]
)
async def test_an_administrator_decides_and_it_is_on_the_record(
    hub: Controlled, deed: str, state: State
) -> None:
    answer = await hub.post("service-erp", deed)
    assert answer.status == 200
    shown = json.loads(answer.body)
    assert (shown["state"], shown["changed_by"], shown["cause"]) == (state, "Ada", "by-hand")
    assert hub.breaker.state is state
    await hub.post("service-erp", "close")
    assert hub.breaker.state is State.CLOSED
    closed, done = await hub.audit.newest(Filter(), limit=9)
    assert (done.action, done.right, done.person_name) == ("resilience.changed", "Admin", "Ada")
    assert done.target is not None
    assert (done.target.kind, done.target.name) == ("pipeline", "service-erp")
    assert (done.before, done.after) == ({"state": "closed"}, {"deed": deed})
    assert closed.before == {"state": str(state)}


@pytest.mark.parametrize(
    ("name", "deed", "status", "problem"),
    [
        ("nowhere", "isolate", 404, "unknown-pipeline"),
        ("health", "isolate", 409, "no-breaker"),
        ("database", "isolate", 409, "would-lock-out"),
        ("service-erp", "explode", 400, "invalid"),
    ],
)
async def test_says_what_cannot_be_done(
    hub: Controlled, name: str, deed: str, status: int, problem: str
) -> None:
    answer = await hub.post(name, deed)
    assert (answer.status, answer.problem_name) == (status, problem)
    assert await hub.audit.newest(Filter(), limit=9) == []


async def test_is_for_administrators_alone(migrated: Database) -> None:
    editor = Controlled(migrated, "Editor")
    for answer in (
        await editor.get(),
        await editor.get("service-erp"),
        await editor.post("service-erp", "isolate"),
    ):
        assert (answer.status, answer.problem_name) == (403, "missing-role")
    assert editor.breaker.state is State.CLOSED
    nobody = Controlled(migrated)
    assert (await nobody.get()).status == 401


async def test_no_other_site_steers(hub: Controlled) -> None:
    answer = await hub.post("service-erp", "isolate", headers=(("sec-fetch-site", "cross-site"),))
    assert (answer.status, answer.problem_name) == (403, "csrf")
    assert hub.breaker.state is State.CLOSED
