from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.composed_hub import HOST
from mainhub.frontends import RESERVED
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from mainhub.app import Hub

pytestmark = pytest.mark.anyio
HTML = ("accept", "text/html")


async def get(hub: Hub, target: str, *headers: tuple[str, str], method: str = "GET") -> Answered:
    return await ask(hub, target, *headers, method=method, host=HOST)


@pytest.mark.parametrize(
    ("target", "status", "problem"),
    [
        ("/livez", 200, None),
        ("/readyz", 200, None),
        ("/hub/v1/openapi.json", 200, None),
        ("/hub/v1/frontends", 401, "not-signed-in"),
        ("/auth/session", 401, "not-signed-in"),
        ("/static/boot-1a.js", 200, None),
        ("/static/none.js", 404, "not-found"),
        ("/static", 404, "not-found"),
        # The gateway tells nobody which services there are.
        ("/api", 401, "not-signed-in"),
        ("/api/", 401, "not-signed-in"),
        ("/api/orders/v1", 401, "not-signed-in"),
        ("/api/unknown/v1", 401, "not-signed-in"),
        ("/api/orders/../x", 400, "invalid"),
        # Known to the control API, but not there.
        ("/hub", 404, "not-found"),
        ("/hub/v1", 404, "not-found"),
        ("/hub/v1/frontends/", 404, "not-found"),
        ("/hub/v2/frontends", 404, "not-found"),
        ("/hub/docs", 404, "not-found"),
        ("/docs", 401, "not-signed-in"),
        ("/auth", 404, "not-found"),
        ("/livez/x", 404, "not-found"),
        ("/readyz/", 404, "not-found"),
        # Free for front-ends.
        ("/", 401, "not-signed-in"),
        ("/orders", 401, "not-signed-in"),
        ("/apix", 401, "not-signed-in"),
        ("/hubs", 401, "not-signed-in"),
        ("/authors", 401, "not-signed-in"),
        # Two slashes are neither the one nor the other.
        ("//", 401, "not-signed-in"),
        ("//orders", 401, "not-signed-in"),
        ("//api/orders", 404, "not-found"),
        ("//hub/v1/openapi.json", 404, "not-found"),
        ("//static/boot-1a.js", 404, "not-found"),
        ("///livez", 404, "not-found"),
        ("/healthz", 401, "not-signed-in"),
        ("/metrics", 401, "not-signed-in"),
        ("/events/stream", 401, "not-signed-in"),
        ("/events", 404, "not-found"),
        ("/events/streams", 404, "not-found"),
        ("/%2flivez", 404, "not-found"),
    ],
)
async def test_each_address_has_one_room(
    hub: Hub, target: str, status: int, problem: str | None
) -> None:
    answer = await get(hub, target)
    assert answer.status == status
    assert (answer.problem_name if status >= 400 else None) == problem


@pytest.mark.parametrize(
    "segment",
    sorted(
        RESERVED
        - {"api", "auth", "events", "healthz", "hub", "livez", "metrics", "readyz", "static"}
    ),
)
async def test_what_is_kept_for_later_is_no_front_ends(hub: Hub, segment: str) -> None:
    for target in (f"/{segment}", f"/{segment}/x", f"//{segment}"):
        answer = await get(hub, target, HTML)
        assert (answer.status, answer.problem_name) == (404, "not-found")


async def test_a_browser_on_a_free_path_is_led_to_sign_in(hub: Hub) -> None:
    answer = await get(hub, "/orders?x=1", HTML)
    assert (answer.status, answer.header("location")) == (
        303,
        "/auth/login?return_to=%2Forders%3Fx%3D1",
    )


@pytest.mark.parametrize(
    ("target", "method", "allowed"),
    [
        ("/", "POST", "GET, HEAD"),
        ("/orders", "DELETE", "GET, HEAD"),
        ("/static/boot-1a.js", "PUT", "GET, HEAD"),
        ("/hub/v1/frontends", "POST", "GET"),
        ("/auth/session", "DELETE", "GET"),
        ("/auth/logout", "GET", "POST"),
        ("/livez", "POST", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    hub: Hub, target: str, method: str, allowed: str
) -> None:
    answer = await get(hub, target, method=method)
    assert (answer.status, answer.problem_name) == (405, "method-not-allowed")
    assert answer.header("allow") == allowed


@pytest.mark.parametrize(
    "target",
    ["/", "/livez", "/static/boot-1a.js", "/nowhere", "/api/orders", "/hub/v1/x", "/hooks"],
)
async def test_every_room_answers_with_the_security_headers(hub: Hub, target: str) -> None:
    answer = await get(hub, target)
    for name in (
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-resource-policy",
        "x-request-id",
        "cache-control",
    ):
        assert answer.header(name), name


async def test_another_loopback_name_is_led_to_the_public_one(hub: Hub) -> None:
    answer = await ask(hub, "/orders?x=1", HTML, host="127.0.0.1:8080")
    assert (answer.status, answer.header("location")) == (307, f"http://{HOST}/orders?x=1")
    foreign = await ask(hub, "/", HTML, host="evil.example")
    assert foreign.problem_name == "misdirected"


async def test_a_websocket_is_turned_away(hub: Hub) -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/orders", "headers": []}
    await hub(scope, receive, send)  # type: ignore[arg-type] # takes any mapping
    assert [message["type"] for message in sent] == ["websocket.close"]
