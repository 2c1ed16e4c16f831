"""Access tokens where a provider changes its keys: none is lost, and nobody can misuse it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signin.hostile_provider import CLIENT_ID, Defect, Keys, public, signed
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from joserfc.jwk import Key

    from signin.browser import Answer, Browser
    from signin.hostile_provider import Issuer
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

HONEST = Defect("honest", status=303)
OTHER = Defect("other", status=303)


@pytest.fixture
async def world(tmp_path: Path, clock: MovingClock) -> AsyncIterator[HostileWorld]:
    async with hostile_world([HONEST, OTHER], tmp_path, clock=clock) as found:
        yield found


def token(issuer: Issuer, key: Key, key_id: str, clock: MovingClock, **more: object) -> str:
    """Return an access token of *issuer*'s (RFC 9068), signed by *key*."""
    now = clock.now().timestamp()
    claims = {
        "iss": issuer.url,
        "aud": CLIENT_ID,
        "sub": "linus",
        "client_id": "a-script",
        "scope": "access_as_user",
        "roles": ["Employee"],
        "iat": now,
        "exp": now + 3600,
        **more,
    }
    return signed({"alg": "RS256", "typ": "at+jwt", "kid": key_id}, claims, key)


async def called(world: HostileWorld, browser: Browser, bearer: str) -> Answer:
    url = f"{world.hub.url}/hub/v1/frontends"
    return await browser.get(url, {"Authorization": f"Bearer {bearer}"})


async def test_new_keys_are_followed_at_the_first_token_that_needs_them(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    issuer, made = world.issuers["honest"], Keys.made()
    old = token(issuer, made.rsa, "one", clock)
    assert (await called(world, browser, old)).status == 200
    issuer.defect = Defect(
        "honest", keys=lambda: {"keys": [public(made.rsa), public(made.rsa_next)]}
    )
    clock.move(timedelta(seconds=31))
    assert (await called(world, browser, token(issuer, made.rsa_next, "two", clock))).status == 200
    assert (await called(world, browser, old)).status == 200
    assert issuer.asked["keys"] == 2


async def test_a_key_that_is_withdrawn_counts_no_longer_than_what_was_found(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    issuer, made = world.issuers["honest"], Keys.made()
    old = token(issuer, made.rsa, "one", clock)
    assert (await called(world, browser, old)).status == 200
    issuer.defect = Defect("honest", keys=lambda: {"keys": [public(made.rsa_next)]})
    clock.move(timedelta(seconds=61))
    assert (await called(world, browser, token(issuer, made.rsa_next, "two", clock))).status == 200
    assert (await called(world, browser, old)).status == 401


async def test_a_flood_of_made_up_keys_reaches_the_provider_once(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    issuer, thief = world.issuers["honest"], Keys.made().rsa_thief
    assert (
        await called(world, browser, token(issuer, Keys.made().rsa, "one", clock))
    ).status == 200
    clock.move(timedelta(seconds=31))
    answers = await asyncio.gather(
        *(
            called(world, browser, token(issuer, thief, f"made-up-{number}", clock))
            for number in range(40)
        )
    )
    assert {answer.status for answer in answers} == {401}
    assert issuer.asked["keys"] == 2
    # Whoever has an honest one comes in meanwhile, and the other provider heard nothing of it.
    honest = token(issuer, Keys.made().rsa, "one", clock, jti="another")
    assert (await called(world, browser, honest)).status == 200
    assert world.issuers["other"].asked["keys"] == 0


async def test_a_provider_that_goes_away_takes_nobody_s_key_along(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    issuer, made = world.issuers["honest"], Keys.made()
    assert (await called(world, browser, token(issuer, made.rsa, "one", clock))).status == 200
    issuer.down = True
    clock.move(timedelta(hours=2))
    assert (await called(world, browser, token(issuer, made.rsa, "one", clock))).status == 200
    unknown = await called(world, browser, token(issuer, made.rsa_next, "two", clock))
    # It may be genuine: nobody can tell before the provider is back.
    assert unknown.status in {401, 503}


async def test_one_provider_never_speaks_for_another(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    honest, other = world.issuers["honest"], world.issuers["other"]
    other.defect = Defect("other", keys=lambda: {"keys": [public(Keys.made().rsa_thief)]})
    thief = token(honest, Keys.made().rsa_thief, "one", clock)
    assert (await called(world, browser, thief)).status == 401
    own = token(other, Keys.made().rsa_thief, "one", clock)
    assert (await called(world, browser, own)).status == 200


async def test_a_stranger_s_token_makes_nobody_ask_a_provider(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    issuer = world.issuers["honest"]
    for strange in ({"iss": "https://evil.example"}, {"aud": "another-api"}):
        stranger = token(issuer, Keys.made().rsa, "one", clock, **strange)
        assert (await called(world, browser, stranger)).status == 401
    assert issuer.asked["keys"] == 0
