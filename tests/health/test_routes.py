from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.clock import SystemClock
from mainhub.errors import Unavailable
from mainhub.health import Check, Checks, Criticality, Finding, Kind, State
from mainhub.health.routes import HealthRoutes, MetricsRoutes
from mainhub.identity import ADMIN, EMPLOYEE
from mainhub.telemetry import TelemetryOptions, start
from mainhub.web import Edge, Guard, Hosts
from telemetry.log_capture import captured_log
from web.asgi_call import HOST, Answered, ask
from web.scripted_people import Scripted, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mainhub.identity import Person
    from mainhub.web import Caller

pytestmark = pytest.mark.anyio
TOKEN = "0123456789abcdef-metrics"
BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    with captured_log():
        yield


def permits(person: Person, roles: Iterable[str]) -> bool:
    return bool(set(person.roles) & set(roles))


class Served:
    """The two routes behind an edge, for whoever *outcome* says is calling."""

    def __init__(self, outcome: Caller | Exception | None, *, token: str | None = TOKEN) -> None:
        self.looks = 0
        self.telemetry = start(TelemetryOptions(), clock=SystemClock())
        checks = (
            Check("database", "Database", Kind.DATABASE, Criticality.CRITICAL, self._look),
            Check("orders", "Orders", Kind.SERVICE, Criticality.OPTIONAL, self._fail),
        )
        self.checks = Checks(checks, clock=SystemClock(), metrics=self.telemetry.metrics)
        guard = Guard(Scripted(outcome), own_origin=f"https://{HOST}", judge=require)
        routes = [
            HealthRoutes(
                self.checks, guard=guard, permits=permits, version="1.2", started_at=BEGAN
            ).router(),
            MetricsRoutes(self.telemetry.exposition, guard=guard, token=token).router(),
        ]
        self.edge = Edge(
            control_app(routes),
            hosts=Hosts(f"https://{HOST}"),
            metrics=self.telemetry.metrics,
        )

    async def ask(self, target: str, *headers: tuple[str, str], **how: Any) -> Answered:
        return await ask(self.edge, target, *headers, **how)

    async def _look(self) -> Finding:
        self.looks += 1
        return Finding(State.FINE)

    async def _fail(self) -> Finding:
        return Finding(State.FAILED, "No answer at /healthz.", "See whether it runs.")


async def test_nobody_learns_nothing() -> None:
    answer = await Served(None).ask("/healthz")
    assert (answer.status, answer.problem_name) == (401, "not-signed-in")


async def test_everybody_signed_in_sees_how_the_hub_is() -> None:
    served = Served(signed_in(EMPLOYEE))
    await served.checks.fresh()
    answer = await served.ask("/healthz")
    told = json.loads(answer.body)
    assert (answer.status, answer.header("cache-control")) == (200, "no-store")
    assert told.keys() == {"status", "checked_at", "checks"}
    assert told["status"] == "degraded"
    assert [set(check) for check in told["checks"]] == [
        {"name", "title", "kind", "criticality", "state", "since", "checked_at"}
    ] * 2
    assert [check["state"] for check in told["checks"]] == ["fine", "failed"]


async def test_an_administrator_sees_all_of_it() -> None:
    served = Served(signed_in(ADMIN))
    before = json.loads((await served.ask("/healthz")).body)
    assert before["checks"][0]["state"] == "unknown"
    assert before["checks"][0]["checked_at"] is before["checks"][0]["next_at"] is None
    told = json.loads((await served.ask("/healthz?fresh=1")).body)
    database, orders = told["checks"]
    assert (orders["detail"], orders["remedy"]) == (
        "No answer at /healthz.",
        "See whether it runs.",
    )
    assert database["detail"] is None
    assert orders["next_at"] > orders["checked_at"] >= orders["since"]
    assert orders["checked_at"].endswith("Z")
    assert orders["took_ms"] >= 0
    assert told["process"]["version"] == "1.2"
    assert told["process"]["started_at"] == "2026-01-02T03:04:05.678Z"
    assert told["process"]["pid"] > 0


