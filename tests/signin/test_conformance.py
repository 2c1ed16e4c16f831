"""The OpenID relying-party conformance plan: what concerns the code flow and logout, by its names.

Not ours, since we do none of it: the implicit and the hybrid flow, WebFinger, request objects by
reference, session management by frames, and dynamic registration.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mainhub.signin import Provider
from signin.broken_answers import broken
from signin.browser import OWN_PAGE, opened
from signin.forged_tokens import forged
from signin.forged_with import but, by
from signin.honest_answers import honest
from signin.hostile_provider import Defect, Keys, public
from signin.hostile_userinfo import DROPPED, TAKEN
from signin.hostile_world import HostileWorld, hostile_world
from signin.logout_tokens import FORGED, logout_claims, logout_token
from signin.served import listener
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

    Case = Callable[[HostileWorld, Browser, str], Awaitable[None]]

pytestmark = pytest.mark.anyio

PREFIX = "oidcc-client-test"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SID = "the-provider-s-session"
LEARNED = {
    defect.name: defect
    for defect in (*honest(), *forged(), *broken(), *DROPPED, *TAKEN)
    if defect.name.startswith(PREFIX)
}
ELSEWHERE = {
    "_claim_names": {"name": "src1", "roles": "src1"},
    "_claim_sources": {"src1": {"endpoint": "http://127.0.0.1:9/claims", "access_token": "x"}},
}
WITHIN = {
    "_claim_names": {"name": "src1", "roles": "src1"},
    "_claim_sources": {"src1": {"JWT": "e30.e30."}},
}
CASES: dict[str, Case] = {}
DEFECTS: dict[str, Defect] = dict(LEARNED)


def of_the_plan(*names: str, defect: Callable[[str], Defect] = Defect) -> Callable[[Case], Case]:
    """Take a case for the plan's *names*, each with an issuer of its own."""

    def taken(case: Case) -> Case:
        for name in names:
            full = f"{PREFIX}-{name}" if name else PREFIX
            CASES[full] = case
            DEFECTS.setdefault(full, defect(full))
        return case

    return taken


async def echo(_: Request) -> Response:
    return JSONResponse({"served": True})


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    service = listener()
    services = {
        "echo": {
            "upstreams": [address(service)],
            "roles": ["Employee"],
            "scopes": ["api://{client_id}/access_as_user"],
        }
    }
    state = tmp_path_factory.mktemp("conformance")
    async with (
        serving(Starlette(routes=[Route("/{rest:path}", echo)]), service),
        hostile_world(DEFECTS.values(), state, clock=clock, services=services) as one,
    ):
        yield one


async def is_in(world: HostileWorld, browser: Browser) -> bool:
    return (await browser.get(f"{world.hub.url}/auth/session")).status == 200


async def signed_in(world: HostileWorld, browser: Browser, name: str) -> None:
    answer = await world.sign_in(browser, name)
    assert answer.status == 303, answer.text
    assert await is_in(world, browser)


@of_the_plan("", "idtoken-sig-rs256", "kid-absent-single-jwks")
async def accepts(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)


@of_the_plan(
    "invalid-iss",
    "invalid-aud",
    "missing-aud",
    "missing-iat",
    "missing-sub",
    "nonce-invalid",
    "invalid-sig-rs256",
    "invalid-sig-es256",
    "invalid-sig-hs256",
    "idtoken-sig-none",
    "kid-absent-multiple-jwks",
    "invalid-athash",
)
async def refuses(world: HostileWorld, browser: Browser, name: str) -> None:
    answer = await world.sign_in(browser, name)
    assert answer.status == 403
    assert not await is_in(world, browser)
    # For the reason that is meant: the code was exchanged, and the token judged.
    assert world.issuers[name].asked["token"] == 1


@of_the_plan("client-secret-basic", defect=lambda name: Defect(name, basic=True))
async def authenticates_in_a_header(world: HostileWorld, browser: Browser, name: str) -> None:
    if "authentication" not in Provider.__dataclass_fields__:
        pytest.skip("the secret goes in the form only")
    await signed_in(world, browser, name)


