"""The page and the API of faults: what they answer, and from whom they take orders."""

from __future__ import annotations

import re
from datetime import timedelta
from shutil import copy
from typing import TYPE_CHECKING, Any

import pytest

from mainhub.simulator import FaultDesk, Switch, Target
from mainhub.simulator.faults.fault import FINE, Mode
from mainhub.simulator.faults.texts import BUTTONS, EXPECTED, NAMES, STATES, WORDS
from simulator.broken_world import HEADERS, BrokenWorld, broken_world
from simulator.served import listener

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SLOW = b'{"mode": "slow"}'


@pytest.fixture
async def world(tmp_path: Path, signing_key: Path) -> AsyncIterator[BrokenWorld]:
    copy(signing_key, tmp_path)
    async with broken_world(tmp_path) as found:
        yield found


async def asked(
    world: BrokenWorld,
    method: str,
    path: str = "/faults/orders",
    headers: Mapping[str, str] | None = None,
    data: bytes | None = None,
) -> tuple[int, Any, Mapping[str, str]]:
    async with world.browser.request(
        method, world.desk + path, headers=headers, data=data, allow_redirects=False
    ) as answer:
        is_json = "json" in answer.headers.get("Content-Type", "")
        read = await (answer.json(content_type=None) if is_json else answer.text())
        return answer.status, read, answer.headers


async def test_tells_what_is_in_force_and_since_when(world: BrokenWorld) -> None:
    fine = {"mode": "fine", "since": None, "until": None}
    _, told, _ = await asked(world, "GET", "/faults")
    assert told == {"items": [{"target": "entra", **fine}, {"target": "orders", **fine}]}
    put = await world.set("orders", mode="slow", seconds=2, share=50, only="/v1/", **{"for": 60})
    assert put == {
        "target": "orders",
        "mode": "slow",
        "seconds": 2,
        "share": 50,
        "only": "/v1/",
        "for": 60,
        "since": world.clock().isoformat().replace("+00:00", "Z"),
        "until": (world.clock() + timedelta(seconds=60)).isoformat().replace("+00:00", "Z"),
    }
    assert (await asked(world, "GET"))[1] == put


@pytest.mark.parametrize("path", ["/faults", "/faults/orders"])
async def test_all_is_fine_again_on_demand(world: BrokenWorld, path: str) -> None:
    await world.set("orders", mode="refuse")
    await world.set("entra", mode="hang")
    status, _, _ = await asked(world, "DELETE", path, HEADERS)
    assert status == 200
    assert world.faults.of(Target.ORDERS).fault is FINE
    is_fine = world.faults.of(Target.ENTRA).fault is FINE
    assert is_fine is (path == "/faults")


@pytest.mark.parametrize(
    ("sent", "status", "name"),
    [
        (("PUT", "/faults/ordres", JSON | HEADERS, SLOW), 404, "unknown-target"),
        (("GET", "/faults/ordres", {}, None), 404, "unknown-target"),
        (("PUT", "/faults/orders", JSON | HEADERS, b'{"mode": "off"}'), 400, "unknown-mode"),
        (("PUT", "/faults/orders", JSON | HEADERS, b"{"), 400, "wrong-fault"),
        (("PUT", "/faults/orders", JSON | HEADERS, b"\xff"), 400, "wrong-fault"),
        (("PUT", "/faults/orders", JSON | HEADERS, b"[" * 4000), 400, "wrong-fault"),
        (("PUT", "/faults/orders", JSON | HEADERS, b'{"mode":NaN}'), 400, "wrong-fault"),
        (("PUT", "/faults/orders", JSON | HEADERS, b" " * 4097), 413, "too-large"),
        (("PUT", "/faults/orders", HEADERS | {"Content-Type": "text/plain"}, SLOW), 415, "no-json"),
        (("PATCH", "/faults/orders", JSON | HEADERS, SLOW), 405, "wrong-method"),
        (("GET", "/fault", {}, None), 404, "nothing-here"),
        (("GET", "/", {}, None), 404, "nothing-here"),
    ],
)
async def test_what_is_wrong_gets_a_problem_with_the_remedy(
    world: BrokenWorld,
    sent: tuple[str, str, dict[str, str], bytes | None],
    status: int,
    name: str,
) -> None:
    answered, problem, told = await asked(world, *sent)
    assert answered == status
    assert told["Content-Type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "remedy"}
    assert problem["type"] == f"urn:simulator:problem:{name}"
    assert problem["status"] == status
    assert problem["remedy"]
    assert world.faults.of(Target.ORDERS).since is None


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("PUT", JSON),
        ("PUT", JSON | {"X-MainHub-Sim": "0"}),
        ("PUT", JSON | HEADERS | {"Origin": "https://evil.example"}),
        ("PUT", JSON | HEADERS | {"Origin": "null"}),
        ("PUT", JSON | HEADERS | {"Origin": "http://localhost:8080"}),
        ("PUT", JSON | HEADERS | {"Sec-Fetch-Site": "same-site"}),
        ("PUT", JSON | HEADERS | {"Sec-Fetch-Site": "cross-site"}),
        ("DELETE", {}),
        ("DELETE", HEADERS | {"Origin": "https://evil.example"}),
        ("POST", FORM),
        ("POST", FORM | HEADERS),
        ("POST", FORM | {"Origin": "null"}),
        ("POST", FORM | {"Origin": "https://evil.example"}),
        ("PUT", JSON | HEADERS | {"Host": "evil.example"}),
        ("GET", {"Host": "evil.example"}),
        ("GET", {"Host": "127.0.0.1"}),
        ("GET", {"Host": "127.0.0.1:x"}),
    ],
)
@pytest.mark.parametrize("path", ["/faults", "/faults/orders"])
async def test_a_foreign_page_changes_nothing(
    world: BrokenWorld, method: str, path: str, headers: dict[str, str]
) -> None:
    if method == "PUT" and path == "/faults":
        return
    await world.set("orders", mode="hang")
    data = b"mode=fine" if method == "POST" else SLOW if method == "PUT" else None
    status, problem, told = await asked(world, method, path, headers, data)
    assert status == 403
    assert problem["type"].startswith("urn:simulator:problem:foreign-")
    assert "Access-Control-Allow-Origin" not in told
    assert world.faults.of(Target.ORDERS).fault.mode is Mode.HANG


