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

    from joserfc.jwk import RSAKey

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

ROTATED = Defect(
    "rotated",
    keys=lambda: {"keys": [public(Keys.made().rsa), public(Keys.made().rsa_next)]},
    token=lambda head, claims: signed(head | {"kid": "two"}, claims, Keys.made().rsa_next),
)


def _nameless(key: RSAKey) -> dict[str, object]:
    return {name: value for name, value in public(key).items() if name != "kid"}


# Neither names its key, or says by its name that it is another.
UNNAMED = {
    "without-a-name": (
        Defect(
            "plain",
            keys=lambda: {"keys": [_nameless(Keys.made().rsa)]},
            token=lambda _, claims: signed({"alg": "RS256"}, claims, Keys.made().rsa),
        ),
        Defect(
            "rotated",
            keys=lambda: {"keys": [_nameless(Keys.made().rsa_next)]},
            token=lambda _, claims: signed({"alg": "RS256"}, claims, Keys.made().rsa_next),
        ),
    ),
    "under-the-same-name": (
        Defect("plain"),
        Defect(
            "rotated",
            keys=lambda: {"keys": [public(Keys.made().rsa_thief)]},
            token=lambda head, claims: signed(head, claims, Keys.made().rsa_thief),
        ),
    ),
}
# What a fault may publish for a moment, beside the key that signs.
FAULTY = {
    "twice": lambda: {"keys": [public(Keys.made().rsa), public(Keys.made().rsa_thief)]},
    "short": lambda: {"keys": [public(Keys.made().rsa) | {"n": "AQAB"}]},
    "unreadable": lambda: {"keys": [public(Keys.made().rsa) | {"n": "*", "e": "*"}]},
}
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


@pytest.mark.parametrize("case", UNNAMED)
async def test_a_key_that_changes_unnamed_ends_no_session(
    world: HostileWorld, browser: Browser, clock: MovingClock, case: str
) -> None:
    issuer = world.issuers["plain"]
    before, after = UNNAMED[case]
    issuer.defect = before
    assert (await world.sign_in(browser, "plain")).status == 303
    issuer.defect = after
    clock.move(timedelta(seconds=31))
    assert await called(world, browser) == 200
    async with opened() as other:
        assert (await world.sign_in(other, "plain")).status == 303


@pytest.mark.parametrize("case", FAULTY)
async def test_keys_that_are_faulty_for_a_moment_keep_nobody_out(
    world: HostileWorld, browser: Browser, clock: MovingClock, case: str
) -> None:
    issuer = world.issuers["plain"]
    issuer.defect = Defect("plain", keys=FAULTY[case])
    assert (await world.sign_in(browser, "plain")).status == 403
    issuer.defect = Defect("plain")
    clock.move(timedelta(seconds=31))
    assert (await world.sign_in(browser, "plain")).status == 303


async def test_a_session_outlives_faulty_keys(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    """Once they are mended; until then nobody is served by what they cannot prove."""
    issuer = world.issuers["plain"]
    assert (await world.sign_in(browser, "plain")).status == 303
    issuer.defect = Defect("plain", keys=FAULTY["twice"])
    async with opened() as anybody:
        url = f"{world.hub.url}/auth/backchannel/{issuer.name}"
        assert (await anybody.post(url, {"logout_token": UNSIGNED})).status == 400
    assert await called(world, browser) == 503
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200
    issuer.defect = Defect("plain")
    clock.move(timedelta(seconds=31))
    assert await called(world, browser) == 200
