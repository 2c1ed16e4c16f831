"""Sign-in, renewal and sign-out with the certified provider of npm, over real HTTP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from foreign.op import Op, follow, serving_op, sign_in_there, sign_out_there
from signin.browser import OWN_PAGE, Answer, Browser, opened
from signin.moving_clock import MovingClock
from signin.served import ServedHub, hub_url, listener, serving_hub, settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.anyio
# It gives refresh tokens without being asked, and offline_access to those alone who consent anew.
SCOPES = ["openid", "profile", "email", "orders"]


@dataclass(frozen=True)
class World:
    """A hub and the foreign provider that it trusts."""

    hub: ServedHub
    op: Op
    clock: MovingClock

    async def sign_in(self, browser: Browser, login: str = "ada") -> Answer:
        start = await browser.get(f"{self.hub.url}/auth/login?return_to=/orders")
        assert start.status == 303, start.text
        return await browser.get(await sign_in_there(browser, start, login))

    async def session(self, browser: Browser) -> Answer:
        return await browser.get(f"{self.hub.url}/auth/session")


@asynccontextmanager
async def world(
    state: Path, *, told: Mapping[str, object] | None = None, **settings: object
) -> AsyncIterator[World]:
    """Serve a hub with *settings* of the provider, which itself is *told* something."""
    own = listener()
    async with serving_op(hub_url(own), access_seconds=90, **(told or {})) as op:
        identity = {
            "main": {
                "kind": "oidc",
                "title": "A certified provider",
                "issuer": op.issuer,
                "client_id": "mainhub",
                "client_secret": op.secret,
                "scopes": SCOPES,
                **settings,
            }
        }
        if "client_certificate" in settings:
            del identity["main"]["client_secret"]
        clock = MovingClock()
        read = settings_of(own, state, identity=identity)
        async with serving_hub(read, own, clock=clock) as hub:
            yield World(hub, op, clock)


def session_id(browser: Browser, hub: ServedHub) -> str:
    """Return the secret that the session's cookie holds."""
    return browser.cookies(hub.url)["mainhub"]


async def test_people_sign_in_with_name_roles_and_nothing_else(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        done = await at.sign_in(browser)
        assert (done.status, done.headers["Location"]) == (303, "/orders")
        user = (await at.session(browser)).json["user"]
        assert (user["name"], user["email"]) == ("Ada Lovelace", "ada@example.com")
        assert user["roles"] == ["Admin", "Employee"]
        assert at.op.count("grant.error") == 0


async def test_a_person_without_a_role_is_user(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        await at.sign_in(browser, "linus")
        assert (await at.session(browser)).json["user"]["roles"] == ["USER"]


async def test_refresh_tokens_rotate_and_a_hundred_calls_make_one_grant(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        await at.sign_in(browser)
        grants, mine = at.hub.parts.grants, session_id(browser, at.hub)
        for turn in range(1, 4):
            # Less than half of its time is left.
            at.clock.move(timedelta(seconds=50))
            tokens = await asyncio.gather(
                *(grants.token_for(mine, ("orders",)) for _ in range(100))
            )
            assert len({token.value for token in tokens}) == 1
            # The code was consumed as the session began; each turn consumes one refresh token.
            await at.op.heard("grant.success", 1 + turn)
            assert at.op.count("grant.success") == 1 + turn
        assert at.op.count("grant.error") == 0
        assert (await at.session(browser)).status == 200


async def test_a_wrong_secret_signs_nobody_in(tmp_path: Path) -> None:
    async with world(tmp_path, client_secret="wrong") as at, opened() as browser:
        # Found out before anybody has typed a password: the request is pushed.
        start = await browser.get(f"{at.hub.url}/auth/login?return_to=/orders")
        assert start.status == 403
        assert (await at.session(browser)).status == 401


async def test_signing_out_ends_the_session_here_and_there(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        await at.sign_in(browser)
        told = await browser.post(f"{at.hub.url}/auth/logout", headers=OWN_PAGE)
        assert told.status == 200
        assert (await at.session(browser)).status == 401
        back = await sign_out_there(browser, told.json["location"])
        assert back.location.startswith(f"{at.hub.url}/auth/signed-out?state=")
        await at.op.heard("end_session.success")
        page = await browser.get(back.location)
        assert page.status == 200


async def test_signing_out_here_takes_the_refresh_token_back(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser:
        await at.sign_in(browser)
        await browser.post(f"{at.hub.url}/auth/logout", headers=OWN_PAGE)
        # RFC 7009; the browser has not been sent there yet.
        await at.op.heard("refresh_token.destroyed")
        assert at.op.count("end_session.success") == 0


async def test_signing_in_again_in_a_browser_throws_nobody_out(tmp_path: Path) -> None:
    """Its grant is one for hub and browser: it goes with the first token that is taken back."""
    async with world(tmp_path) as at, opened() as browser:
        await at.sign_in(browser)
        before = session_id(browser, at.hub)
        # As another tab does; the provider knows the person still.
        start = await browser.get(f"{at.hub.url}/auth/login?return_to=/orders")
        assert (await browser.get((await follow(browser, start)).location)).status == 303
        session = session_id(browser, at.hub)
        assert session != before
        at.clock.move(timedelta(seconds=50))
        assert (await at.hub.parts.grants.token_for(session, ("orders",))).value
        assert (await at.session(browser)).status == 200
        assert at.op.count("grant.revoked") == 0
        assert at.op.count("refresh_token.destroyed") == 0


async def test_signing_out_there_ends_the_session_here(tmp_path: Path) -> None:
    async with world(tmp_path) as at, opened() as browser, opened() as other:
        await at.sign_in(browser)
        await at.sign_in(other)
        await sign_out_there(browser, f"{at.op.issuer}/session/end?client_id=mainhub")
        # Its back channel.
        await at.op.heard("backchannel.success")
        assert (await at.session(browser)).status == 401
        assert (await at.session(other)).status == 200


async def test_its_own_guard_lets_nothing_go_to_loopback(tmp_path: Path) -> None:
    async with world(tmp_path, told={"guarded": True}) as at, opened() as browser:
        await at.sign_in(browser)
        await sign_out_there(browser, f"{at.op.issuer}/session/end?client_id=mainhub")
        await at.op.heard("backchannel.error")
        # Nobody told the hub, which hears of it when it renews the tokens.
        assert (await at.session(browser)).status == 200