async def test_no_page_is_allowed_to_ask_across_origins(world: BrokenWorld) -> None:
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    status, _, told = await asked(world, "OPTIONS", headers=preflight)
    assert status == 405
    assert not [name for name in told if name.lower().startswith("access-control")]


async def test_the_page_of_our_own_may_ask_without_the_header(world: BrokenWorld) -> None:
    own = JSON | {"Origin": world.urls[Target.ENTRA], "Sec-Fetch-Site": "same-origin"}
    assert (await asked(world, "PUT", headers=own, data=SLOW))[0] == 200


async def test_a_form_changes_the_fault_and_leads_back(world: BrokenWorld) -> None:
    own = FORM | {"Origin": world.urls[Target.ENTRA]}
    path = "/faults/orders?ui_locales=fr"
    status, _, told = await asked(
        world, "POST", path, own, b"seconds=2&status=500&share=100&for=&only=&mode=slow"
    )
    assert status == 303
    assert told["Location"] == "/_sim?ui_locales=fr#orders"
    assert world.faults.of(Target.ORDERS).fault.seconds == 2
    status, page, _ = await asked(world, "POST", path, own, b"seconds=500&mode=slow")
    assert status == 400
    assert 'role="alert"' in page
    assert "from 0.1 to 120" in page
    assert world.faults.of(Target.ORDERS).fault.seconds == 2
    assert (await asked(world, "POST", "/faults", own, b""))[0] == 303
    assert world.faults.of(Target.ORDERS).fault is FINE


async def test_the_page_says_what_is_and_what_the_hub_now_shows(world: BrokenWorld) -> None:
    await world.set("orders", mode="refuse", **{"for": 60})
    _, english, told = await asked(world, "GET", "", {"Accept-Language": "en"})
    for text in ("Refuses connections", "Heals by itself in 60 s", "cannot be reached (502)"):
        assert text in english
    assert english.count('aria-pressed="true"') == len(Target) + len(Switch)
    policy = told["Content-Security-Policy"]
    nonce = re.search(r'<style nonce="([^"]+)"', english)
    assert nonce is not None
    assert f"script-src 'nonce-{nonce[1]}'" in policy
    assert "unsafe" not in policy
    _, french, _ = await asked(world, "GET", "", {"Accept-Language": "fr"})
    assert "Refuse les connexions" in french


async def test_says_when_the_service_has_not_followed(world: BrokenWorld) -> None:
    # As if it were stopped: its port is open, and nobody closes it.
    with listener() as opened:
        desk = world.servers[Target.ENTRA].config.app
        assert isinstance(desk, FaultDesk)
        desk._orders_port = opened.getsockname()[1]
        refuse = b'{"mode": "refuse"}'
        status, told, _ = await asked(world, "PUT", headers=JSON | HEADERS, data=refuse)
    assert status == 202
    assert told["mode"] == "refuse"


async def test_a_folder_that_cannot_be_written_is_told(world: BrokenWorld) -> None:
    world.faults._path = world.faults._path / "absent" / "faults.json"
    world.faults._path.parent.parent.write_text("a file in the way")
    status, problem, _ = await asked(world, "PUT", headers=JSON | HEADERS, data=SLOW)
    assert status == 503
    assert "state folder" in problem["remedy"]
    world.faults._path = world.faults._path.parent.parent


def test_both_languages_say_everything() -> None:
    assert set(WORDS["fr"]) == set(WORDS["en"])
    for locale in ("fr", "en"):
        assert set(NAMES[locale]) == set(Target)
        assert set(BUTTONS[locale]) == set(STATES[locale]) == set(Mode)
        assert all(set(EXPECTED[locale][target]) == set(Mode) for target in Target)
