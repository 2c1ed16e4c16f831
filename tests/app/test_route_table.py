"""Every address of the hub, asked by everybody: who may, who may not, and by which signs."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from app.route_table import RELAYED, SAFE, TABLE, May, Row
from mainhub.simulator import TENANT_ID, ServiceApplication
from signin.browser import HTML, OWN_PAGE, opened
from signin.entra_world import ADA, ALAN, LINUS, EntraWorld, entra_world
from signin.hostile_provider import CLIENT_ID
from signin.moving_clock import MovingClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from fastapi import APIRouter

    from mainhub.app import Hub
    from mainhub.simulator import Account
    from signin.browser import Browser

pytestmark = pytest.mark.anyio

REPORT = ServiceApplication(
    client_id="c0ffee00-9999-4333-8444-555555555555",
    name="Nightly report",
    client_secret="its own secret",
    roles=("Employee",),
)
SERVICES = {"orders": {"upstreams": ["http://127.0.0.1:9"], "roles": ["Employee", "Admin"]}}
PEOPLE = {"nobody": None, "user": ALAN, "employee": LINUS, "administrator": ADA}
# What each of them is told where they may not.
REFUSED = {
    "nobody": dict.fromkeys((May.PERSON, May.SESSION, May.ROLE, May.ADMIN), "not-signed-in"),
    "user": dict.fromkeys((May.ROLE, May.ADMIN), "missing-role"),
    "employee": {May.ADMIN: "missing-role"},
    "administrator": {},
}
# A program has a role, and no session.
PROGRAM: dict[May, set[str | None]] = {
    May.PERSON: {None},
    May.SESSION: {"session-needed", "not-signed-in"},
    May.ROLE: {None},
    May.ADMIN: {"missing-role"},
}
JSON = {"Accept": "application/json"}
FRAMED = "GET /auth/frontchannel/{idp}"


@dataclass
class Told:
    """What the hub answered."""

    status: int
    headers: Mapping[str, str]
    problem: str | None
    cookies: list[str]

    @property
    def refused(self) -> str | None:
        """Why whoever asked may not, if so."""
        return self.problem if self.status in {401, 403} else None


@asynccontextmanager
async def world(state: Path) -> AsyncIterator[EntraWorld]:
    known = {"services": (REPORT,)}
    async with entra_world(
        state, clock=MovingClock(), registered=known, services=SERVICES
    ) as found:
        yield found


async def told(
    browser: Browser, place: EntraWorld, row: Row, headers: Mapping[str, str] = OWN_PAGE
) -> Told:
    """Ask for *row*; of a stream only the head is read."""
    kind = "application/x-www-form-urlencoded" if row.form else "application/json"
    sent = {**JSON, **headers, **({"Content-Type": kind} if row.body else {})}
    async with browser.http.request(
        row.method,
        f"{place.hub.url}{row.target}",
        headers=sent,
        data=row.body,
        allow_redirects=False,
    ) as got:
        problem = None
        if got.headers.get("Content-Type") == "application/problem+json" and row.method != "HEAD":
            found = orjson.loads(await got.read())
            problem = str(found["type"]).removeprefix("urn:mainhub:problem:")
        return Told(got.status, got.headers, problem, got.headers.getall("Set-Cookie", []))


async def arrived(browser: Browser, place: EntraWorld, account: Account | None) -> Browser:
    if account is not None:
        assert (await place.sign_in(browser, account)).status == 303
    return browser


async def programs_token(browser: Browser, place: EntraWorld) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": REPORT.client_id,
        "client_secret": REPORT.client_secret,
        "scope": f"api://{CLIENT_ID}/.default",
    }
    answer = await browser.post(f"{place.entra_url}/{TENANT_ID}/oauth2/v2.0/token", form)
    return str(answer.json["access_token"])


def answered(hub: Hub) -> set[str]:
    """Return every method and address that the hub answers, also what its document leaves out."""
    control = hub._parts.control
    documented = {
        f"{method.upper()} {path}"
        for path, found in control.openapi()["paths"].items()
        for method in found
    }
    others = set(hub.urls) - set(control.openapi()["paths"])
    return documented | hidden(control.router) | {f"GET {path}" for path in others}


def hidden(router: APIRouter) -> set[str]:
    def walked(routes: list[object]) -> Iterator[str]:
        for route in routes:
            inner = getattr(route, "original_router", None) or getattr(route, "router", None)
            if inner is not None:
                yield from walked(inner.routes)
                continue
            for method in route.methods or ():  # type: ignore[attr-defined]
                yield f"{method} {route.path}"  # type: ignore[attr-defined]

    return set(walked(list(router.routes)))


async def test_every_address_has_a_row_that_says_who_may(hub: Hub) -> None:
    rows = {row.name for row in TABLE}
    assert len(rows) == len(TABLE)
    assert answered(hub) - rows == set(), "tests/app/route_table.py has to say who may"
    assert rows - answered(hub) == set(), "tests/app/route_table.py says it of what is gone"
    assert len(hidden(hub._parts.control.router)) > len(TABLE) / 2


async def test_the_documentation_says_the_same_of_who_may() -> None:
    text = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `/")]
    for row in TABLE:
        if row.route == "/":
            continue
        told = [line for line in lines if re.match(rf"\| `{re.escape(row.route)}[`?]", line)]
        assert told, row.name
        if any("Public" in line for line in told):
            assert row.may is May.ANYBODY, row.name
        if row.may is May.ADMIN:
            assert any("or administrators" in line for line in told), row.name


@pytest.mark.parametrize("who", PEOPLE)
async def test_people_may_what_the_table_says_and_nothing_else(tmp_path: Path, who: str) -> None:
    async with world(tmp_path) as place, opened() as browser:
        await arrived(browser, place, PEOPLE[who])
        found = {row.name: await told(browser, place, row) for row in TABLE}
    if who == "nobody":
        assert_no_service_is_told(found)
    for row in TABLE:
        got = found[row.name]
        wanted = REFUSED[who].get(row.may)
        if row.method == "HEAD":
            assert (got.status in {401, 403}) == (wanted is not None), row.name
        else:
            assert got.refused == wanted, (row.name, got)
        assert_protected(row, got)


@pytest.mark.parametrize("body", ["{", "[]", '{"none": 0}'])
async def test_nobody_is_told_what_is_wrong_before_who_they_are(tmp_path: Path, body: str) -> None:
    rows = [row for row in TABLE if row.body and row.may is not May.ANYBODY]
    assert len(rows) >= 6
    async with world(tmp_path) as place, opened() as browser:
        for row in rows:
            got = await told(browser, place, replace(row, body=body))
            assert (got.status, got.problem) == (401, "not-signed-in"), row.name
        asked = row_named("GET /hub/v1/audit")
        got = await told(browser, place, replace(asked, target="/hub/v1/audit?limit=none"))
        assert (got.status, got.problem) == (401, "not-signed-in")


def row_named(name: str) -> Row:
    (found,) = (row for row in TABLE if row.name == name)
    return found


def assert_no_service_is_told(found: Mapping[str, Told]) -> None:
    assert {found[f"{method} /api/{{service}}/{{path}}"].status for method in RELAYED} == {401}


def assert_protected(row: Row, got: Told) -> None:
    """See that the answer is not kept, not framed, and tells no other site where it was."""
    policy = got.headers["Content-Security-Policy"]
    (framing,) = (part for part in policy.split("; ") if part.startswith("frame-ancestors"))
    if row.name != FRAMED:
        assert framing == "frame-ancestors 'none'", row.name
    assert "*" not in framing
    assert got.headers["Referrer-Policy"] == "no-referrer", row.name
    assert got.headers["X-Content-Type-Options"] == "nosniff", row.name
    assert "no-store" in got.headers["Cache-Control"], row.name
    for cookie in got.cookies:
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax"} <= attributes, (row.name, cookie)


async def test_programs_may_what_their_roles_say_without_signs_of_a_page(tmp_path: Path) -> None:
    async with world(tmp_path) as place, opened() as browser:
        bearer = {"Authorization": f"Bearer {await programs_token(browser, place)}"}
        for row in TABLE:
            if row.may is May.ANYBODY:
                continue
            got = await told(browser, place, row, bearer)
            if row.method == "HEAD":
                assert got.status not in {401, 403}, row.name
            else:
                wanted = {"wrong-bearer"} if row.own_token else PROGRAM[row.may]
                assert got.refused in wanted, (row.name, got)
            assert_protected(row, got)


SIGNS = {
    "no header": {"Sec-Fetch-Site": "same-origin"},
    "another header": {"X-MainHub-CSRF": "true", "Sec-Fetch-Site": "same-origin"},
    "another site": {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "cross-site"},
    "a sibling": {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "same-site"},
    "nothing of the browser": {"X-MainHub-CSRF": "1"},
    "another origin": {"X-MainHub-CSRF": "1", "Origin": "https://evil.example"},
    "no origin at all": {"X-MainHub-CSRF": "1", "Origin": "null"},
    "two minds": {
        "X-MainHub-CSRF": "1",
        "Sec-Fetch-Site": "same-origin",
        "Origin": "https://evil.example",
    },
}


async def test_nothing_changes_without_every_sign_of_a_page(tmp_path: Path) -> None:
    guarded = [row for row in TABLE if row.guarded]
    assert {row.method for row in guarded} == {"POST", "PUT", "PATCH", "DELETE"}
    named = {"X-MainHub-Frontend": "dashboard"}
    async with world(tmp_path) as place, opened() as browser:
        await arrived(browser, place, ADA)
        for row in guarded:
            for sign, headers in SIGNS.items():
                got = await told(browser, place, row, {**named, **headers})
                assert (got.status, got.problem) == (403, "csrf"), (row.name, sign)
        # They were not carried out: the administrator is signed in still.
        assert (await place.session(browser)).status == 200


async def test_a_token_beside_a_cookie_counts_alone(tmp_path: Path) -> None:
    """No page escapes the signs by a token of its own making, and no program borrows a person."""
    async with world(tmp_path) as place, opened() as browser:
        token = await programs_token(browser, place)
        await arrived(browser, place, ADA)
        for row in (row for row in TABLE if row.guarded):
            for made_up in ("Bearer a.b.c", "Bearer", "bearer x, Bearer y", "Basic YTpi", ""):
                got = await told(browser, place, row, {"Authorization": made_up})
                assert got.status in {400, 401, 403}, (row.name, made_up, got)
            if row.may is May.ADMIN:
                got = await told(browser, place, row, {"Authorization": f"Bearer {token}"})
                assert got.problem == "missing-role", (row.name, got)
        assert (await place.session(browser)).status == 200


async def test_what_is_safe_by_its_method_changes_nothing(hub: Hub) -> None:
    # A GET that ends a session could be an image on any page.
    deeds = ("logout", "invalidate", "{deed}")
    for name in answered(hub):
        method, path = name.split(" ")
        if path.rsplit("/", 1)[-1] in deeds:
            assert method not in SAFE, name


async def test_the_session_after_a_sign_in_is_a_new_one(tmp_path: Path) -> None:
    """An attacker who knows or plants a cookie before a sign-in has nothing after it."""
    async with world(tmp_path) as place, opened() as browser, opened() as attacker:
        await arrived(attacker, place, ALAN)
        planted = attacker.cookies(place.hub.url)["mainhub"]
        browser.plant(place.hub.url, {"mainhub": planted})
        await arrived(browser, place, ADA)
        assert browser.cookies(place.hub.url)["mainhub"] != planted
        seen = await attacker.get(f"{place.hub.url}/auth/session", HTML)
        assert seen.status == 401 or seen.json["user"]["name"] == ALAN.name
