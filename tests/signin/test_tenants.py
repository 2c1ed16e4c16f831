"""People of several tenants, guests, and people in more groups than a token has room for."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
import pytest

from mainhub.simulator import ACCOUNTS, TENANT_ID, Switch
from mainhub.simulator.accounts import OTHER_TENANT_ID
from signin.browser import opened
from signin.entra_world import LINUS, entra_world
from signin.hostile_provider import CLIENT_ID

if TYPE_CHECKING:
    from io import StringIO
    from pathlib import Path

    from mainhub.identity import Person
    from signin.browser import Browser
    from signin.entra_world import EntraWorld
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

MARIE, NIELS, ROSALIND = ACCOUNTS[4:7]
API = f"api://{CLIENT_ID}/access_as_user"
STRANGER = "99999999-8e45-4c97-8d16-3f9b72e8c451"


def cookie_of(world: EntraWorld, browser: Browser) -> str:
    return browser.cookies(world.hub.url)["mainhub"]


async def person(world: EntraWorld, browser: Browser) -> Person:
    """Return who is signed in, as the hub keeps them."""
    session = await world.hub.parts.sessions.load(cookie_of(world, browser))
    assert session is not None
    found: Person = session.person
    return found


@pytest.mark.parametrize("realm", ["organizations", "common"])
async def test_people_of_listed_tenants_sign_in_at_one_issuer(
    realm: str, tmp_path: Path, clock: MovingClock
) -> None:
    tenants = [TENANT_ID, OTHER_TENANT_ID]
    async with entra_world(tmp_path, clock=clock, realm=realm, tenants=tenants) as world:
        for account in (LINUS, ROSALIND):
            async with opened() as browser:
                assert (await world.sign_in(browser, account)).status == 303
                found = await person(world, browser)
                assert found.id == f"{account.tenant}.{account.oid}"
                assert found.tenant_id == account.tenant
                assert not found.guest


async def test_a_tenant_that_is_not_listed_signs_nobody_in(
    tmp_path: Path, clock: MovingClock, browser: Browser, log_lines: StringIO
) -> None:
    async with entra_world(
        tmp_path, clock=clock, realm="organizations", tenants=[TENANT_ID]
    ) as world:
        refused = await world.sign_in(browser, ROSALIND)
        assert refused.status == 403
        assert (await world.session(browser)).status == 401
        assert "may not sign in here" in log_lines.getvalue()
        async with opened() as other:
            assert (await world.sign_in(other, LINUS)).status == 303


async def test_guests_are_refused_unless_the_settings_let_them_in(
    tmp_path: Path, clock: MovingClock
) -> None:
    (tmp_path / "refused").mkdir()
    async with entra_world(tmp_path / "refused", clock=clock) as world, opened() as browser:
        refused = await world.sign_in(browser, NIELS)
        assert refused.status == 403
        assert "guest" in refused.text
        assert (await world.session(browser)).status == 401
    (tmp_path / "allowed").mkdir()
    async with (
        entra_world(tmp_path / "allowed", clock=clock, guests="allow") as world,
        opened() as browser,
    ):
        assert (await world.sign_in(browser, NIELS)).status == 303
        assert (await person(world, browser)).guest
        assert (await world.session(browser)).json["user"]["guest"] is True


async def test_groups_come_from_the_token_where_it_has_room(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock) as world:
        await world.sign_in(browser, LINUS)
        assert (await person(world, browser)).groups == LINUS.groups


async def test_more_groups_than_a_token_has_room_for_are_asked_of_graph(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock) as world:
        await world.sign_in(browser, MARIE)
        found = await person(world, browser)
        assert found.groups == MARIE.groups
        assert found.groups_known
        # They stay known, by what was told a moment ago, when Graph fails at the next sign-in.
        world.conduct.put(Switch.GRAPH, "unavailable")
        async with opened() as other:
            await world.sign_in(other, MARIE)
            assert (await person(world, other)).groups == MARIE.groups


@pytest.mark.parametrize("fault", ["unavailable", "forbidden", "throttled"])
async def test_who_cannot_be_asked_for_groups_is_signed_in_without(
    fault: str, tmp_path: Path, clock: MovingClock, browser: Browser, log_lines: StringIO
) -> None:
    async with entra_world(tmp_path, clock=clock) as world:
        world.conduct.put(Switch.GRAPH, fault)
        assert (await world.sign_in(browser, MARIE)).status == 303
        found = await person(world, browser)
        assert found.groups == ()
        assert not found.groups_known
        assert found.roles == MARIE.roles
        assert "signin.groups_unknown" in log_lines.getvalue()


async def test_groups_are_asked_for_anew_when_tokens_are_renewed(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock) as world:
        world.conduct.put(Switch.GRAPH, "unavailable")
        await world.sign_in(browser, MARIE)
        assert not (await person(world, browser)).groups_known
        world.conduct.put(Switch.GRAPH, "right")
        cookie = cookie_of(world, browser)
        clock.move(timedelta(minutes=25))
        await browser.get(f"{world.hub.url}/hub/v1/frontends")
        clock.move(timedelta(minutes=25))
        await browser.get(f"{world.hub.url}/hub/v1/frontends")
        clock.move(timedelta(minutes=25))
        # The token is for the hub's own API; one for Graph is fetched beside it.
        await world.hub.parts.grants.token_for(cookie, (API,))
        found = await person(world, browser)
        assert found.groups == MARIE.groups
        # The refresh token of that second grant is the one that was kept.
        other = await world.hub.parts.grants.token_for(cookie, (API,), force_refresh=True)
        assert other.value


@pytest.mark.parametrize("lasting", [True, False])
async def test_a_sign_in_for_another_api_finds_groups_where_tokens_can_be_renewed(
    tmp_path: Path, clock: MovingClock, browser: Browser, *, lasting: bool
) -> None:
    scopes = ["openid", "profile", API, *(["offline_access"] if lasting else [])]
    async with entra_world(tmp_path, clock=clock, scopes=scopes) as world:
        assert (await world.sign_in(browser, MARIE)).status == 303
        found = await person(world, browser)
        assert found.groups_known is lasting
        assert found.groups == (MARIE.groups if lasting else ())
        if lasting:
            # The refresh token of the grant for Graph is the one that was kept.
            grants, cookie = world.hub.parts.grants, cookie_of(world, browser)
            assert (await grants.token_for(cookie, (API,), force_refresh=True)).value


async def test_what_is_asked_for_by_default(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock) as world:
        start = await world.begin(browser)
        asked = "openid profile email offline_access User.Read User.ReadBasic.All"
        assert start.query["scope"] == asked
        assert "prompt" not in start.query
        told = orjson.loads(start.query["claims"])
        assert told == {"access_token": {"xms_cc": {"values": ["cp1"]}}}
        await browser.get(await world.arrive(browser, LINUS, start))
        # Every token says so from then on, those that are renewed among them.
        token = await world.hub.parts.grants.token_for(cookie_of(world, browser), (API,))
        body = token.value.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        assert claims["xms_cc"] == ["cp1"]


async def test_each_tenant_speaks_for_itself_wherever_it_is_named(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    tenants = [TENANT_ID, OTHER_TENANT_ID]
    async with entra_world(tmp_path, clock=clock, realm="common", tenants=tenants) as world:

        def issuer(tenant: str) -> str:
            return quote(f"{world.entra_url}/{tenant}/v2.0", safe="")

        for tenant in tenants:
            start = await browser.get(f"{world.hub.url}/auth/login?iss={issuer(tenant)}")
            assert start.location.startswith(f"{world.entra_url}/common/oauth2/v2.0/authorize?")
        for stranger in ("common", "{tenantid}", STRANGER):
            start = await browser.get(f"{world.hub.url}/auth/login?iss={issuer(stranger)}")
            assert start.status == 404
        await world.sign_in(browser, ROSALIND)
        session = await world.hub.parts.sessions.load(cookie_of(world, browser))
        assert session is not None
        front = f"{world.hub.url}/auth/frontchannel/entra?sid={session.tokens.sid}&iss="
        async with opened() as bare:
            assert (await bare.get(front + issuer(STRANGER))).status == 400
            assert (await world.session(browser)).status == 200
            page = await bare.get(front + issuer(OTHER_TENANT_ID))
            assert page.status == 200
            assert f"frame-ancestors {world.entra_url};" in page.headers["Content-Security-Policy"]
        assert (await world.session(browser)).status == 401
