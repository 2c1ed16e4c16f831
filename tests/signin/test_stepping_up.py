"""A session that proves more: asked of its provider, about the same person, under a new id."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
import pytest

from mainhub.audit import AuditLog, Filter
from mainhub.sessions import EndReason
from signin.browser import HTML, OWN_PAGE, opened
from signin.hostile_provider import CLIENT_ID, Defect, Issuer, hostile_app
from signin.served import ServedHub, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mainhub.sessions import Session, SessionStore
    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

CHALLENGE = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
CLAIMS = base64.urlsafe_b64encode(orjson.dumps(CHALLENGE)).rstrip(b"=").decode()
SCOPE = "api://orders/Orders.Read"
STREAM = {"Accept": "text/event-stream", "Sec-Fetch-Site": "same-origin"}
TAB = "the-tab-that-asks"
SOON = 20.0


@dataclass(frozen=True)
class World:
    """A hub with one issuer, whose subject a test may change, and one service."""

    hub: ServedHub
    issuer: Issuer
    clock: MovingClock

    async def sign_in(self, browser: Browser, subject: str = "linus") -> Session:
        """Sign in and return the session as the hub keeps it."""
        self.issuer.subject = subject
        start = await browser.get(f"{self.hub.url}/auth/login")
        answer = await browser.get((await browser.get(start.location)).location)
        return await self.session(answer.cookie("mainhub")["value"])

    async def session(self, session_id: str) -> Session:
        found = await self.hub.parts.sessions.load(session_id)
        assert found is not None
        kept: Session = found
        return kept

    async def ask(self, browser: Browser, query: str, **headers: str) -> Answer:
        return await browser.get(f"{self.hub.url}/auth/stepup?{query}", HTML | headers)

    async def come_back(self, browser: Browser, start: Answer) -> Answer:
        assert start.status == 303, start.text
        return await browser.get((await browser.get(start.location)).location)

    async def who(self, browser: Browser) -> Answer:
        return await browser.get(f"{self.hub.url}/auth/session")


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[World]:
    provider, own = listener(), listener()
    hinted = Defect("it", claims=lambda it: it | {"preferred_username": "linus@it.example"})
    issuer = Issuer(address(provider), "it", hinted)
    settings = settings_of(
        own,
        tmp_path_factory.mktemp("step-up"),
        identity={"it": issuer.settings()},
        services={
            "orders": {
                "upstreams": ["http://127.0.0.1:9"],
                "roles": ["*"],
                "scopes": [SCOPE, "api://{client_id}/access_as_user"],
            }
        },
    )
    async with (
        serving(hostile_app({"it": issuer}), provider),
        serving_hub(settings, own, clock=clock) as hub,
    ):
        yield World(hub, issuer, clock)


async def test_asks_for_what_is_missing(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    asked = (await world.ask(browser, f"claims={CLAIMS}&scopes={quote(SCOPE)}")).query
    assert orjson.loads(asked["claims"]) == CHALLENGE
    assert set(asked["scope"].split()) >= {"openid", SCOPE}
    assert asked["login_hint"] == "linus@it.example"
    assert "prompt" not in asked
    assert asked["code_challenge_method"] == "S256"
    asked = (await world.ask(browser, "return_to=%2Forders")).query
    assert (asked["prompt"], asked.get("claims")) == ("login", None)
    asked = (await world.ask(browser, "scopes=api://%7Bclient_id%7D/access_as_user")).query
    assert f"api://{CLIENT_ID}/access_as_user" in asked["scope"].split()


async def test_the_session_goes_on_under_a_new_id(world: World, browser: Browser) -> None:
    before = await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}&scopes={SCOPE}&return_to=%2Forders%3Fa%3D1")
    answer = await world.come_back(browser, start)
    assert (answer.status, answer.headers["Location"]) == (303, "/orders?a=1")
    after = await world.session(answer.cookie("mainhub")["value"])
    assert after.id != before.id
    assert after.ref != before.ref
    assert (after.person, after.family) == (before.person, before.family)
    assert SCOPE in after.tokens.access
    assert set(before.tokens.access) <= set(after.tokens.access)
    assert await world.hub.parts.sessions.load(before.id) is None
    async with opened() as thief:
        thief.plant(world.hub.url, {"mainhub": before.id})
        assert (await world.who(thief)).status == 401
    assert (await world.who(browser)).status == 200


async def test_a_family_stays_one_however_often(world: World, browser: Browser) -> None:
    first = await world.sign_in(browser)
    for _ in range(3):
        answer = await world.come_back(browser, await world.ask(browser, f"claims={CLAIMS}"))
        last = await world.session(answer.cookie("mainhub")["value"])
        assert last.family == first.family == first.ref


async def test_open_pages_are_told_that_it_was_replaced(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    stream = f"{world.hub.url}/events/stream"
    async with browser.http.get(stream, headers=STREAM) as open_stream:
        assert open_stream.status == 200
        await open_stream.content.readany()
        await world.come_back(browser, await world.ask(browser, f"claims={CLAIMS}"))
        async with asyncio.timeout(SOON):
            heard = await open_stream.content.read()
    assert b'"reason":"replaced"' in heard


async def test_it_is_recorded(world: World, browser: Browser) -> None:
    before = await world.sign_in(browser)
    await world.come_back(browser, await world.ask(browser, f"claims={CLAIMS}"))
    (entry,) = await AuditLog(world.hub.parts.database, world.clock).newest(Filter(), limit=1)
    assert entry.action == "signin.done"
    assert isinstance(entry.after, dict)
    assert (entry.after["step_up"], entry.after["replaces"]) == (True, before.ref)


async def test_another_person_is_refused(world: World, browser: Browser) -> None:
    before = await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    world.issuer.subject = "mallory"
    answer = await world.come_back(browser, start)
    assert answer.status == 403
    assert not answer.sets("mainhub")
    assert "Your session goes on as before" in answer.text
    assert (await world.session(before.id)).person == before.person
    assert (await world.who(browser)).json["user"]["id"].endswith("|linus")
    (entry,) = await AuditLog(world.hub.parts.database, world.clock).newest(Filter(), limit=1)
    assert (entry.action, entry.outcome) == ("signin.refused", "refused")
    assert entry.person_id == before.person.id
    assert entry.detail == "step-up: another person came back from the step up"


async def test_a_session_that_ended_meanwhile_stays_ended(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
    answer = await world.come_back(browser, start)
    assert answer.status == 409
    assert not answer.sets("mainhub")
    assert (await world.who(browser)).status == 401


async def test_a_newer_session_of_the_same_person_goes_on_with_more(
    world: World, browser: Browser
) -> None:
    await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    newer = await world.sign_in(browser)
    answer = await world.come_back(browser, start)
    assert answer.status == 303
    assert (await world.who(browser)).status == 200
    assert await world.hub.parts.sessions.load(newer.id) is None


async def test_two_tabs_step_up_at_the_same_time(world: World, browser: Browser) -> None:
    before = await world.sign_in(browser)
    starts = [await world.ask(browser, f"claims={CLAIMS}") for _ in range(2)]
    for start in starts:
        assert (await world.come_back(browser, start)).status == 303
    assert (await world.who(browser)).status == 200
    # One after the other took the place of the one before.
    assert await world.hub.parts.sessions.load(before.id) is None


async def test_what_is_ended_while_it_steps_up_is_not_brought_back(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    sessions = world.hub.parts.sessions
    create = type(sessions).create

    async def ended_meanwhile(self: SessionStore, *given: Any) -> Session:
        await self.revoke_person(before.person.id, reason=EndReason.REVOKED)
        made: Session = await create(self, *given)
        return made

    monkeypatch.setattr(type(sessions), "create", ended_meanwhile)
    answer = await world.come_back(browser, start)
    assert answer.status == 409
    assert not answer.sets("mainhub")
    assert await sessions.list(person_id=before.person.id, limit=10) == []


async def test_another_persons_session_is_not_replaced(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    newer = await world.sign_in(browser, "mallory")
    world.issuer.subject = "linus"
    answer = await world.come_back(browser, start)
    assert answer.status == 403
    assert (await world.session(newer.id)).ref == newer.ref


async def test_in_another_browser_it_is_worth_nothing(world: World, browser: Browser) -> None:
    await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    async with opened() as other:
        await world.sign_in(other)
        answer = await world.come_back(other, start)
        assert answer.status == 409
        assert (await world.who(other)).status == 200


async def test_without_a_session_it_is_a_sign_in(world: World, browser: Browser) -> None:
    query = f"claims={CLAIMS}&return_to=%2Forders&popup=1&tab={TAB}"
    answer = await world.ask(browser, query)
    assert answer.status == 303
    assert answer.headers["Location"] == f"/auth/login?return_to=%2Forders&popup=1&tab={TAB}"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
async def test_another_site_cannot_start_it(world: World, browser: Browser, site: str) -> None:
    await world.sign_in(browser)
    answer = await world.ask(browser, f"claims={CLAIMS}", **{"Sec-Fetch-Site": site})
    assert (answer.status, answer.problem) == (403, "csrf")
    assert answer.set_cookies == []


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_our_own_page_can(world: World, browser: Browser, site: str) -> None:
    await world.sign_in(browser)
    answer = await world.ask(browser, f"claims={CLAIMS}", **{"Sec-Fetch-Site": site})
    assert answer.status == 303


@pytest.mark.parametrize(
    "query",
    [
        "claims=%3Cscript%3E",
        "claims=W10",
        "claims=" + "e" * 5000,
        "scopes=Mail.ReadWrite",
        f"scopes={quote(SCOPE)}+Mail.Read",
        "scopes=https://graph.microsoft.com/.default",
    ],
)
async def test_asks_for_nothing_odd(world: World, browser: Browser, query: str) -> None:
    await world.sign_in(browser)
    page = await world.ask(browser, query)
    assert page.status == 400
    assert "This link leads nowhere" in page.text
    assert page.set_cookies == []
    answer = await world.ask(browser, query, Accept="application/json")
    assert (answer.status, answer.problem) == (400, "invalid")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "https://evil.example",
        "/auth/logout",
    ],
)
async def test_never_returns_to_elsewhere(world: World, browser: Browser, target: str) -> None:
    await world.sign_in(browser)
    query = f"claims={CLAIMS}&return_to={quote(target.replace('%09', chr(9)), safe='')}"
    answer = await world.come_back(browser, await world.ask(browser, query))
    assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_a_popup_tells_the_tab_that_asked(world: World, browser: Browser) -> None:
    before = await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}&popup=1&tab={TAB}&return_to=%2Forders")
    page = await world.come_back(browser, start)
    assert page.status == 200
    assert f'data-type="mainhub:signed-in" data-state="{TAB}"' in page.text
    assert "Your access is confirmed" in page.text
    assert page.cookie("mainhub")["value"] != before.id


@pytest.mark.parametrize("popup", ["", f"&popup=1&tab={TAB}"])
async def test_a_refusal_leaves_the_session_alone(
    world: World, browser: Browser, popup: str
) -> None:
    before = await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}{popup}")
    refused = f"{world.hub.url}/auth/callback/it?state={start.query['state']}&error=access_denied"
    page = await browser.get(refused)
    assert page.status == 403
    assert "Your session goes on" in page.text
    assert ("mainhub:signin-failed" in page.text) is bool(popup)
    assert (await world.session(before.id)).ref == before.ref
    assert (await world.who(browser)).status == 200


async def test_a_provider_that_is_down_leaves_the_session_alone(
    world: World, browser: Browser
) -> None:
    await world.sign_in(browser)
    start = await world.ask(browser, f"claims={CLAIMS}")
    back = (await browser.get(start.location)).location
    world.issuer.down = True
    try:
        page = await browser.get(back)
    finally:
        world.issuer.down = False
    assert page.status == 503
    assert (await world.who(browser)).status == 200


def asking(**wanted: object) -> str:
    """Return the query that asks the id_token for *wanted*."""
    claims = orjson.dumps({"id_token": wanted})
    return f"claims={base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}"


STRONG = {"essential": True, "values": ["mfa", "phr"]}
ONE_LEVEL = {"essential": True, "value": "mfa"}


@pytest.mark.parametrize(
    ("query", "proved", "status"),
    [
        # Without a word of what is missing, the person is to prove again who they are.
        ("", {"auth_time": -86_400}, 403),
        ("", {"auth_time": "now"}, 403),
        ("", {"auth_time": 0}, 303),
        ("", {}, 303),
        (asking(acr=STRONG), {"acr": "pwd"}, 403),
        (asking(acr=STRONG), {}, 403),
        (asking(acr=STRONG), {"acr": ["mfa"]}, 403),
        (asking(acr=STRONG), {"acr": "mfa"}, 303),
        (asking(acr=ONE_LEVEL), {"acr": "pwd"}, 403),
        (asking(acr=ONE_LEVEL), {"acr": "mfa"}, 303),
        # Wanted, and not needed.
        (asking(acr={"values": ["mfa"]}), {"acr": "pwd"}, 303),
        (asking(acr=None), {"acr": "pwd"}, 303),
    ],
)
async def test_what_was_not_proved_is_no_step_up(
    world: World, browser: Browser, query: str, proved: dict[str, object], status: int
) -> None:
    """The browser carries the request, and can strike out of it what is asked for."""
    honest = world.issuer.defect
    before = await world.sign_in(browser)
    start = await world.ask(browser, query)
    if isinstance(ago := proved.get("auth_time"), int):
        proved = proved | {"auth_time": int(time.time()) + ago}
    world.issuer.defect = replace(honest, claims=lambda it: honest.claims(it) | proved)
    try:
        assert (await world.come_back(browser, start)).status == status
    finally:
        world.issuer.defect = honest
    assert (await world.who(browser)).status == 200
    still = await world.hub.parts.sessions.load(before.id)
    assert (still is None) == (status == 303)
