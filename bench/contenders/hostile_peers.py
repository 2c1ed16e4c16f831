"""Others who sign people in, each as its documentation says, at any issuer."""

from __future__ import annotations

import asyncio
import json
import shutil
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msal
import requests
from authlib.integrations.starlette_client import OAuth
from starlette.requests import Request
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["At", "authlib", "msal_python", "openid_client"]

_NODE: Final = Path(__file__).resolve().parent / "openid_client"
_CALLBACK: Final = "https://hub.example/callback"
_SECONDS: Final = 10


@dataclass(frozen=True)
class At:
    """An issuer to sign in at; *name* is that of its defect."""

    name: str
    issuer: str
    algorithm: str
    client_id: str
    secret: str


async def msal_python(places: Sequence[At]) -> tuple[str, set[str]]:
    """Return its name, and where it signed somebody in.

    It speaks to nobody over plain http, so it is told https and what carries its requests says
    http: the issuers must be named https, then.
    """
    accepted = set()
    for at in places:
        try:
            flow, app = await asyncio.to_thread(_begun_by_msal, at)
            answer = await _answered(flow["auth_uri"].replace("https://", "http://", 1))
            claims = await asyncio.to_thread(_finished_by_msal, app, flow, answer)
        except Exception:  # noqa: BLE001 # edge: it may fail in any way
            claims = None
        if claims:
            accepted.add(at.name)
    return f"MSAL Python {version('msal')}", accepted


def _begun_by_msal(at: At) -> tuple[dict[str, Any], msal.ConfidentialClientApplication]:
    app = msal.ConfidentialClientApplication(
        at.client_id,
        client_credential=at.secret,
        oidc_authority=at.issuer,
        http_client=_PlainHttp(),
    )
    return app.initiate_auth_code_flow(["orders"], redirect_uri=_CALLBACK), app


def _finished_by_msal(
    app: msal.ConfidentialClientApplication, flow: dict[str, Any], answer: Mapping[str, str]
) -> object:
    return app.acquire_token_by_auth_code_flow(flow, dict(answer)).get("id_token_claims")


class _PlainHttp:
    """What MSAL asks with; no redirect is followed, since others do not follow any either."""

    def post(self, url: str, **more: Any) -> requests.Response:
        return self._ask("POST", url, more)

    def get(self, url: str, **more: Any) -> requests.Response:
        return self._ask("GET", url, more)

    def close(self) -> None:
        """Do nothing: each request has a connection of its own."""

    def _ask(self, method: str, url: str, more: dict[str, Any]) -> requests.Response:
        known = {name: more[name] for name in ("params", "data", "headers") if name in more}
        plain = url.replace("https://", "http://", 1)
        return requests.request(method, plain, timeout=_SECONDS, allow_redirects=False, **known)


async def authlib(places: Sequence[At]) -> tuple[str, set[str]]:
    """Return its name, and where it signed somebody in."""
    accepted = set()
    for at in places:
        try:
            claims = await _signed_in_by_authlib(at)
        except Exception:  # noqa: BLE001 # edge: it may fail in any way
            claims = None
        if claims:
            accepted.add(at.name)
    return f"Authlib {version('authlib')}", accepted


async def _signed_in_by_authlib(at: At) -> object:
    client = OAuth().register(
        "it",
        client_id=at.client_id,
        client_secret=at.secret,
        server_metadata_url=f"{at.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
            "timeout": _SECONDS,
        },
    )
    session: dict[str, Any] = {}
    start = await client.authorize_redirect(_request(session), _CALLBACK)
    answer = await _answered(start.headers["location"], raw=True)
    token = await client.authorize_access_token(_request(session, answer["raw"]))
    return token.get("userinfo")


def _request(session: dict[str, Any], query: str = "") -> Request:
    """Return a request as Starlette's session middleware leaves it."""
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/callback",
            "query_string": query.encode(),
            "headers": [(b"host", b"hub.example")],
            "server": ("hub.example", 443),
            "scheme": "https",
            "session": session,
        }
    )


async def openid_client(places: Sequence[At]) -> tuple[str, set[str]] | None:
    """Return its name, and where it signed somebody in; ``None`` if it is not installed."""
    node = shutil.which("node")
    package = _NODE / "node_modules" / "openid-client" / "package.json"
    if node is None or not package.exists():
        return None
    told = {
        "clientId": places[0].client_id,
        "secret": places[0].secret,
        "issuers": [
            {"name": at.name, "issuer": at.issuer, "algorithm": at.algorithm} for at in places
        ],
    }
    process = await asyncio.create_subprocess_exec(
        node,
        str(_NODE / "sign_ins.mjs"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await process.communicate(json.dumps(told).encode())
    if process.returncode:
        return None
    number = json.loads(package.read_text())["version"]
    return f"openid-client {number}", set(json.loads(written))


async def _answered(url: str, *, raw: bool = False) -> dict[str, str]:
    """Return the parameters with which the issuer sends the browser back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(URL(url, encoded=True), allow_redirects=False) as answer,
        ):
            query = urlsplit(answer.headers["location"]).query
    return {"raw": query} if raw else dict(parse_qsl(query))
