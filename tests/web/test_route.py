from __future__ import annotations

import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mainhub.app.api import control_app
from mainhub.clock import SystemClock
from mainhub.frontends import RESERVED
from mainhub.telemetry import TelemetryOptions, start
from mainhub.web import Edge, Hosts
from mainhub.web.route import _RESERVED, ROUTE, known_method, route_of, status_class
from web.asgi_call import ask, scope_of

NAMES = {"/api/{service}", "/static/{file}", "/events/stream", "/hub/v1/openapi.json"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "/{page}"),
        ("/reports/2026", "/{page}"),
        ("/api/orders/v1/7", "/api/{service}"),
        ("/static/shell-abc.js", "/static/{file}"),
        ("/events/stream", "/events/stream"),
        ("/events/other", "unmatched"),
        ("/auth/nonsense", "unmatched"),
        ("/hub/v1/nonsense", "unmatched"),
        ("/hub/v1/openapi.json", "/hub/v1/openapi.json"),
        ("//api/x", "/api/{service}"),
    ],
)
def test_names_what_no_router_serves(path: str, name: str) -> None:
    assert route_of(scope_of(path)) == name


def test_whoever_dispatches_has_the_first_word() -> None:
    assert route_of({**scope_of("/x"), ROUTE: "/given"}) == "/given"


@given(st.text())
def test_a_path_never_names_anything(path: str) -> None:
    scope = {**scope_of("/"), "path": path}
    assert route_of(scope) in NAMES | {"/{page}", "unmatched"}


def test_knows_all_that_belongs_to_no_page() -> None:
    assert frozenset(RESERVED) == _RESERVED


@pytest.mark.parametrize(
    ("status", "name"), [(None, "none"), (200, "2xx"), (404, "4xx"), (503, "5xx")]
)
def test_groups_answers(status: int | None, name: str) -> None:
    assert status_class(status) == name


def test_knows_the_methods_of_http() -> None:
    assert known_method("PATCH") == "PATCH"
    assert known_method("BREW") is known_method("get") is None


@pytest.mark.anyio
async def test_requests_are_counted_by_route_method_and_status() -> None:
    async def thing(name: str) -> dict[str, str]:
        return {"name": name}

    async def broken() -> None:
        raise RuntimeError

    router = APIRouter(prefix="/hub/v1")
    router.add_api_route("/things/{name}", thing)
    router.add_api_route("/broken", broken)
    telemetry = start(TelemetryOptions(), clock=SystemClock())
    edge = Edge(
        control_app([router]), hosts=Hosts("https://hub.example"), metrics=telemetry.metrics
    )
    for target, method in (
        ("/hub/v1/things/ada@x.example?q=1", "GET"),
        ("/hub/v1/things/b", "GET"),
        ("/hub/v1/things/b", "BREW"),
        ("/hub/v1/broken", "GET"),
        ("/hub/v1/nothing", "POST"),
    ):
        await ask(edge, target, method=method)
    text = telemetry.exposition()[0].decode()
    assert "ada" not in text
    found = {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "mainhub_http_requests_total"
    }
    assert found == {
        ("/hub/v1/things/{name}", "GET", "2xx"): 2,
        ("/hub/v1/things/{name}", "other", "4xx"): 1,
        ("/hub/v1/broken", "GET", "5xx"): 1,
        ("unmatched", "POST", "4xx"): 1,
    }
    assert "mainhub_http_request_duration_seconds_count" in text
