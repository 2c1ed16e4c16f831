"""A service that demands more of a person, from its 401 to the call that passes."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from mainhub.simulator import TENANT_ID, Switch, orders_app
from signin.browser import HTML, OWN_PAGE
from signin.entra_world import GRACE, LINUS, entra_world
from signin.hostile_provider import CLIENT_ID
from signin.served import listener
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from signin.browser import Answer, Browser
    from signin.entra_world import EntraWorld
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

ORDERS = "/api/orders/v1/orders"
DATA = {**OWN_PAGE, "Accept": "application/json", "Sec-Fetch-Dest": "empty"}


@pytest.fixture
async def world(tmp_path: Path, clock: MovingClock) -> AsyncIterator[EntraWorld]:
    place = listener()
    services = {
        "orders": {
            "upstreams": [address(place)],
            "roles": ["Editor", "Employee"],
            "scopes": ["api://{client_id}/access_as_user"],
        }
    }
    async with entra_world(tmp_path, clock=clock, services=services) as found:
        issuer = f"{found.entra_url}/{TENANT_ID}/v2.0"
        orders = orders_app(issuer=issuer, audience=CLIENT_ID, conduct=found.conduct)
        async with serving(orders, place):
            yield found


async def asked(world: EntraWorld, browser: Browser) -> Answer:
    return await browser.get(f"{world.hub.url}{ORDERS}", DATA)


async def prove(world: EntraWorld, browser: Browser, problem: Answer) -> Answer:
    """Follow the problem's address to the tenant, confirm there, and come back."""
    start = await browser.get(f"{world.hub.url}{problem.json['step_up']}&return_to=/orders", HTML)
    assert start.status == 303, start.text
    page = await browser.get(start.location)
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert action is not None, page.text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page.text)
    form = {name: unescape(value) for name, value in hidden} | {"confirm": "yes"}
    back = await browser.post(urljoin(page.url, unescape(action[1])), form)
    return await browser.get(back.location)


async def test_a_demand_is_told_met_by_the_person_and_stays_met(
    world: EntraWorld, browser: Browser
) -> None:
    await world.sign_in(browser, GRACE)
    assert (await asked(world, browser)).status == 200
    world.conduct.put(Switch.ORDERS_CLAIMS, "all")
    refused = await asked(world, browser)
    assert (refused.status, refused.problem) == (401, "step-up-needed")
    # The session goes on, and the service was not blamed.
    assert (await world.session(browser)).status == 200
    done = await prove(world, browser, refused)
    assert (done.status, done.headers["Location"]) == (303, "/orders")
    assert (await asked(world, browser)).status == 200
    assert (await asked(world, browser)).status == 200


async def test_a_demand_of_the_provider_itself_is_told_likewise(
    world: EntraWorld, browser: Browser
) -> None:
    await world.sign_in(browser, LINUS)
    world.conduct.put(Switch.REFUSAL, "mfa")
    refused = await asked(world, browser)
    assert (refused.status, refused.problem) == (401, "step-up-needed")
    assert (await world.session(browser)).status == 200
    world.conduct.put(Switch.REFUSAL, "none")
    assert (await asked(world, browser)).status == 200


async def test_nobody_else_meets_a_demand(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser, GRACE)
    world.conduct.put(Switch.ORDERS_CLAIMS, "all", oid=GRACE.oid)
    assert (await asked(world, browser)).status == 401
    other = await world.sign_in(browser, LINUS)
    assert other.status == 303


async def test_the_demand_carries_no_token_and_nothing_of_the_services(
    world: EntraWorld, browser: Browser
) -> None:
    await world.sign_in(browser, GRACE)
    world.conduct.put(Switch.ORDERS_CLAIMS, "all")
    refused = await asked(world, browser)
    assert "eyJ" not in refused.json["step_up"].partition("claims=")[0]
    challenge = refused.headers["WWW-Authenticate"]
    # The hub's own (RFC 6750), for programs: the service's realm and words stay behind.
    assert challenge.startswith('Bearer realm="MainHub", error="insufficient_claims", claims="')
    assert "eyJ" not in challenge.partition("claims=")[0]
    assert refused.headers["Cache-Control"] == "no-store"
