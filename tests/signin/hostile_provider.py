"""An OpenID provider with one defect per issuer: many issuers in one process.

The first segment of a path names the issuer and thereby the defect. What no defect changes is
honest: PKCE and client secret are checked, codes work once, refresh tokens rotate, and one that was
used before ends its family.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote_plus, urlencode

import orjson
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from joserfc.jwk import Key
    from starlette.requests import Request

CLIENT_ID = "c0ffee00-2222-4333-8444-555555555555"
CLIENT_SECRET = "a made-up client secret of the hostile provider"
TENANT = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"
OTHER_TENANT = "99999999-7d34-4b86-9c05-2e8a61d7b340"
OBJECT_ID = "2c8f3174-5eaa-403b-99c6-8142ebf70303"

Claims = dict[str, Any]
Header = dict[str, Any]


@dataclass(frozen=True)
class Keys:
    """The keys of all issuers; those of a thief are published nowhere."""

    rsa: RSAKey
    rsa_next: RSAKey
    rsa_thief: RSAKey
    ec: ECKey
    ec_thief: ECKey
    ec_large: ECKey
    ed: OKPKey

    @staticmethod
    @cache
    def made() -> Keys:
        """Return the keys, made once: that takes longer than most tests."""
        return Keys(
            rsa=RSAKey.generate_key(2048, {"kid": "one"}),
            rsa_next=RSAKey.generate_key(2048, {"kid": "two"}),
            rsa_thief=RSAKey.generate_key(2048, {"kid": "one"}),
            ec=ECKey.generate_key("P-256", {"kid": "ec"}),
            ec_thief=ECKey.generate_key("P-256", {"kid": "ec"}),
            ec_large=ECKey.generate_key("P-384", {"kid": "ec-large"}),
            ed=OKPKey.generate_key("Ed25519", {"kid": "ed"}),
        )


def b64(data: bytes) -> str:
    """Return *data* in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: bytes, payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return a compact JWS; nothing of it is checked."""
    signed = f"{b64(header)}.{b64(payload)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def signature(algorithm: str, key: Key) -> Callable[[bytes], bytes]:
    """Return what signs with *algorithm* and *key*."""
    return lambda data: JWSRegistry.algorithms[algorithm].sign(data, key)


def signed(header: Header, claims: Claims, key: Key) -> str:
    """Return an honest token, but for what *header* and *claims* say."""
    return compact(orjson.dumps(header), orjson.dumps(claims), signature(str(header["alg"]), key))


def shared(secret: str | bytes) -> OctKey:
    """Return a key for HMAC."""
    return OctKey.import_key(secret)


def public(key: Key, **changes: object) -> dict[str, object]:
    """Return the JWK of *key* as a provider publishes it."""
    return {"use": "sig", **key.as_dict(private=False), **changes}


def half_hash(token: str, algorithm: str = "sha256") -> str:
    """Return ``at_hash`` for *token* (OpenID Connect Core, section 3.1.3.6)."""
    digest = hashlib.new(algorithm, token.encode()).digest()
    return b64(digest[: len(digest) // 2])


@dataclass(frozen=True)
class Defect:
    """What one issuer does otherwise; whatever is not given here is honest.

    *status* is what the hub answers at its callback, or at the start where *at_start*. *control*
    names the honest issuer of the same shape, with which people do sign in. *realm* is what stands
    in the place of a tenant where there are several; *pkce* says whether verifiers are checked,
    and *basic* that the secret is taken in a header only (RFC 6749, section 2.3.1).
    """

    name: str
    status: int = 403
    kind: str = "oidc"
    algorithms: tuple[str, ...] = ("RS256",)
    claims: Callable[[Claims], Claims] = lambda claims: claims
    token: Callable[[Header, Claims], object] = lambda header, claims: signed(
        header, claims, Keys.made().rsa
    )
    answer: Callable[[dict[str, Any]], object] = lambda answer: answer
    keys: Callable[[], object] = lambda: {"keys": [public(Keys.made().rsa)]}
    discovery: Callable[[dict[str, Any]], object] = lambda document: document
    callback: Callable[[dict[str, str]], Sequence[tuple[str, str]]] = lambda sent: list(
        sent.items()
    )
    names_itself: bool = False
    at_start: bool = False
    control: str = "oidcc-client-test"
    realm: str = ""
    pkce: bool = True
    userinfo: Callable[[dict[str, Any]], object] | None = None
    basic: bool = False


HONEST = Defect("honest", status=303)


@dataclass
class Issuer:
    """One issuer, what it has handed out, and what it was asked."""

    base: str
    name: str
    defect: Defect = HONEST
    subject: str = "linus"
    roles: object = field(default_factory=lambda: ["Employee"])
    down: bool = False
    seconds: float = 3600
    ahead: float = 0
    form: dict[str, str] = field(default_factory=dict)
    credentials: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    handed_out: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    gated: str | None = None
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    refused: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _refresh: str = ""

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def url(self) -> str:
        """Return the issuer as tokens name it."""
        return f"{self.base}/{self.name}" + (f"/{TENANT}/v2.0" if self._entra else "")

    @property
    def _entra(self) -> bool:
        return self.defect.kind == "entra"

    def settings(self) -> dict[str, object]:
        """Return this issuer as a provider in the hub's settings."""
        told: dict[str, object] = {
            "kind": self.defect.kind,
            "issuer": self.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "algorithms": list(self.defect.algorithms),
        }
        if self._entra:
            told |= {"tenant": TENANT}
        if realm := self.defect.realm:
            told |= {"tenant": realm, "tenants": [TENANT]}
            told |= {"issuer": self.url.replace(TENANT, realm)}
        return told

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        endpoint = request.url.path.rpartition("/")[2]
        self.asked[endpoint] += 1
        self.credentials.append(request.headers.get("authorization", ""))
        if self.down:
            return Response("<h1>down</h1>", 503)
        if endpoint == "authorize":
            return self._authorize(dict(request.query_params))
        if endpoint == "token":
            # Read by hand, so that a form needs no parser of its own.
            form = dict(parse_qsl((await request.body()).decode()))
            self.form = form
            self.waiting.set()
            if self.gated in {None, form["grant_type"]}:
                await self.gate.wait()
            return _response(self._token(form))
        if endpoint == "keys":
            return _response(self._keys())
        if endpoint == "userinfo" and self.defect.userinfo is not None:
            assert "access_token" not in request.query_params
            return _response(self.defect.userinfo({"sub": self.subject}))
        return _response(self.defect.discovery(self._document()))

    def _document(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.defect.userinfo is not None:
            told |= {"userinfo_endpoint": f"{self.url}/userinfo"}
        if self.defect.basic:
            told |= {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}
        return told | {
            "issuer": self._named,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "authorization_response_iss_parameter_supported": self.defect.names_itself,
        }

    @property
    def _named(self) -> str:
        return self.url.replace(TENANT, "{tenantid}") if self.defect.realm else self.url

    def _keys(self) -> object:
        document = self.defect.keys()
        if not self.defect.realm or not isinstance(document, dict):
            return document
        # Entra ID says at each key whose it is, where several tenants share a set.
        return {"keys": [{"issuer": self._named, **key} for key in document["keys"]]}

    def _authorize(self, asked: dict[str, str]) -> Response:
        code = self._hand_out("code")
        self._codes[code] = asked
        sent = {"code": code, "state": asked["state"]}
        if self.defect.names_itself:
            sent["iss"] = self.url
        query = urlencode(self.defect.callback(sent))
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    def _token(self, form: dict[str, str]) -> object:
        self.handed_out.add(form.get("code_verifier", CLIENT_SECRET))
        if not self._believes(form):
            return self._refuse("invalid_client")
        self.scopes.append(form.get("scope", ""))
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self._refresh:
                self._refresh = ""
                return self._refuse("invalid_grant")
            return self.defect.answer(self._tokens(nonce=None))
        asked = self._codes.pop(form["code"], None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return self._refuse("invalid_grant")
        challenge = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if self.defect.pkce and challenge != asked["code_challenge"]:
            return self._refuse("invalid_grant")
        return self.defect.answer(self._tokens(nonce=asked["nonce"]))

    def _believes(self, form: dict[str, str]) -> bool:
        if not self.defect.basic:
            return form.get("client_secret") == CLIENT_SECRET
        pair = ":".join(quote_plus(word) for word in (CLIENT_ID, CLIENT_SECRET))
        sent = self.credentials[-1].removeprefix("Basic ")
        return "client_secret" not in form and sent == base64.b64encode(pair.encode()).decode()

    def _tokens(self, *, nonce: str | None) -> dict[str, Any]:
        self._refresh = self._hand_out("refresh")
        access = self._hand_out("access")
        now = int(time.time() + self.ahead)
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": self.subject, "iat": now}
        claims |= {"exp": now + 3600, "nonce": nonce, "name": "Linus", "roles": self.roles}
        claims |= {"at_hash": half_hash(access)}
        if self._entra:
            claims |= {"tid": TENANT, "oid": OBJECT_ID}
        given = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "one", "typ": "JWT"}
        token = self.defect.token(header, self.defect.claims(given))
        if isinstance(token, str):
            self.handed_out.add(token)
        return {
            "token_type": "Bearer",
            "expires_in": self.seconds,
            "access_token": access,
            "refresh_token": self._refresh,
            "id_token": token,
        }

    def _hand_out(self, what: str) -> str:
        made = f"{what}-{secrets.token_urlsafe(24)}"
        self.handed_out.add(made)
        return made

    def _refuse(self, error: str) -> Response:
        self.refused.append(error)
        return JSONResponse({"error": error, "error_description": f"{error}, says it"}, 400)


def hostile_app(issuers: dict[str, Issuer]) -> Starlette:
    """Return the application of all *issuers*, by the first segment of their paths."""

    async def respond(request: Request) -> Response:
        issuer = issuers.get(request.path_params["issuer"])
        return Response(status_code=404) if issuer is None else await issuer.respond(request)

    return Starlette(routes=[Route("/{issuer}/{rest:path}", respond, methods=["GET", "POST"])])


def _response(answer: object) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(orjson.dumps(answer), media_type="application/json")
