"""A provider changes its keys while others use up the hub's looks for newer ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from signin.browser import OWN_PAGE, opened
from signin.hostile_provider import Defect, Keys, b64, public, signed
from signin.hostile_world import HostileWorld, hostile_world
from signin.served import listener
from signin.test_hostile_renewals import SERVICE, echo
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

ROTATED = Defect(
    "rotated",
    keys=lambda: {"keys": [public(Keys.made().rsa), public(Keys.made().rsa_next)]},
    token=lambda head, claims: signed(head | {"kid": "two"}, claims, Keys.made().rsa_next),
)
UNSIGNED = "{}.{}.{}".format(
    b64(orjson.dumps({"alg": "RS256", "kid": "none", "typ": "logout+jwt"})),
    b64(b"{}"),
    b64(b"x" * 256),
)


@pytest.fixture
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    service = listener()
    services = {"echo": {"upstreams": [address(service)], **SERVICE}}
    state = tmp_path_factory.mktemp("rotation")
    async with (
        serving(Starlette(routes=[Route("/{rest:path}", echo)]), service),
        hostile_world([Defect("plain")], state, clock=clock, services=services) as one,
    ):
        yield one


async def called(world: HostileWorld, browser: Browser) -> int:
    return (await browser.get(f"{world.hub.url}/api/echo/v1/x", OWN_PAGE)).status


async def test_a_change_of_keys_ends_no_session(world: HostileWorld, browser: Browser) -> None:
    assert (await world.sign_in(browser, "plain")).status == 303
    world.issuers["plain"].defect = ROTATED
    assert await called(world, browser) == 200
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200


async def test_nobody_turns_a_change_of_keys_into_ended_sessions(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    """Logout tokens that anybody may send make the hub look for newer keys, once in 30 s."""
    issuer = world.issuers["plain"]
    assert (await world.sign_in(browser, "plain")).status == 303
    looked = issuer.asked["keys"]
    async with opened() as anybody:
        for _ in range(3):
            url = f"{world.hub.url}/auth/backchannel/{issuer.name}"
            assert (await anybody.post(url, {"logout_token": UNSIGNED})).status == 400
    assert issuer.asked["keys"] == looked + 1
    issuer.defect = ROTATED
    assert await called(world, browser) == 503
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200
    clock.move(timedelta(seconds=31))
    assert await called(world, browser) == 200
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200
