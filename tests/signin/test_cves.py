"""What went wrong elsewhere, by its number: each is tried on this hub, over HTTP.

Those that concern headers of the gateway are tried in tests/gateway.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signin.browser import OWN_PAGE, opened
from signin.forged_keys import keys_forged
from signin.forged_tenants import tenants_forged
from signin.forged_tokens import forged
from signin.forged_with import but, without
from signin.hostile_provider import OTHER_TENANT, TENANT, Defect, Keys, public
from signin.hostile_world import HostileWorld, hostile_world
from signin.logout_tokens import logout_token
from signin.served import listener
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

SAME_ADDRESS = {"email": "linus@example.com", "email_verified": True}
HONEST = [
    Defect("plain", status=303),
    Defect("other", status=303),
    Defect("addressed", status=303, claims=but(**SAME_ADDRESS)),
    Defect("addressed-too", status=303, claims=but(**SAME_ADDRESS)),
    Defect("entra", status=303, kind="entra", claims=but(**SAME_ADDRESS)),
    Defect("several", status=303, kind="entra", realm="organizations"),
]
_KNOWN = {defect.name: defect for defect in (*forged(), *keys_forged(), *tenants_forged())}
# The number, and what is forged as it was there.
FORGED = {
    "CVE-2026-27962-jwk": _KNOWN["header-jwk"],
    "CVE-2026-27962-jwk-of-the-thief": _KNOWN["header-jwk-of-the-thief"],
    "CVE-2026-27962-es256": _KNOWN["es256-with-the-thief-s-own-jwk"],
    "CVE-2026-27962-jku": _KNOWN["header-jku"],
    "CVE-2024-37568-pem": _KNOWN["hs256-with-the-public-key"],
    "CVE-2024-37568-jwk": _KNOWN["hs256-with-the-public-key-as-jwk"],
    "CVE-2025-59420": _KNOWN["header-with-crit-unknown"],
    "CVE-2025-61920-header": _KNOWN["header-oversize"],
    "CVE-2025-61920-token": _KNOWN["token-oversize"],
    "CVE-2022-21449": _KNOWN["es256-signature-zero"],
    "CVE-2025-55241": _KNOWN["entra-several-tenants-one-not-listed"],
    "CVE-2025-55241-issuer": _KNOWN["entra-several-tenants-issuer-of-another"],
    "CVE-2025-55241-one-tenant": _KNOWN["entra-issuer-of-another-tenant"],
    "Storm-0558": Defect(
        "Storm-0558",
        kind="entra",
        realm="organizations",
        keys=lambda: {
            "keys": [public(Keys.made().rsa, issuer=f"https://login.example/{OTHER_TENANT}/v2.0")]
        },
    ),
    "Storm-0558-consumers": _KNOWN["entra-person-of-consumers"],
}
OPEN_REDIRECTS = {
    "CVE-2020-5233": ["/\\evil.example", "\\\\evil.example", "/\\/evil.example"],
    "CVE-2020-11053": ["/\t/evil.example", "/\n/evil.example", "/%0a/evil.example/%2e%2e"],
    "CVE-2020-4037": ["//evil.example", "/ /evil.example", "///evil.example", "/\r/evil.example"],
    "CVE-2021-21291": ["https://evil.example", "//localhost.evil.example", "//evil.example@x"],
}


@dataclass(frozen=True)
class World(HostileWorld):
    """A hub that also knows a service, which tells whose token it was given."""

    seen: list[str]

    async def session(self, browser: Browser) -> Answer:
        return await browser.get(f"{self.hub.url}/auth/session")

    async def user(self, browser: Browser) -> dict[str, object]:
        told = (await self.session(browser)).json["user"]
        assert isinstance(told, dict)
        return told

    async def call(self, browser: Browser) -> Answer:
        return await browser.get(f"{self.hub.url}/api/echo/v1/x", OWN_PAGE)


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[World]:
    service, seen = listener(), list[str]()

    async def tell(request: Request) -> Response:
        seen.append(request.headers["authorization"].removeprefix("Bearer "))
        return JSONResponse({"token": seen[-1]})

    services = {
        "echo": {
            "upstreams": [address(service)],
            "roles": ["Employee"],
            "scopes": ["api://{client_id}/access_as_user"],
        }
    }
    issuers = [*HONEST, *(replace(defect, name=number) for number, defect in FORGED.items())]
    async with (
        serving(Starlette(routes=[Route("/{rest:path}", tell)]), service),
        hostile_world(
            issuers, tmp_path_factory.mktemp("cves"), clock=clock, services=services
        ) as one,
    ):
        yield World(one.hub, one.issuers, seen)


@pytest.mark.parametrize("number", FORGED)
async def test_forged(world: World, browser: Browser, number: str) -> None:
    answer = await world.sign_in(browser, number)
    assert answer.status == 403, answer.text
    assert not answer.sets("mainhub")
    assert (await world.session(browser)).status == 401
    async with opened() as other:
        # The same without the forgery signs in.
        entra = FORGED[number].kind == "entra"
        name = "several" if FORGED[number].realm else "entra" if entra else "plain"
        assert (await world.sign_in(other, name)).status == 303


@pytest.mark.parametrize(
    ("number", "target"),
    [(number, target) for number, targets in OPEN_REDIRECTS.items() for target in targets],
)
async def test_open_redirects(world: World, browser: Browser, number: str, target: str) -> None:
    assert number.startswith("CVE-")
    begun = await world.begin(browser, "plain", return_to=quote(target, safe=""))
    answer = await browser.get((await browser.get(begun.location)).location)
    assert answer.status == 303
    # Whatever is in it, the browser stays here.
    assert urlsplit(answer.location).netloc == urlsplit(world.hub.url).netloc


async def test_cve_2025_68158_a_state_is_bound_to_its_browser(
    world: World, browser: Browser
) -> None:
    async with opened() as attacker:
        url = await world.arrive(attacker, "plain")
    answer = await browser.get(url)
    assert answer.status == 409
    assert (await world.session(browser)).status == 401


async def test_cve_2023_48309_nothing_of_a_sign_in_under_way_is_a_session(
    world: World, browser: Browser
) -> None:
    start = await world.begin(browser, "plain")
    flow = {
        name: value
        for name, value in browser.cookies(world.hub.url).items()
        if name.startswith("mainhub-flow-")
    }
    query = dict(parse_qsl(urlsplit(start.location).query))
    tried = [*flow, *flow.values(), *(query[name] for name in ("state", "nonce", "code_challenge"))]
    assert len(tried) == 5
    for value in tried:
        async with opened() as attacker:
            attacker.plant(world.hub.url, {"mainhub": value})
            assert (await world.session(attacker)).status == 401
    assert (await browser.get((await browser.get(start.location)).location)).status == 303
    session = browser.cookies(world.hub.url)["mainhub"]
    async with opened() as attacker:
        # Nor the other way round: a session is no sign-in under way.
        name = next(iter(flow))
        url = await world.arrive(attacker, "plain")
        attacker.http.cookie_jar.clear()
        attacker.plant(world.hub.url, {name: session})
        assert (await attacker.get(url)).status == 409


async def test_ghsa_f24x_a_sign_in_gets_an_id_that_nobody_knew(
    world: World, browser: Browser
) -> None:
    async with opened() as attacker:
        await world.sign_in(attacker, "other")
        known = attacker.cookies(world.hub.url)["mainhub"]
    browser.plant(world.hub.url, {"mainhub": known})
    assert (await world.sign_in(browser, "plain")).status == 303
    own = browser.cookies(world.hub.url)["mainhub"]
    assert own != known
    async with opened() as attacker:
        attacker.plant(world.hub.url, {"mainhub": known})
        # Not theirs, and not even the attacker's own any more.
        assert (await world.session(attacker)).status == 401


async def test_noauth_nobody_is_known_by_an_address(world: World, browser: Browser) -> None:
    assert (await world.sign_in(browser, "addressed")).status == 303
    first = await world.user(browser)
    found = [first["id"]]
    for name in ("addressed-too", "entra"):
        async with opened() as other:
            assert (await world.sign_in(other, name)).status == 303
            user = await world.user(other)
            assert user["email"] == first["email"]
            found.append(user["id"])
    assert len(set(found)) == 3
    assert not [one for one in found if "@" in str(one)]
    assert (await world.user(browser))["id"] == first["id"]


@pytest.mark.parametrize(
    "address_of_it",
    ["linus@example.com@evil.example", "linus@evil.example,ada@example.com", "@example.com", "*"],
)
async def test_ghsa_c5c4_an_address_opens_nothing(
    world: World, browser: Browser, address_of_it: str
) -> None:
    issuer = world.issuers["plain"]
    honest = issuer.defect
    issuer.roles = None
    issuer.defect = replace(honest, claims=but(email=address_of_it))
    try:
        assert (await world.sign_in(browser, "plain")).status == 303
        user = await world.user(browser)
        assert (user["id"], user["roles"]) == (f"{issuer.url}|linus", ["USER"])
        assert (await world.call(browser)).status == 403
    finally:
        issuer.defect, issuer.roles = honest, ["Employee"]


async def test_cve_2021_41230_roles_are_those_of_today(world: World, browser: Browser) -> None:
    issuer = world.issuers["plain"]
    assert (await world.sign_in(browser, "plain")).status == 303
    assert (await world.user(browser))["roles"] == ["Employee"]
    issuer.roles = None
    try:
        # The token for the service is renewed, and with it what the person may do.
        await world.call(browser)
        assert (await world.user(browser))["roles"] == ["USER"]
        assert (await world.call(browser)).status == 403
    finally:
        issuer.roles = ["Employee"]


async def test_cve_2024_51987_nobody_is_served_with_anothers_token(world: World) -> None:
    names = ["plain", "other"]
    async with opened() as one, opened() as two:
        people = dict(zip(names, (one, two), strict=True))
        for name, browser in people.items():
            assert (await world.sign_in(browser, name)).status == 303
        calls = [name for _ in range(8) for name in names]
        answers = await asyncio.gather(*(world.call(people[name]) for name in calls))
    served = {name: set[str]() for name in names}
    for name, answer in zip(calls, answers, strict=True):
        assert answer.status == 200, answer.text
        served[name].add(answer.json["token"])
    for name, tokens in served.items():
        assert len(tokens) == 1
        assert tokens <= world.issuers[name].handed_out


async def test_geolens_1446_a_late_renewal_brings_nobody_back(
    world: World, browser: Browser
) -> None:
    issuer = world.issuers["plain"]
    assert (await world.sign_in(browser, "plain")).status == 303
    known = browser.cookies(world.hub.url)["mainhub"]
    issuer.gate.clear()
    issuer.waiting.clear()
    try:
        call = asyncio.create_task(world.call(browser))
        await issuer.waiting.wait()
        left = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        assert left.status == 200
    finally:
        issuer.gate.set()
    assert (await call).status == 401
    async with opened() as other:
        other.plant(world.hub.url, {"mainhub": known})
        assert (await world.session(other)).status == 401


async def test_duende_1497_two_answers_at_once_are_two_sessions_or_none(world: World) -> None:
    async with opened() as browser:
        urls = [await world.arrive(browser, name) for name in ("plain", "other")]
        answers = await asyncio.gather(*(browser.get(url) for url in urls))
        assert {answer.status for answer in answers} == {303}
        ids = {answer.cookie("mainhub")["value"] for answer in answers}
        assert len(ids) == 2
        assert browser.cookies(world.hub.url)["mainhub"] in ids


async def test_authlib_376_cookies_of_sign_ins_do_not_grow_for_ever(
    world: World, browser: Browser
) -> None:
    for _ in range(40):
        assert (await world.begin(browser, "plain")).status == 303
    sent = "; ".join("=".join(pair) for pair in browser.cookies(world.hub.url).items())
    assert len(sent) < 4096
    assert (await world.sign_in(browser, "plain")).status == 303


async def test_oauth2_proxy_1224_the_provider_can_end_a_session(
    world: World, browser: Browser
) -> None:
    url = f"{world.hub.url}/auth/backchannel/{world.issuers['plain'].name}"
    assert (await world.sign_in(browser, "plain")).status == 303
    token = logout_token(world.issuers["plain"], sub="linus")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with opened() as provider:
        sent = urlencode({"logout_token": token}).encode()
        assert (await provider.send(url, sent, form)).status == 200
    assert (await world.session(browser)).status == 401


async def test_claims_without_an_identity_are_nobody(world: World, browser: Browser) -> None:
    issuer = world.issuers["entra"]
    honest = issuer.defect
    issuer.defect = replace(honest, claims=without("oid"))
    try:
        assert (await world.sign_in(browser, "entra")).status == 403
    finally:
        issuer.defect = honest
    assert TENANT not in (await world.session(browser)).text