async def test_asking_asks_nothing_behind_the_hub() -> None:
    served = Served(signed_in(ADMIN))
    for _ in range(5):
        await served.ask("/healthz")
    assert served.looks == 0
    await served.ask("/healthz?fresh=1")
    assert served.looks == 1


async def test_looking_now_is_for_administrators() -> None:
    served = Served(signed_in(EMPLOYEE))
    answer = await served.ask("/healthz?fresh=1")
    assert (answer.status, answer.problem_name) == (403, "missing-role")
    assert served.looks == 0


async def test_a_session_store_that_is_away_is_told() -> None:
    answer = await Served(Unavailable("away")).ask("/healthz")
    assert answer.status == 503


async def test_an_administrator_reads_the_metrics() -> None:
    served = Served(signed_in(ADMIN))
    await served.checks.fresh()
    answer = await served.ask("/metrics")
    assert answer.status == 200
    assert (answer.header("content-type") or "").startswith("text/plain; version=")
    families = {
        family.name: family for family in text_string_to_metric_families(answer.body.decode())
    }
    states = {
        (sample.labels["check"], sample.labels["state"]): sample.value
        for sample in families["mainhub_health_state"].samples
    }
    assert states["database", "fine"] == states["orders", "failed"] == 1
    assert sum(states.values()) == 2


@pytest.mark.parametrize(
    ("headers", "status", "name"),
    [
        ([], 401, "not-signed-in"),
        ([("Authorization", "Bearer wrong")], 401, "wrong-bearer"),
        ([("Authorization", f"Bearer {TOKEN}x")], 401, "wrong-bearer"),
        ([("Authorization", f"Basic {TOKEN}")], 401, "wrong-bearer"),
        ([("Authorization", "")], 401, "wrong-bearer"),
        ([("Authorization", "Bearer \xff\xfe")], 401, "wrong-bearer"),
    ],
)
async def test_nobody_else_does(headers: list[tuple[str, str]], status: int, name: str) -> None:
    answer = await Served(None).ask("/metrics", *headers)
    assert (answer.status, answer.problem_name) == (status, name)
    wanted = "Bearer" if name == "wrong-bearer" else "Cookie"
    assert (answer.header("www-authenticate") or "").startswith(wanted)


async def test_an_employee_lacks_the_role() -> None:
    assert (await Served(signed_in(EMPLOYEE)).ask("/metrics")).problem_name == "missing-role"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
@pytest.mark.parametrize("host", [HOST, "10.0.0.5:8080"])
async def test_the_machine_with_the_token_does(scheme: str, host: str) -> None:
    shown = ("Authorization", f"{scheme} {TOKEN}")
    answer = await Served(Unavailable("away")).ask("/metrics", shown, host=host)
    assert answer.status == 200


async def test_where_no_token_is_set_no_bearer_is_accepted() -> None:
    served = Served(signed_in(ADMIN), token=None)
    for shown in ("Bearer ", "Bearer None", f"Bearer {TOKEN}"):
        assert (
            await served.ask("/metrics", ("Authorization", shown))
        ).problem_name == "wrong-bearer"


async def test_no_caller_makes_a_new_series() -> None:
    served = Served(None)

    def series() -> int:
        text = served.telemetry.exposition()[0].decode()
        return sum(len(family.samples) for family in text_string_to_metric_families(text))

    async def hostile(number: int) -> None:
        target = f"/{'hub/v1/' if number % 3 else ''}x{number}/%0a{number}?q={number}"
        await served.ask(
            target,
            ("authorization", f"Bearer {number}"),
            ("content-type", f"made/up{number}"),
            method=f"M{number}" if number % 2 else "POST",
            host=HOST if number % 5 else f"host{number}.example",
        )

    for number in range(100):
        await hostile(number)
    settled = series()
    for number in range(100, 10_000):
        await hostile(number)
    assert series() == settled
    assert settled < 200
