"""Sign-in, renewal and sign-out with a small provider of PyPI, which lacks what others have.

It keeps a refresh token for good, sends no id_token when it renews, says nothing of PKCE, of how
applications prove themselves or of the issuer, and revokes nothing. It redeems codes for a secret
in the form, but renews for one in the header alone.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from foreign.mock import Mock, serving_mock
from mainhub.health import State
from mainhub.sessions import GrantDeclined, GrantRefused
from signin.browser import OWN_PAGE, Answer, Browser, opened
from signin.moving_clock import MovingClock
from signin.served import ServedHub, hub_url, listener, serving_hub, settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
SCOPES = ["openid", "profile", "email", "address"]


@dataclass(frozen=True)
class World:
    """A hub and the provider that it trusts."""

    hub: ServedHub
    mock: Mock

    async def begin(self, browser: Browser) -> Answer:
        start = await browser.get(f"{self.hub.url}/auth/login?return_to=/orders")
        assert start.status == 303, start.text
        return start

    async def sign_in(self, browser: Browser, sub: str = "ada") -> Answer:
        start = await self.begin(browser)
        return await browser.get(await self.mock.answer(browser, start, sub=sub))

    async def session(self, browser: Browser) -> Answer:
        return await browser.get(f"{self.hub.url}/auth/session")

    async def token(self, browser: Browser) -> str:
        cookie = browser.cookies(self.hub.url)["mainhub"]
        grants = self.hub.parts.grants
        return str((await grants.token_for(cookie, ("address",), force_refresh=True)).value)


@asynccontextmanager
async def world(state: Path, *, method: str = "basic", **settings: object) -> AsyncIterator[World]:
    own = listener()
    async with serving_mock(hub_url(own), method=f"client_secret_{method}") as mock:
        identity = {
            "main": {
                "kind": "oidc",
                "title": "A small provider",
                "issuer": mock.issuer,
                "client_id": mock.client_id,
                "client_secret": mock.client_secret,
                "client_secret_sent": method,
                "scopes": SCOPES,
                **settings,
            }
        }
        read = settings_of(own, state, identity=identity)
        async with serving_hub(read, own, clock=MovingClock()) as hub:
            yield World(hub, mock)


async def test_people_sign_in_renew_and_sign_out(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        done = await at.sign_in(browser)
        assert (done.status, done.headers["Location"]) == (303, "/orders")
        user = (await at.session(browser)).json["user"]
        assert (user["name"], user["email"]) == ("Ada Lovelace", "ada@example.com")
        assert user["roles"] == ["Admin"]
        # The same refresh token each time.
        assert len({await at.token(browser) for _ in range(3)}) == 3
        assert (await at.session(browser)).json["user"] == user
        told = await browser.post(f"{at.hub.url}/auth/logout", headers=OWN_PAGE)
        assert (await at.session(browser)).status == 401
        back = await at.mock.leave(browser, told.json["location"])
        assert back.startswith(f"{at.hub.url}/auth/signed-out?state=")
        assert (await browser.get(back)).status == 200


async def test_a_person_without_roles_is_user(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        await at.sign_in(browser, "linus")
        assert (await at.session(browser)).json["user"]["roles"] == ["USER"]


async def test_a_form_carries_the_secret_if_that_is_how_the_hub_is_registered(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, method="post") as at, opened() as browser:
        assert (await at.sign_in(browser)).status == 303
        with pytest.raises(GrantDeclined):
            await at.token(browser)
        # Whoever does not believe the hub says nothing of the person.
        assert (await at.session(browser)).status == 200


@pytest.mark.parametrize(
    "told",
    [{"client_secret": "wrong"}, {"client_secret_sent": "post"}, {"client_id": "somebody else"}],
    ids=lambda told: next(iter(told)),
)
async def test_who_is_not_registered_so_signs_nobody_in(
    tmp_path: Path, told: dict[str, str]
) -> None:
    async with world(tmp_path, **told) as at, opened() as browser:
        start = await at.begin(browser)
        page = await browser.get(start.location)
        if page.status == 200:
            location = await at.mock.answer(browser, start, sub="ada")
            assert (await browser.get(location)).status == 403
        assert (await at.session(browser)).status == 401


async def test_who_refuses_there_is_not_signed_in_here(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        start = await at.begin(browser)
        done = await browser.get(await at.mock.answer(browser, start, action="deny"))
        # It says so without the state, which is nobody's answer.
        assert done.status == 409
        assert (await at.session(browser)).status == 401


async def test_tokens_that_were_taken_back_end_the_session(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser, opened() as other:
        await at.sign_in(browser)
        await at.sign_in(other, "linus")
        await at.mock.revoke("ada")
        with pytest.raises(GrantRefused):
            await at.token(browser)
        assert (await at.session(browser)).status == 401
        assert await at.token(other)


async def test_what_it_lacks_makes_nothing_worse(tmp_path: Path) -> None:
    async with world(tmp_path) as at:
        report = await at.hub.parts.checks.fresh()
        states = {one.check.name: one.finding.state for one in report.results}
        assert states["identity-main"] is State.FINE


async def test_a_request_that_must_be_pushed_goes_nowhere(tmp_path: Path) -> None:
    async with world(tmp_path, par="always") as at, opened() as browser:
        start = await browser.get(f"{at.hub.url}/auth/login")
        assert start.status == 503
        assert "Location" not in start.headers
