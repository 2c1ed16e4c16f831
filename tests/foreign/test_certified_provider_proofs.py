"""The certified provider of npm judges how the hub proves itself, and takes pushed requests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey, RSAKey

from foreign.test_certified_provider import session_id, world
from mainhub.sessions import GrantDeclined
from signin.browser import OWN_PAGE, opened
from signin.client_certificates import Made, made, rsa_key

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from foreign.test_certified_provider import World
    from signin.browser import Browser

pytestmark = pytest.mark.anyio


def registered(one: Made, **more: str) -> dict[str, Any]:
    """Return what the provider knows of *one*: its public key."""
    kind = ECKey if isinstance(one.private, ec.EllipticCurvePrivateKey) else RSAKey
    key = kind.import_key(one.public_key).as_dict(private=False)
    return {"keys": [{**key, "use": "sig", **more}]}


def trusting(state: Path, one: Made, **settings: object) -> AbstractAsyncContextManager[World]:
    """Serve a hub that has *one*, and a provider that knows it."""
    text = one.certificate + one.key
    return world(state, told=registered(one), client_certificate=text, **settings)


async def go_through(at: World, browser: Browser) -> None:
    """Sign in, renew and sign out: each time the hub has to prove itself."""
    done = await at.sign_in(browser)
    assert (done.status, done.headers["Location"]) == (303, "/orders")
    at.clock.move(timedelta(seconds=50))
    token = await at.hub.parts.grants.token_for(session_id(browser, at.hub), ("orders",))
    assert token.value
    # The code, and the refresh token.
    await at.op.heard("grant.success", 2)
    await browser.post(f"{at.hub.url}/auth/logout", headers=OWN_PAGE)
    await at.op.heard("refresh_token.destroyed")
    assert at.op.count("grant.error") == 0
    assert at.op.count("pushed_authorization_request.success") == 1


CURVES = (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())


async def test_a_certificate_proves_the_hub(tmp_path: Path) -> None:
    one = made()
    async with trusting(tmp_path, one) as at, opened() as browser:
        await go_through(at, browser)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
async def test_keys_of_curves_do_as_well(tmp_path: Path, curve: ec.EllipticCurve) -> None:
    one = made(ec.generate_private_key(curve))
    async with trusting(tmp_path, one) as at, opened() as browser:
        await go_through(at, browser)


async def test_a_key_is_found_by_its_name(tmp_path: Path) -> None:
    one, other = made(), made(rsa_key(2048, 1))
    keys = registered(other, kid="old")["keys"] + registered(one, kid="new")["keys"]
    settings = {"client_certificate": one.certificate + one.key, "client_key_id": "new"}
    async with world(tmp_path, told={"keys": keys}, **settings) as at, opened() as browser:
        await go_through(at, browser)


@pytest.mark.parametrize("audience", ["issuer", "token_endpoint"])
async def test_it_takes_an_assertion_for_either(tmp_path: Path, audience: str) -> None:
    settings = {"client_assertion_audience": audience}
    async with trusting(tmp_path, made(), **settings) as at, opened() as browser:
        await go_through(at, browser)


async def test_another_certificate_proves_nothing(tmp_path: Path) -> None:
    one, other = made(), made(rsa_key(2048, 1))
    text = other.certificate + other.key
    async with world(tmp_path, told=registered(one), client_certificate=text) as at:
        async with opened() as browser:
            start = await browser.get(f"{at.hub.url}/auth/login")
            assert start.status == 403
            assert "client authentication failed" in start.text
        with pytest.raises(GrantDeclined):
            await at.hub.parts.grants.for_application("main", ("orders",))


async def test_a_header_carries_the_secret_if_the_settings_say_so(tmp_path: Path) -> None:
    told = {"method": "client_secret_basic", "secret": "a secret: with % and +"}
    settings = {"client_secret_sent": "basic", "client_secret": told["secret"]}
    async with world(tmp_path, told=told, **settings) as at, opened() as browser:
        await go_through(at, browser)


@pytest.mark.parametrize("par", ["auto", "always", "never"])
@pytest.mark.parametrize("required", [False, True])
async def test_a_browser_carries_a_name_where_the_request_is_pushed(
    tmp_path: Path, par: str, *, required: bool
) -> None:
    async with world(tmp_path, told={"par": required}, par=par) as at, opened() as browser:
        start = await browser.get(f"{at.hub.url}/auth/login?return_to=/orders")
        pushed = required or par != "never"
        assert ("request_uri" in start.query) is pushed
        assert ("nonce" in start.query) is not pushed
        assert not pushed or set(start.query) == {"client_id", "request_uri"}
        assert at.op.count("pushed_authorization_request.success") == int(pushed)
        assert (await at.sign_in(browser)).status == 303
        assert (await at.session(browser)).status == 200
