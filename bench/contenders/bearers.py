"""An access token of a made-up tenant, and what tells from it who calls."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from typing_extensions import override

from bench.harness import Contender, expect, repeated
from mainhub.clock import SystemClock
from mainhub.outbound import HttpClient
from mainhub.signin import Bearers, Provider, ProviderClient, SharedSecret
from mainhub.web import BearerRefused, Caller, bearer_of

__all__ = ["Arrivals"]

_TENANT: Final = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"
_HUB: Final = "c0ffee00-2222-4333-8444-555555555555"
_PROGRAM: Final = "0b5e0f6c-0000-4000-8000-000000000002"
_PERSON: Final = "2c8f3174-5eaa-403b-99c6-8142ebf70303"
_PROVIDER: Final = Provider(
    name="entra",
    title="Contoso",
    kind="entra",
    issuer=f"https://login.microsoftonline.com/{_TENANT}/v2.0",
    client_id=_HUB,
    authentication=SharedSecret("made-up"),
    redirect_uri="https://hub.example/auth/callback/entra",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid",),
    tenants=(_TENANT,),
)


class _Publishing(ProviderClient):
    """Has the keys at hand, as it has between two rotations."""

    def __init__(self, key: RSAKey) -> None:
        super().__init__(_PROVIDER, http=HttpClient(), clock=SystemClock())
        self._published: list[dict[str, object]] = [{"use": "sig", **key.as_dict(private=False)}]

    @override
    async def keys(self, *, reload: bool = False) -> list[dict[str, object]]:
        return self._published


class Arrivals:
    """Requests with the same token, at a hub that has not seen it and at one that has."""

    def __init__(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": "one"})
        self._clients = {"entra": _Publishing(self._key)}
        self._known = Bearers(self._clients, clock=SystemClock())
        self._token = self._signed(_claims())
        self._headers = [
            (b"host", b"hub.example"),
            (b"accept", b"application/json"),
            (b"authorization", b"Bearer " + self._token.encode()),
        ]

    def cold(self) -> Contender:
        """Return a hub that checks the token each time."""
        return Contender("MainHub", repeated(self._first), self._prove)

    def cached(self) -> Contender:
        """Return a hub that has checked it a moment ago."""
        return Contender("MainHub", repeated(self._again), self._prove)

    def signature(self) -> Contender:
        """Return what no check can do without."""

        async def checked() -> None:
            jws.deserialize_compact(self._token, self._key, algorithms=["RS256"])

        name = f"joserfc {version('joserfc')}, the signature alone"
        return Contender(name, repeated(checked), checked)

    async def _first(self) -> Caller:
        return await _caller(Bearers(self._clients, clock=SystemClock()), self._headers)

    async def _again(self) -> Caller:
        return await _caller(self._known, self._headers)

    async def _prove(self) -> None:
        """See that the person comes in with all roles, and nobody with a touched token."""
        for caller in (await self._first(), await self._again(), await self._again()):
            expect(caller.person.roles == ("Employee", "Editor"), "MainHub", "all roles are told")
            expect(caller.bearer == self._token, "MainHub", "the token is there for its exchange")
        admin = orjson.dumps(_claims() | {"roles": ["Admin"]})
        head, _, proof = self._token.split(".")
        body = jws.serialize_compact({"alg": "RS256"}, admin, self._key).split(".")[1]
        for touched in (f"{head}.{body}.{proof}", self._signed(_claims() | {"exp": 1})):
            try:
                await self._known.caller(touched)
            except (BearerRefused, JoseError):
                continue
            expect(holds=False, contender="MainHub", promise="what proves nothing is refused")

    def _signed(self, claims: dict[str, Any]) -> str:
        head = {"alg": "RS256", "typ": "JWT", "kid": "one"}
        return jws.serialize_compact(head, orjson.dumps(claims), self._key)


async def _caller(bearers: Bearers, headers: list[tuple[bytes, bytes]]) -> Caller:
    """Do what the authenticator of the hub does with a request."""
    return await bearers.caller(bearer_of(headers) or "")


def _claims() -> dict[str, Any]:
    """Return what stands in a token of Entra ID, version 2.0, with claims that nobody reads."""
    now = int(time.time())
    return {
        "aud": _HUB,
        "iss": _PROVIDER.issuer,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "aio": "AXQAi/8TAAAA" + "x" * 120,
        "azp": _PROGRAM,
        "azpacr": "0",
        "name": "Linus Torvalds",
        "oid": _PERSON,
        "preferred_username": "linus@contoso.example",
        "rh": "1.AXoAnix8XzR9hkucBS6KYdezQA.",
        "roles": ["Employee", "Editor"],
        "scp": "access_as_user",
        "sub": "pairwise-" + "y" * 34,
        "tid": _TENANT,
        "uti": "z" * 22,
        "ver": "2.0",
    }
