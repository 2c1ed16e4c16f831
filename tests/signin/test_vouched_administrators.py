"""An administrator for whom the provider does not vouch any more, though the session goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import JSONResponse, Response

from signin.browser import HTML, OWN_PAGE
from signin.hostile_provider import Defect
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

    Answering = Callable[[dict[str, Any]], dict[str, Any]]

pytestmark = pytest.mark.anyio

NEVER: dict[str, Answering | Response] = {
    "down": JSONResponse({}, 503),
    "refuses the hub": JSONResponse({"error": "unauthorized_client"}, 400),
    "names nobody": lambda it: {name: it[name] for name in it if name != "id_token"},
}
WANTED = {
    "at all": {"error": "interaction_required"},
    "by a policy": {"error": "invalid_grant", "suberror": "consent_required"},
}
GRANT = b'{"to": {"kind": "person", "name": "x"}, "roles": ["Admin"]}'


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    state = tmp_path_factory.mktemp("vouched")
    async with hostile_world([Defect("plain")], state, clock=clock) as one:
        yield one


class Desk:
    """One administrator at one browser, whose provider changes its mind."""

    def __init__(self, world: HostileWorld, browser: Browser, clock: MovingClock) -> None:
        self.world, self.browser, self.clock = world, browser, clock
        self.url, self.issuer = world.hub.url, world.issuers["plain"]
        self.issuer.roles = ["Admin", "Employee"]
        self.answers(None)
        self.after_all(0)

    def answers(self, answering: Answering | Response | None) -> None:
        """Have the provider spoil the answers of its token endpoint from now on, or no longer."""
        self.issuer.defect = Defect("plain")
        vars(self.issuer).pop("_token", None)
        if isinstance(answering, Response):
            vars(self.issuer)["_token"] = lambda _: answering
        elif answering is not None:
            self.issuer.defect = Defect("plain", answer=answering)

    def after_all(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))
        self.issuer.ahead = self.clock.ahead

    async def signed_in(self) -> None:
        assert (await self.world.sign_in(self.browser, "plain")).status == 303

    async def after(self, minutes: int) -> Answer:
        """Let *minutes* pass, then ask for what administrators alone may have."""
        self.after_all(minutes)
        return await self.browser.get(f"{self.url}/hub/v1/audit", OWN_PAGE)


@pytest.fixture
def desk(world: HostileWorld, browser: Browser, clock: MovingClock) -> Desk:
    return Desk(world, browser, clock)


async def test_goes_on_while_the_provider_confirms_it(desk: Desk) -> None:
    await desk.signed_in()
    for _ in range(12):
        assert (await desk.after(25)).status == 200


@pytest.mark.parametrize("how", NEVER)
async def test_ends_an_hour_after_it_should_have_been_confirmed(desk: Desk, how: str) -> None:
    await desk.signed_in()
    desk.answers(NEVER[how])
    for minutes in (20, 20, 20):
        assert (await desk.after(minutes)).status == 200
    await assert_to_confirm(desk, await desk.after(16))
    # Signing in anew confirms it, and so does the step up that the shell asks for.
    desk.answers(None)
    start = await desk.browser.get(f"{desk.url}/auth/stepup?return_to=%2Fadmin")
    answer = await desk.browser.get((await desk.browser.get(start.location)).location)
    assert answer.status == 303, answer.text
    desk.answers(NEVER["down"])
    assert (await desk.after(16)).status == 200
    desk.answers(None)
    await desk.signed_in()
    assert (await desk.after(1)).status == 200


@pytest.mark.parametrize("how", WANTED)
async def test_ends_at_once_where_the_provider_wants_the_person(desk: Desk, how: str) -> None:
    await desk.signed_in()
    desk.answers(JSONResponse(WANTED[how], 400))
    assert (await desk.after(14)).status == 200
    await assert_to_confirm(desk, await desk.after(2))
    # Asked again a minute later, the provider says that it was nothing.
    desk.answers(None)
    assert (await desk.after(2)).status == 200


async def test_ends_where_the_provider_gives_no_way_to_ask_it(desk: Desk) -> None:
    desk.answers(lambda it: {name: it[name] for name in it if name != "refresh_token"})
    await desk.signed_in()
    for minutes in (29, 29):
        assert (await desk.after(minutes)).status == 200
    await assert_to_confirm(desk, await desk.after(18))


async def test_nobody_else_is_asked_to_confirm_anything(desk: Desk) -> None:
    desk.issuer.roles = ["Employee"]
    await desk.signed_in()
    desk.answers(NEVER["down"])
    for _ in range(4):
        assert (await desk.after(25)).status == 403
        answer = await desk.browser.get(f"{desk.url}/hub/v1/frontends", OWN_PAGE)
        assert answer.status == 200


async def assert_to_confirm(desk: Desk, answer: Answer) -> None:
    """See that nothing of an administrator's is open, everything else is, and how it opens."""
    assert answer.status == 401, answer.text
    assert answer.json["type"] == "urn:mainhub:problem:step-up-needed"
    assert answer.json["step_up"] == "/auth/stepup"
    assert 'error="insufficient_claims"' in answer.headers["WWW-Authenticate"]
    browser, url = desk.browser, desk.url
    headers = {**OWN_PAGE, "Content-Type": "application/json"}
    written = await browser.send(f"{url}/hub/v1/access/grants", GRANT, headers)
    assert written.status == 401
    session = await browser.get(f"{url}/auth/session")
    assert session.json["user"]["roles"] == ["Admin", "Employee"]
    # A page leads to the sign-in and back; what is everybody's is open, and tells of the rest.
    page = await browser.get(f"{url}/admin/audit?person=x", HTML)
    assert page.status == 303
    assert page.location.endswith("/auth/login?return_to=%2Fadmin%2Faudit%3Fperson%3Dx")
    assert (await browser.get(f"{url}/", HTML)).status == 200
    listed = await browser.get(f"{url}/hub/v1/frontends", OWN_PAGE)
    assert "admin" in {item["name"] for item in listed.json["items"]}