@of_the_plan("scope-userinfo-claims", "userinfo-signed")
async def asks_for_names(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    told = (await browser.get(f"{world.hub.url}/auth/session")).json["user"]
    assert told["name"] == "Ada"
    assert told["roles"] == ["Employee"]


@of_the_plan(
    "userinfo-bearer-header",
    defect=lambda name: replace(LEARNED[f"{PREFIX}-scope-userinfo-claims"], name=name),
)
async def shows_the_token_in_a_header(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    assert world.issuers[name].credentials[-1].startswith("Bearer access-")


@of_the_plan("userinfo-invalid-sub")
async def drops_what_is_told_of_others(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    told = (await browser.get(f"{world.hub.url}/auth/session")).json["user"]
    assert (told["name"], told["email"]) == ("linus", None)


@of_the_plan("discovery-openid-config", "discovery-jwks-uri-keys")
async def asks_what_is_described(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    asked = world.issuers[name].asked
    assert {"openid-configuration", "keys"} <= set(asked)


@of_the_plan("discovery-issuer-mismatch")
async def does_not_start(world: HostileWorld, browser: Browser, name: str) -> None:
    assert (await world.begin(browser, name)).status == 503
    assert world.issuers[name].asked["authorize"] == 0


def rotated(name: str) -> Defect:
    made = Keys.made()
    return Defect(
        name,
        keys=lambda: {"keys": [public(made.rsa_next)]},
        token=by(lambda keys: keys.rsa_next, kid="two"),
    )


@of_the_plan("signing-key-rotation")
async def follows_new_keys(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    world.issuers[name].defect = rotated(name)
    async with opened() as other:
        await signed_in(world, other, name)
    assert world.issuers[name].asked["keys"] == 2


@of_the_plan("signing-key-rotation-just-before-signing")
async def follows_them_at_once(world: HostileWorld, browser: Browser, name: str) -> None:
    async with opened() as other:
        await signed_in(world, other, name)
    url = await world.arrive(browser, name)
    world.issuers[name].defect = rotated(name)
    assert (await browser.get(url)).status == 303
    assert await is_in(world, browser)


async def called(world: HostileWorld, browser: Browser) -> Answer:
    return await browser.get(f"{world.hub.url}/api/echo/v1/x", OWN_PAGE)


@of_the_plan("refresh-token")
async def renews(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    assert (await called(world, browser)).json == {"served": True}
    assert world.issuers[name].form["grant_type"] == "refresh_token"


@of_the_plan("refresh-token-invalid-issuer", "refresh-token-invalid-sub")
async def ends_with_a_wrong_renewal(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    told = {"iss": "https://evil.example"} if name.endswith("issuer") else {"sub": "ada"}
    world.issuers[name].defect = Defect(name, claims=but(**told))
    assert (await called(world, browser)).status == 401
    assert not await is_in(world, browser)


@of_the_plan("3rd-party-init-login")
async def begins_for_a_portal(world: HostileWorld, browser: Browser, name: str) -> None:
    query = urlencode(
        {"iss": world.issuers[name].url, "target_link_uri": "/orders", "login_hint": "x"}
    )
    start = await browser.get(f"{world.hub.url}/auth/login?{query}")
    assert start.query["login_hint"] == "x"
    answer = await browser.get((await browser.get(start.location)).location)
    assert (answer.status, answer.headers["Location"]) == (303, "/orders")
    assert await is_in(world, browser)


async def left(world: HostileWorld, browser: Browser, name: str) -> dict[str, str]:
    """Sign in and out, and return what the browser takes to the provider."""
    await signed_in(world, browser, name)
    answer = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
    location = answer.json["location"]
    assert location.startswith(f"{world.issuers[name].url}/logout?")
    assert not await is_in(world, browser)
    return dict(parse_qsl(urlsplit(location).query))


def page_of(html: str) -> str:
    """Return what the page says."""
    found = re.search(r"<main.*</main>", html, re.DOTALL)
    assert found is not None
    return found[0]


@of_the_plan("rp-init-logout")
async def signs_out(world: HostileWorld, browser: Browser, name: str) -> None:
    sent = await left(world, browser, name)
    assert sent["post_logout_redirect_uri"] == f"{world.hub.url}/auth/signed-out"
    back = f"{sent['post_logout_redirect_uri']}?{urlencode({'state': sent['state']})}"
    page = await browser.get(back)
    assert page.status == 200
    async with opened() as stranger:
        # Only the browser that was sent is told that the provider's session has ended.
        assert page_of((await stranger.get(back)).text) != page_of(page.text)


@of_the_plan("rp-init-logout-no-state", "rp-init-logout-other-state")
async def believes_no_other_state(world: HostileWorld, browser: Browser, name: str) -> None:
    sent = await left(world, browser, name)
    back = sent["post_logout_redirect_uri"]
    wrong = await browser.get(back if name.endswith("no-state") else f"{back}?state=another")
    async with opened() as stranger:
        unknown = await stranger.get(back)
    assert page_of(wrong.text) == page_of(unknown.text)
    right = await browser.get(f"{back}?state={quote(sent['state'], safe='')}")
    assert page_of(right.text) != page_of(wrong.text)


@of_the_plan(
    "rp-frontchannel-opinitlogout",
    "rp-frontchannel-rpinitlogout",
    defect=lambda name: Defect(name, claims=but(sid=SID)),
)
async def ends_by_a_frame(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    issuer = world.issuers[name]
    address_of_it = f"{world.hub.url}/auth/frontchannel/{issuer.name}"
    async with opened() as frame:
        wrong = urlencode({"iss": "https://evil.example", "sid": SID})
        assert (await frame.get(f"{address_of_it}?{wrong}")).status == 400
        assert await is_in(world, browser)
        right = urlencode({"iss": issuer.url, "sid": SID})
        assert (await frame.get(f"{address_of_it}?{right}")).status == 200
    assert not await is_in(world, browser)


async def told(world: HostileWorld, name: str, token: str) -> int:
    """Return the hub's answer to a logout token that comes from nowhere near the browser."""
    url = f"{world.hub.url}/auth/backchannel/{world.issuers[name].name}"
    async with opened() as provider:
        return (await provider.send(url, f"logout_token={quote(token)}".encode(), FORM)).status


@of_the_plan("rp-backchannel-rpinitlogout", defect=lambda name: Defect(name, claims=but(sid=SID)))
async def ends_by_a_token(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    assert await told(world, name, logout_token(world.issuers[name], sid=SID)) == 200
    assert not await is_in(world, browser)


@of_the_plan(
    "rp-backchannel-rpinitlogout-alg-none",
    "rp-backchannel-rpinitlogout-wrong-alg",
    "rp-backchannel-rpinitlogout-no-event",
    "rp-backchannel-rpinitlogout-wrong-event",
    "rp-backchannel-rpinitlogout-with-nonce",
    "rp-backchannel-rpinitlogout-wrong-aud",
    "rp-backchannel-rpinitlogout-wrong-iss",
    defect=lambda name: Defect(name, claims=but(sid=SID)),
)
async def ends_by_no_forged_token(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    token = FORGED[name](logout_claims(world.issuers[name], sid=SID))
    assert await told(world, name, token) == 400
    assert await is_in(world, browser)


@of_the_plan("form-post-error")
async def shows_an_error(world: HostileWorld, browser: Browser, name: str) -> None:
    url = await world.arrive(browser, name)
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    answer = {"error": "access_denied", "state": state}
    # A form was not asked for, and is not taken; the same error in the address is told.
    posted = await browser.post(url.partition("?")[0], answer)
    assert posted.status == 405
    assert not posted.sets("mainhub")
    page = await browser.get(f"{url.partition('?')[0]}?{urlencode(answer)}")
    assert page.status == 403
    assert "access_denied" in page.text
    assert not await is_in(world, browser)


@of_the_plan("aggregated-claims", defect=lambda name: Defect(name, claims=but(**WITHIN)))
@of_the_plan("distributed-claims", defect=lambda name: Defect(name, claims=but(**ELSEWHERE)))
async def takes_no_claims_of_others(world: HostileWorld, browser: Browser, name: str) -> None:
    await signed_in(world, browser, name)
    told_of = (await browser.get(f"{world.hub.url}/auth/session")).json["user"]
    assert (told_of["name"], told_of["roles"]) == ("Linus", ["Employee"])


def test_the_whole_of_the_plan_that_is_ours_is_here() -> None:
    assert len(CASES) == 45
    assert set(LEARNED) <= set(CASES) | {f"{PREFIX}-userinfo-invalid-sub"}


@pytest.mark.parametrize("name", CASES)
async def test_plan(world: HostileWorld, browser: Browser, name: str) -> None:
    await CASES[name](world, browser, name)
