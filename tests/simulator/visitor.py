"""An application and the browser of its user, as the tenant meets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.jwk import KeySet
from yarl import URL

from mainhub.simulator import ACCOUNTS, TENANT_ID, Account, Registration
from mainhub.simulator.pkce import challenge_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ADA, GRACE, LINUS, ALAN, MARIE, NIELS, ROSALIND = ACCOUNTS
CALLBACK = "http://localhost:8080/auth/callback/entra"
SIGNED_OUT = "http://localhost:8080/auth/signed-out"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
REGISTRATION = Registration(
    client_id="c0ffee00-2222-4333-8444-555555555555",
    client_secret="a secret: with % and +",
    redirect_uris=(CALLBACK,),
    post_logout_redirect_uris=(SIGNED_OUT,),
)
SIGN_IN = "openid profile email offline_access User.Read User.ReadBasic.All"
API = f"api://{REGISTRATION.client_id}/access_as_user"


class MovingClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)
        self.set_right()

    def __call__(self) -> datetime:
        return self.at

    def set_right(self) -> None:
        """Go to the real time."""
        self.at = datetime.now(UTC).replace(microsecond=0)

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by


@dataclass(frozen=True)
class Answer:
    """What the tenant answered to one request; no redirect is followed."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def redirect(self) -> dict[str, str]:
        """Return the parameters that went to the application."""
        location = self.headers["Location"]
        assert location.startswith((f"{CALLBACK}?", f"{SIGNED_OUT}?")), location
        return dict(parse_qsl(urlsplit(location).query))

    @property
    def form(self) -> tuple[str, dict[str, str]]:
        """Return where the form of the page posts to, and its hidden fields."""
        action = re.search(r'<form method="post" action="([^"]+)"', self.text)
        assert action is not None, self.text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', self.text)
        return unescape(action[1]), {name: unescape(value) for name, value in hidden}


@dataclass(frozen=True)
class Visitor:
    """One browser and the application behind it."""

    base_url: str
    browser: aiohttp.ClientSession
    path: str = TENANT_ID

    @property
    def root(self) -> str:
        """Return the address of the tenant."""
        return f"{self.base_url}/{self.path}"

    async def get(
        self,
        path: str,
        query: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a page; a parameter that is ``None`` is left out."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        url = URL(self.base_url + path, encoded=True).extend_query(given)
        async with self.browser.get(url, headers=headers, allow_redirects=False) as answer:
            return Answer(answer.status, answer.headers, await answer.text())

    async def post(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form."""
        url = URL(self.base_url + path, encoded=True)
        async with self.browser.post(
            url, data=dict(form), headers=headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.text())

    def at(self, path: str) -> Visitor:
        """Return the same browser and application, at another realm."""
        return Visitor(self.base_url, self.browser, path)

    async def authorize(self, **changes: str | None) -> Answer:
        """Begin a sign-in as the hub does, with *changes* to the request."""
        request: dict[str, str | None] = {
            "client_id": REGISTRATION.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": SIGN_IN,
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return await self.get(f"/{self.path}/oauth2/v2.0/authorize", request | changes)

    async def pick(self, page: Answer, account: Account) -> Answer:
        """Choose *account* on a page that offers it."""
        action, hidden = page.form
        return await self.post(action, hidden | {"account": account.oid})

    async def confirm(self, page: Answer) -> Answer:
        """Say yes on a page that asks for a second factor or for consent."""
        action, hidden = page.form
        return await self.post(action, hidden | {"confirm": "1"})

    async def code(self, account: Account = LINUS, **changes: str | None) -> str:
        """Return a code for *account*, picked anew."""
        page = await self.authorize(prompt="select_account", **changes)
        return (await self.pick(page, account)).redirect["code"]

    async def token(self, **changes: str | None) -> tuple[int, dict[str, Any]]:
        """Ask the token endpoint, as the hub with its secret."""
        form: dict[str, str | None] = {
            "client_id": REGISTRATION.client_id,
            "client_secret": REGISTRATION.client_secret,
        }
        given = {name: value for name, value in (form | changes).items() if value is not None}
        async with self.browser.post(f"{self.root}/oauth2/v2.0/token", data=given) as answer:
            return answer.status, cast("dict[str, Any]", await answer.json())

    async def redeem(self, code: str, **changes: str | None) -> tuple[int, dict[str, Any]]:
        """Redeem *code* as the application that asked for it."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await self.token(**form | changes)

    async def refresh(self, token: str, **changes: str | None) -> tuple[int, dict[str, Any]]:
        """Redeem a refresh token."""
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.token(**form | changes)

    async def tokens(self, account: Account = LINUS, **changes: str | None) -> dict[str, Any]:
        """Return the tokens of a whole sign-in."""
        status, answer = await self.redeem(await self.code(account, **changes))
        assert status == 200, answer
        return answer

    async def access_token(self, account: Account = LINUS) -> str:
        """Return an access token for the application's own API, by a refresh as the hub does."""
        tokens = await self.tokens(account)
        status, answer = await self.refresh(tokens["refresh_token"], scope=API)
        assert status == 200, answer
        return str(answer["access_token"])

    async def on_behalf_of(self, token: str, **changes: str | None) -> tuple[int, dict[str, Any]]:
        """Exchange *token* as the service that was called with it."""
        form: dict[str, str | None] = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "requested_token_use": "on_behalf_of",
            "assertion": token,
            "scope": "User.Read",
        }
        return await self.token(**form | changes)

    async def claims(self, token: str) -> dict[str, Any]:
        """Return what *token* says, its signature checked with the published keys."""
        async with self.browser.get(f"{self.root}/discovery/v2.0/keys") as answer:
            keys = KeySet.import_key_set(await answer.json())
        return jwt.decode(token, keys, algorithms=["RS256"]).claims


def new_browser() -> aiohttp.ClientSession:
    """Return a browser without cookies; the jar must be told that an address may have some."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
