from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter
from fastapi.openapi.models import OpenAPI
from starlette.exceptions import HTTPException

from app.composed_hub import HOST
from mainhub.app.api import control_app
from mainhub.errors import Conflict
from mainhub.identity import MissingRole
from mainhub.web import Edge, Hosts
from telemetry.log_capture import captured_log
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainhub.app import Hub

pytestmark = pytest.mark.anyio
METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}


@pytest.fixture
async def document(hub: Hub) -> dict[str, Any]:
    answer = await ask(hub, "/hub/v1/openapi.json", host=HOST)
    assert answer.header("content-type") == "application/json"
    found: dict[str, Any] = json.loads(answer.body)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            assert method in METHODS
            yield f"{method} {path}", operation


async def test_the_document_is_public_and_keeps_to_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert (document["info"]["title"], document["info"]["version"]) == ("MainHub", "0.1.0")
    OpenAPI.model_validate(document)


async def test_the_document_names_every_operation_once(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert {
        "get /livez",
        "get /readyz",
        "get /hub/v1/frontends",
        "get /auth/login",
        "get /auth/session",
        "post /auth/logout",
        "get /api/{service}/{path}",
        "delete /api/{service}/{path}",
    } <= set(found)
    ids = [operation["operationId"] for operation in found.values()]
    assert len(ids) == len(set(ids))
    for name, operation in found.items():
        assert operation["summary"], name
        assert operation["tags"], name


async def test_every_operation_may_answer_with_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        content = operation["responses"]["default"]["content"]
        schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
        assert content == {"application/problem+json": schema}, name
    problem = document["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == {"type", "title", "status", "detail", "trace_id"}


async def test_the_frameworks_own_errors_are_nowhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert "ValidationError" not in text
    assert '"422"' not in text


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def references(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            for name, inner in part.items():
                if name == "$ref":
                    yield str(inner)
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    found = set(references(document))
    assert found
    assert found == {f"#/components/schemas/{name}" for name in schemas}


async def test_the_hub_knows_all_its_addresses(hub: Hub, document: dict[str, Any]) -> None:
    others = ("/", "/static/{file}", "/events/stream", "/hub/v1/openapi.json")
    assert set(hub.urls) == {*document["paths"], *others}


async def failing(target: str, method: str = "GET") -> Answered:
    """Ask a control API of routes that fail."""
    router = APIRouter()

    async def typed(number: int, size: int = 1) -> int:
        return number + size

    async def raising(what: str) -> None:
        raise {
            "conflict": Conflict("Somebody was first.", remedy="Read again."),
            "role": MissingRole("x", needs=("Admin",)),
            "teapot": HTTPException(418, "short and stout"),
            "fault": RuntimeError("hunter2"),
        }[what]

    router.add_api_route("/typed/{number}", typed)
    router.add_api_route("/raising/{what}", raising)
    edge = Edge(control_app([router]), hosts=Hosts("http://localhost:8080"))
    return await ask(edge, target, method=method, host=HOST)


async def test_wrong_input_is_named_but_not_repeated() -> None:
    answer = await failing("/typed/s3cret?size=hunter2")
    assert (answer.status, answer.problem_name) == (400, "invalid")
    assert "path.number" in answer.problem["detail"]
    assert "query.size" in answer.problem["detail"]
    assert answer.problem["remedy"] == "Send what /hub/v1/openapi.json describes for this address."
    assert b"s3cret" not in answer.body
    assert b"hunter2" not in answer.body


@pytest.mark.parametrize(
    ("what", "status", "name"),
    [("conflict", 409, "conflict"), ("role", 403, "missing-role"), ("teapot", 400, "invalid")],
)
async def test_what_a_route_raises_becomes_its_problem(what: str, status: int, name: str) -> None:
    answer = await failing(f"/raising/{what}")
    assert (answer.status, answer.problem_name) == (status, name)


async def test_a_fault_in_a_route_is_a_problem_and_recorded_once() -> None:
    with captured_log() as log:
        answer = await failing("/raising/fault")
    assert (answer.status, answer.problem_name) == (500, "internal")
    assert b"hunter2" not in answer.body
    assert log.events == ["request.failed", "request"]
    assert log.lines[0]["trace_id"] == answer.problem["trace_id"]
    assert answer.header("content-security-policy")


async def test_what_is_not_there_is_a_problem() -> None:
    for target in ("/nowhere", "/typed", "/typed/1/", "/docs", "/redoc"):
        assert (await failing(target)).problem_name == "not-found"
    answer = await failing("/typed/1", method="PATCH")
    assert (answer.problem_name, answer.header("allow")) == ("method-not-allowed", "GET")
