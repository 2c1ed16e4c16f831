"""People who sign in with the simulated tenant, stay, and sign out."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from mainhub.simulator import TENANT_ID
from signin.browser import OWN_PAGE, opened
from signin.entra_world import ADA, ALAN, LINUS, EntraWorld, entra_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[EntraWorld]:
    async with entra_world(tmp_path_factory.mktemp("entra"), clock=clock) as one:
        yield one


async def test_signs_a_person_in(world: EntraWorld, browser: Browser) -> None:
    answer = await world.sign_in(browser)
    assert answer.status == 303
    assert answer.location == f"{world.hub.url}/"
    cookie = answer.cookie("mainhub")
    assert cookie["httponly"] == "True"
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == cookie["max-age"] == cookie["expires"] == ""
    assert len(f"mainhub={cookie['value']}") <= 100
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_tells_a_page_who_is_signed_in(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    told = await world.session(browser)
    assert told.status == 200
    assert told.json["user"] == {
        "id": f"{TENANT_ID}.{LINUS.oid}",
        "name": "Linus Pauling",
        "email": "linus@hautemer.example",
        "roles": ["Employee"],
        "tenantId": TENANT_ID,
        "guest": False,
    }
    assert told.json["provider"] == {"name": "entra", "title": "Microsoft Entra ID"}
    times = {"expires_at", "idle_expires_at"}
    assert set(told.json) == {"user", "permissions", "provider", "unverified", "step_up", *times}
    assert told.json["unverified"] is False
    assert told.json["step_up"] is True


async def test_a_person_without_a_role_is_user(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser, ALAN)
    assert (await world.session(browser)).json["user"]["roles"] == ["USER"]


async def test_nobody_is_signed_in_at_first(world: EntraWorld, browser: Browser) -> None:
    told = await world.session(browser)
    assert told.status == 401
    assert told.problem == "not-signed-in"


@pytest.mark.parametrize(
    "invented", ["x", "A" * 43, "A" * 42, "A" * 44, "é" * 43, "", "../../etc", "A" * 43 + "'--"]
)
async def test_an_invented_session_is_none(
    world: EntraWorld, browser: Browser, invented: str
) -> None:
    headers = {"Cookie": f"mainhub={quote(invented, safe='')}"}
    assert (await browser.get(f"{world.hub.url}/auth/session", headers)).status == 401


async def test_a_new_sign_in_gets_a_new_id_and_ends_the_old_session(
    world: EntraWorld, browser: Browser
) -> None:
    first = (await world.sign_in(browser)).cookie("mainhub")["value"]
    second = (await world.sign_in(browser)).cookie("mainhub")["value"]
    assert first != second
    async with opened() as thief:
        thief.plant(world.hub.url, {"mainhub": first})
        assert (await world.session(thief)).status == 401
    assert (await world.session(browser)).status == 200


async def test_never_adopts_an_id_that_the_browser_brought(
    world: EntraWorld, browser: Browser
) -> None:
    planted = "F" * 43
    browser.plant(world.hub.url, {"mainhub": planted})
    answer = await world.sign_in(browser)
    assert answer.cookie("mainhub")["value"] != planted
    async with opened() as attacker:
        attacker.plant(world.hub.url, {"mainhub": planted})
        assert (await world.session(attacker)).status == 401


async def test_a_failed_sign_in_leaves_the_session_alone(
    world: EntraWorld, browser: Browser
) -> None:
    await world.sign_in(browser)
    refused = await browser.get(f"{world.hub.url}/auth/callback/entra?state=none&code=none")
    assert refused.status == 409
    assert (await world.session(browser)).status == 200


@pytest.mark.parametrize("path", ["/orders/1?tab=two", "/a%20b", "/", "/x?next=https://x.example"])
async def test_returns_to_where_the_person_was(
    world: EntraWorld, browser: Browser, path: str
) -> None:
    answer = await world.sign_in(browser, return_to=path)
    assert answer.headers["Location"] == path


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/%0d%0aSet-Cookie:x=1\r\n",
        " //evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/auth/login",
        "/auth",
        "/" + "a" * 3000,
        "/é",
    ],
)
async def test_never_returns_to_elsewhere(
    world: EntraWorld, browser: Browser, hostile: str
) -> None:
    answer = await world.sign_in(browser, return_to=hostile)
    assert answer.status == 303
    assert answer.headers["Location"] == "/"


async def test_a_reload_and_a_restart_keep_the_session(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    told = await world.session(browser)
    assert (await world.session(browser)).json == told.json
    async with world.another_hub() as restarted:
        again = await browser.get(f"{restarted.url}/auth/session")
    assert again.json == told.json


async def test_asking_does_not_prolong_the_session(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    told = (await world.session(browser)).json
    world.clock.move(timedelta(minutes=20))
    assert (await world.session(browser)).json == told
    world.clock.move(timedelta(minutes=11))
    assert (await world.session(browser)).status == 401


async def test_activity_prolongs_the_session_until_its_end(
    world: EntraWorld, browser: Browser
) -> None:
    await world.sign_in(browser, ADA)
    for _ in range(24):
        world.clock.move(timedelta(minutes=19))
        page = await browser.get(f"{world.hub.url}/hub/v1/frontends")
        assert page.status == 200
    world.clock.move(timedelta(minutes=25))
    # An administrator's day has eight hours.
    assert (await world.session(browser)).status == 401


async def test_twenty_tabs_sign_in_at_once(world: EntraWorld, browser: Browser) -> None:
    sessions = world.hub.parts.sessions
    others = {one.ref for one in await sessions.list(limit=1000)}
    await world.sign_in(browser)
    starts = await asyncio.gather(*(world.begin(browser, f"/tab/{tab}") for tab in range(20)))
    assert len(flow_cookies(world, browser)) == 20
    arrivals = [await world.arrive(browser, LINUS, start) for start in starts]
    answers = await asyncio.gather(*(browser.get(url) for url in reversed(arrivals)))
    assert [answer.status for answer in answers] == [303] * 20
    landed = {answer.headers["Location"] for answer in answers}
    assert landed == {f"/tab/{tab}" for tab in range(20)}
    assert flow_cookies(world, browser) == {}
    assert (await world.session(browser)).status == 200
    # Signing out leaves nothing behind of those whose cookies the browser has overwritten.
    mine = {one.ref for one in await sessions.list(limit=1000)} - others
    assert mine
    async with opened() as elsewhere:
        await world.sign_in(elsewhere)
        out = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        assert out.status == 200
        left = {one.ref for one in await sessions.list(limit=1000)}
        assert left.isdisjoint(mine)
        assert (await world.session(elsewhere)).status == 200


async def test_the_oldest_of_too_many_tabs_is_given_up(world: EntraWorld, browser: Browser) -> None:
    starts = []
    for _ in range(27):
        starts.append(await world.begin(browser))
        world.clock.move(timedelta(seconds=2))
    assert len(flow_cookies(world, browser)) == 25
    newest = await world.arrive(browser, LINUS, starts[-1])
    oldest = await world.arrive(browser, LINUS, starts[0])
    assert (await browser.get(oldest)).status == 409
    assert (await browser.get(newest)).status == 303


async def test_a_flow_cookie_goes_when_it_was_used(world: EntraWorld, browser: Browser) -> None:
    start = await world.begin(browser)
    ((name, _),) = flow_cookies(world, browser).items()
    attributes = start.cookie(name)
    assert attributes["httponly"] == "True"
    assert attributes["samesite"] == "Lax"
    assert attributes["max-age"] == "600"
    answer = await browser.get(await world.arrive(browser, LINUS, start))
    assert answer.cookie(name)["max-age"] == "0"
    assert flow_cookies(world, browser) == {}


def flow_cookies(world: EntraWorld, browser: Browser) -> dict[str, str]:
    cookies = browser.cookies(world.hub.url)
    return {name: value for name, value in cookies.items() if name.startswith("mainhub-flow-")}


async def test_asks_the_provider_as_the_standards_want(world: EntraWorld, browser: Browser) -> None:
    asked = (await world.begin(browser)).query
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["redirect_uri"] == f"{world.hub.url}/auth/callback/entra"
    again = (await world.begin(browser)).query
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]


async def test_signing_out_ends_the_session_here_and_there(
    world: EntraWorld, browser: Browser
) -> None:
    cookie = (await world.sign_in(browser)).cookie("mainhub")["value"]
    assert await signed_in_at_the_tenant(world, browser)
    answer = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
    assert answer.status == 200
    assert answer.cookie("mainhub")["max-age"] == "0"
    location = answer.json["location"]
    query = parse_qs(urlsplit(location).query)
    assert location.startswith(f"{world.entra_url}/{TENANT_ID}/oauth2/v2.0/logout?")
    assert query["logout_hint"] == [LINUS.login_hint]
    assert query["post_logout_redirect_uri"] == [f"{world.hub.url}/auth/signed-out"]
    assert "id_token_hint" not in query
    assert (await world.session(browser)).status == 401
    async with opened() as thief:
        thief.plant(world.hub.url, {"mainhub": cookie})
        assert (await world.session(thief)).status == 401
    page = await browser.follow(await browser.get(location))
    assert page.status == 200
    assert page.url.startswith(f"{world.hub.url}/auth/signed-out?state=")
    assert "You are signed out" in page.text
    assert not await signed_in_at_the_tenant(world, browser)


async def signed_in_at_the_tenant(world: EntraWorld, browser: Browser) -> bool:
    start = await world.begin(browser)
    silent = await browser.get(f"{start.location}&prompt=none")
    assert silent.query.get("error", "login_required") == "login_required"
    return "code" in silent.query


async def test_signing_out_twice_is_no_error(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    for location in (f"{world.entra_url}/", "/auth/signed-out"):
        answer = await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        assert answer.status == 200
        assert answer.json["location"].startswith(location)


async def test_the_signed_out_page_tells_the_truth(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    page = await browser.get(f"{world.hub.url}/auth/signed-out")
    assert "You are still signed in" in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-MainHub-CSRF": "1"},
        {"X-MainHub-CSRF": "0", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "OWN"},
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "same-site"},
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "Same-Origin"},
        {"X-MainHub-CSRF": "1", "Origin": "https://evil.example"},
        {"X-MainHub-CSRF": "1", "Origin": "null"},
        {"X-MainHub-CSRF": "1", "Origin": "OWN.evil.example"},
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "cross-site", "Origin": "OWN"},
    ],
)
async def test_another_site_cannot_sign_anybody_out(
    world: EntraWorld, browser: Browser, headers: dict[str, str]
) -> None:
    await world.sign_in(browser)
    sent = {name: value.replace("OWN", world.hub.url) for name, value in headers.items()}
    answer = await browser.post(f"{world.hub.url}/auth/logout", headers=sent)
    assert answer.status == 403
    assert answer.problem == "csrf"
    assert answer.set_cookies == []
    assert (await world.session(browser)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "same-origin"},
        {"X-MainHub-CSRF": "1", "Sec-Fetch-Site": "same-origin", "Origin": "OWN"},
        {"X-MainHub-CSRF": "1", "Origin": "OWN"},
    ],
)
async def test_our_own_page_signs_out(
    world: EntraWorld, browser: Browser, headers: dict[str, str]
) -> None:
    await world.sign_in(browser)
    sent = {name: value.replace("OWN", world.hub.url) for name, value in headers.items()}
    answer = await browser.post(f"{world.hub.url}/auth/logout", headers=sent)
    assert answer.status == 200
    assert (await world.session(browser)).status == 401


async def test_a_link_cannot_sign_anybody_out(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    assert (await browser.get(f"{world.hub.url}/auth/logout", OWN_PAGE)).status == 405
    assert (await world.session(browser)).status == 200


async def test_people_at_several_browsers_do_not_disturb_each_other(world: EntraWorld) -> None:
    async with AsyncExitStack() as stack:
        people = {
            account.name: await stack.enter_async_context(opened())
            for account in (ADA, LINUS, ALAN)
        }
        for account in (ADA, LINUS, ALAN):
            await world.sign_in(people[account.name], account)
        await people[LINUS.name].post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
        told = [await world.session(one) for one in people.values()]
    assert [one.status for one in told] == [200, 401, 200]
    assert told[0].json["user"]["name"] == "Ada Lovelace"
