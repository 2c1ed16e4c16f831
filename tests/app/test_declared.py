"""What front-ends declare, from the settings and at run time, up to the answer of the gateway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from app.composed_hub import HOST, composed_hub
from sessions.sample import ADA, DEVICE, LINUS, some_tokens
from telemetry.log_capture import CapturedLog, captured_log
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from pathlib import Path

    from mainhub.app import Hub
    from mainhub.identity import Person
    from mainhub.web.edge import App, Message, Receive, Scope, Send

pytestmark = pytest.mark.anyio
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
JSON = ("content-type", "application/json")
UP = ["http://127.0.0.1:9"]
SERVICES = {name: {"upstreams": UP, "roles": ["Employee"]} for name in ("orders", "stock")}


def hub_of(folder: Path, **sections: object) -> Hub:
    return composed_hub(folder, sections={"gateway": {"services": SERVICES}, **sections})


async def cookie_of(hub: Hub, person: Person) -> tuple[str, str]:
    session = await hub._parts.sessions.create(person, some_tokens(), DEVICE)
    return ("cookie", f"mainhub={session.id}")


def waiting(hub: Hub) -> App:
    """Return *hub* for a client that stays until it is answered."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def staying() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                await asyncio.get_running_loop().create_future()
            return message

        await hub(scope, staying, send)

    return app


async def called(hub: Hub, service: str, frontend: str | None = "dashboard") -> str:
    """Return the problem that Linus gets: the service itself never answers."""
    cookie = await cookie_of(hub, LINUS)
    named = () if frontend is None else (("x-mainhub-frontend", frontend),)
    return (await ask(waiting(hub), f"/api/{service}/x", cookie, *named, host=HOST)).problem_name


async def declare(hub: Hub, apis: str, generation: int = 1) -> Answered:
    body = f'{{"generation": {generation}, "apis": {apis}}}'.encode()
    cookie, target = await cookie_of(hub, ADA), "/hub/v1/frontends/dashboard"
    return await ask(hub, target, cookie, *OURS, JSON, method="PATCH", host=HOST, body=body)


def told(log: CapturedLog, event: str) -> list[dict[str, Any]]:
    return [line for line in log.lines if line["event"] == event]


REACHED = "upstream-unreachable"


async def test_a_front_end_comes_with_what_it_calls(tmp_path: Path) -> None:
    hub = hub_of(tmp_path)
    async with hub.running():
        assert await called(hub, "orders") == REACHED
        assert await called(hub, "stock") == "api-not-declared"
        assert await called(hub, "orders", "widgets") == "api-not-declared"
        assert await called(hub, "orders", "admin") == "api-not-declared"
        assert await called(hub, "orders", "nobody") == "api-not-declared"
        assert await called(hub, "orders", None) == "frontend-unnamed"


async def test_the_settings_take_the_place_of_it(tmp_path: Path) -> None:
    declared = {"dashboard": {"apis": ["stock"]}, "nobody": {"apis": ["stock"]}}
    hub = hub_of(tmp_path, frontends={"declared": declared})
    with captured_log() as log:
        async with hub.running():
            assert await called(hub, "stock") == REACHED
            assert await called(hub, "orders") == "api-not-declared"
    assert [line["frontend"] for line in told(log, "frontends.declared_unknown")] == ["nobody"]


async def test_a_change_counts_for_the_next_call_and_stays(tmp_path: Path) -> None:
    hub = hub_of(tmp_path)
    async with hub.running():
        assert await called(hub, "stock") == "api-not-declared"
        assert (await declare(hub, '["stock"]')).status == 200
        assert await called(hub, "stock") == REACHED
        assert await called(hub, "orders") == "api-not-declared"
    # The next start, with settings that say otherwise.
    again = hub_of(tmp_path, frontends={"declared": {"dashboard": {"apis": ["orders"]}}})
    async with again.running():
        assert await called(again, "stock") == REACHED


async def test_a_service_that_nobody_has_is_told_and_stops_nothing(tmp_path: Path) -> None:
    hub = hub_of(tmp_path, frontends={"declared": {"dashboard": {"apis": ["orders", "gone"]}}})
    with captured_log() as log:
        async with hub.running():
            assert await called(hub, "orders") == REACHED
            assert await called(hub, "gone") == "not-found"
    (line,) = told(log, "frontends.unknown_api")
    assert (line["frontend"], line["service"]) == ("dashboard", "gone")


async def test_calls_without_a_name_pass_where_that_is_allowed(tmp_path: Path) -> None:
    hub = hub_of(tmp_path, gateway={"services": SERVICES, "unnamed_calls": "allow"})
    async with hub.running():
        assert await called(hub, "stock", None) == REACHED
        assert await called(hub, "stock") == "api-not-declared"
