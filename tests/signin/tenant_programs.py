"""Programs of the simulated tenant, and what they are registered as."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from starlette.responses import JSONResponse

from mainhub.simulator import TENANT_ID, Api, ServiceApplication
from signin.browser import Answer
from signin.hostile_provider import CLIENT_ID, b64

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainhub.simulator import Account
    from signin.browser import Browser
    from signin.entra_world import EntraWorld

FRONTENDS = "/hub/v1/frontends"
API = f"api://{CLIENT_ID}"
ORDERS = Api(
    uri="api://orders",
    client_id="0b5e0f6c-1111-4000-8000-000000000001",
    scopes=("Orders.Read",),
)
NIGHTLY = ServiceApplication(
    client_id="0b5e0f6c-2222-4000-8000-000000000002",
    name="Nightly export",
    client_secret="a made-up secret of the nightly export",
    roles=("Employee",),
)
STRANGER = ServiceApplication(
    client_id="0b5e0f6c-3333-4000-8000-000000000003",
    name="Any program of the tenant",
    client_secret="a made-up secret of any program",
)

TELEPHONE = ServiceApplication(
    client_id="0b5e0f6c-4444-4000-8000-000000000004",
    name="An application on telephones",
    client_secret="a made-up secret of the telephones",
    redirect_uris=("https://telephone.example/back",),
)
PHONES = {"services": (TELEPHONE,)}


@dataclass
class Service:
    """A service that writes down with what it is called."""

    credentials: list[str | None] = field(default_factory=list)

    async def answer(self, request: Request) -> JSONResponse:
        self.credentials.append(request.headers.get("authorization"))
        return JSONResponse({"cookie": request.headers.get("cookie")})

    @property
    def claims(self) -> dict[str, Any]:
        """Return what the token says that came last."""
        scheme, _, token = (self.credentials[-1] or "").partition(" ")
        assert scheme == "Bearer"
        return claims_of(token)


@dataclass
class Programs:
    """A hub, its tenant and two services, of which the second wants no token."""

    world: EntraWorld
    orders: Service
    browser: Browser

    async def get(self, path: str, token: str, **headers: str) -> Answer:
        """Ask for *path* as a program does."""
        given = {"Authorization": f"Bearer {token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.browser.get(f"{self.world.hub.url}{path}", given)

    async def post(self, path: str, token: str, body: object = None) -> Answer:
        """Post JSON to *path*, with none of the signs that a page of the hub sends."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return await self.browser.send(f"{self.world.hub.url}{path}", orjson.dumps(body), headers)

    async def own(self, program: ServiceApplication, scope: str = f"{API}/.default") -> str:
        """Return a token that *program* has for itself."""
        return await self._granted(
            {
                "grant_type": "client_credentials",
                "client_id": program.client_id,
                "client_secret": program.client_secret,
                "scope": scope,
            },
            "access_token",
        )

    async def of(
        self,
        person: Account,
        scope: str = f"openid {API}/access_as_user",
        *,
        name: str = "access_token",
    ) -> str:
        """Return a token for *person*, who signs in at the tenant for it."""
        verifier = "v" * 64
        asked = {
            "client_id": TELEPHONE.client_id,
            "response_type": "code",
            "redirect_uri": TELEPHONE.redirect_uris[0],
            "scope": scope,
            "state": "made-up",
            "nonce": "made-up",
            # Else the tenant takes the one who is signed in there already.
            "prompt": "select_account",
            "code_challenge": b64(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        start = f"{self.world.entra_url}/{TENANT_ID}/oauth2/v2.0/authorize?{urlencode(asked)}"
        page = Answer(start, 303, {"Location": start}, [], "")
        back = Answer(
            "", 303, {"Location": await self.world.arrive(self.browser, person, page)}, [], ""
        )
        form = {
            "grant_type": "authorization_code",
            "client_id": TELEPHONE.client_id,
            "client_secret": TELEPHONE.client_secret,
            "code": back.query["code"],
            "code_verifier": verifier,
            "redirect_uri": TELEPHONE.redirect_uris[0],
            "scope": scope,
        }
        return await self._granted(form, name)

    async def _granted(self, form: dict[str, str], name: str) -> str:
        token = f"{self.world.entra_url}/{TENANT_ID}/oauth2/v2.0/token"
        answer = await self.browser.post(token, form)
        assert answer.status == 200, answer.text
        return str(answer.json[name])


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(body + "=="))
    return found
