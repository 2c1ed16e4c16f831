from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI

from frontends.served_shell import HTML, ServedShell
from frontends.some_frontends import DASHBOARD, frontend
from mainhub.errors import Unavailable
from telemetry.log_capture import captured_log
from web.asgi_call import ask
from web.scripted_people import signed_in

if TYPE_CHECKING:
    from mainhub.frontends import Registry
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
ADMIN = frontend(
    "admin", titles={"fr": "Réglages", "en": "Settings"}, routes=("/admin",), roles=("Admin", "Ops")
)


@pytest.fixture
async def shell(registry: Registry) -> ServedShell:
    for known in (DASHBOARD, frontend(), ADMIN):
        await registry.put(known)
    return ServedShell(registry, signed_in("Employee"))


@pytest.mark.parametrize("target", ["/", "/orders", "/orders/7?tab=lines", "/orders/"])
async def test_an_open_page_is_there(shell: ServedShell, target: str) -> None:
    page = await shell.page(target)
    assert page.answer.status == 200
    assert page.answer.header("content-type") == "text/html; charset=utf-8"
    assert page.answer.header("cache-control") == "no-store"
    assert (page.boot["refused"], page.boot["notFound"]) == (None, False)


async def test_a_closed_page_is_refused_with_what_it_needs(shell: ServedShell) -> None:
    page = await shell.page("/admin/users")
    assert page.answer.status == 403
    assert page.boot["refused"] == {
        "name": "admin",
        "titles": {"fr": "Réglages", "en": "Settings"},
        "needs": ["Admin", "Ops"],
    }
    assert page.boot["notFound"] is False


@pytest.mark.parametrize(
    "target", ["/nowhere", "/orders2", "/orders%3f", "/orders%23", "//", "//orders", "/%2forders"]
)
async def test_a_page_that_nobody_owns_is_not_found(shell: ServedShell, target: str) -> None:
    page = await shell.page(target)
    assert page.answer.status == 404
    assert (page.boot["refused"], page.boot["notFound"]) == (None, True)


@pytest.mark.parametrize(
    "target",
    ["/", "/orders?tab=lines&x=%2F", "/nowhere", "/caf%C3%A9", "/orders%3fx", "/admin"],
)
async def test_who_is_not_signed_in_is_led_to_sign_in_and_back(
    shell: ServedShell, target: str
) -> None:
    shell.caller = None
    answer = await shell.ask(target)
    assert (answer.status, answer.body) == (303, b"")
    location = urlsplit(answer.header("location") or "")
    assert location._replace(query="").geturl() == "/auth/login"
    assert parse_qs(location.query) == {"return_to": [target]}


async def test_a_program_that_is_not_signed_in_gets_a_problem(shell: ServedShell) -> None:
    shell.caller = None
    for accept in ("application/json", "*/*", ""):
        answer = await shell.ask("/orders", ("accept", accept))
        assert (answer.status, answer.problem_name) == (401, "not-signed-in")


@pytest.mark.parametrize(
    ("target", "retry"),
    [("/orders?tab=a&x=1", "/orders?tab=a&amp;x=1"), ("//evil.example/", "/")],
)
async def test_a_person_is_told_when_the_database_is_away(
    shell: ServedShell, target: str, retry: str
) -> None:
    shell.caller = Unavailable("away")
    with captured_log() as log:
        answer = await shell.ask(target, HTML, ("accept-language", "fr"))
    assert answer.status == 503
    text = answer.body.decode()
    assert "MainHub ne peut pas lire ses données" in text
    assert f'href="{retry}"' in text
    assert "evil.example" not in text
    assert log.lines[0]["trace_id"] in text
    assert "away" not in text


async def test_a_program_is_told_by_a_problem(shell: ServedShell) -> None:
    shell.caller = Unavailable("away")
    answer = await shell.ask("/orders", ("accept", "application/json"))
    assert (answer.status, answer.problem_name) == (503, "unavailable")


async def test_the_registry_being_away_is_told_the_same_way(
    shell: ServedShell, migrated: Database
) -> None:
    from sqlalchemy import text

    async with migrated.write() as connection:
        await connection.execute(text("DROP TABLE frontend"))
    assert (await shell.ask("/orders")).status == 503


async def test_the_list_holds_what_the_page_holds(shell: ServedShell) -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(shell.routes().router())
    import json

    answer = await ask(app, "/hub/v1/frontends")
    assert answer.status == 200
    listed = json.loads(answer.body)["items"]
    assert listed == (await shell.page("/")).boot["frontends"]
    assert [found["name"] for found in listed] == ["dashboard", "orders"]
