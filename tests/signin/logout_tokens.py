"""Logout tokens of the hostile provider: an honest one, and those that must end nothing."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import orjson

from signin.hostile_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    Header,
    Issuer,
    Keys,
    compact,
    shared,
    signature,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["EVENT", "FORGED", "logout_claims", "logout_token"]

EVENT = "http://schemas.openid.net/event/backchannel-logout"
_PREFIX = "oidcc-client-test-rp-backchannel-rpinitlogout"
_HEADER: Header = {"alg": "RS256", "kid": "one", "typ": "logout+jwt"}

Forge = "Callable[[Claims], str]"


def logout_claims(issuer: Issuer, **changes: object) -> Claims:
    """Return honest claims of *issuer*, but for *changes*; what is ``None`` is left out."""
    now = int(time.time() + issuer.ahead)
    claims = {
        "iss": issuer.url,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_urlsafe(12),
        "events": {EVENT: {}},
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def logout_token(issuer: Issuer, **changes: object) -> str:
    """Return an honest logout token of *issuer*, but for *changes* of its claims."""
    return signed(_HEADER, logout_claims(issuer, **changes), Keys.made().rsa)


def _but(**changes: object) -> Callable[[Claims], str]:
    return lambda claims: signed(_HEADER, claims | changes, Keys.made().rsa)


def _without(name: str) -> Callable[[Claims], str]:
    return lambda claims: signed(
        _HEADER, {key: value for key, value in claims.items() if key != name}, Keys.made().rsa
    )


def _shifted(name: str, seconds: int) -> Callable[[Claims], str]:
    return lambda claims: signed(
        _HEADER, claims | {name: int(time.time()) + seconds}, Keys.made().rsa
    )


def _headed(**changes: object) -> Callable[[Claims], str]:
    return lambda claims: signed(_HEADER | changes, claims, Keys.made().rsa)


def _unsigned(claims: Claims) -> str:
    header = orjson.dumps(_HEADER | {"alg": "none"})
    return compact(header, orjson.dumps(claims), lambda _data: b"")


def _by_secret(claims: Claims) -> str:
    header = orjson.dumps(_HEADER | {"alg": "HS256"})
    return compact(header, orjson.dumps(claims), signature("HS256", shared(CLIENT_SECRET)))


def _tampered(claims: Claims) -> str:
    head, payload, mark = signed(_HEADER, claims, Keys.made().rsa).split(".")
    return f"{head}.{payload}.{mark[:-8]}{'A' * 8}"


def _forged() -> Iterator[tuple[str, Callable[[Claims], str]]]:
    yield f"{_PREFIX}-alg-none", _unsigned
    yield f"{_PREFIX}-wrong-alg", _by_secret
    yield f"{_PREFIX}-no-event", _without("events")
    yield f"{_PREFIX}-wrong-event", _but(events={"http://schemas.openid.net/event/other": {}})
    yield f"{_PREFIX}-with-nonce", _but(nonce="one")
    yield f"{_PREFIX}-wrong-aud", _but(aud="another-client")
    yield f"{_PREFIX}-wrong-iss", _but(iss="https://evil.example")
    yield "events-a-list", _but(events=[EVENT])
    yield "event-no-object", _but(events={EVENT: True})
    yield "missing-iss", _without("iss")
    yield "missing-aud", _without("aud")
    yield "missing-iat", _without("iat")
    yield "missing-jti", _without("jti")
    yield "empty-jti", _but(jti="")
    yield "jti-a-number", _but(jti=1)
    yield "neither-sub-nor-sid", lambda claims: _without("sid")(claims | {"sub": None})
    yield "sid-a-number", _but(sid=1)
    yield "expired", _shifted("exp", -3600)
    yield "from-the-future", _shifted("iat", 3600)
    yield "of-yesterday", _shifted("iat", -86400)
    yield (
        "an-id-token",
        lambda claims: _but(nonce="n")(
            {key: value for key, value in claims.items() if key != "events"}
        ),
    )
    yield "signed-by-a-thief", lambda claims: signed(_HEADER, claims, Keys.made().rsa_thief)
    yield (
        "an-unknown-key",
        lambda claims: signed(_HEADER | {"kid": "two"}, claims, Keys.made().rsa_next),
    )
    yield "brings-its-own-key", _headed(jwk=Keys.made().rsa_thief.as_dict(private=False))
    yield "names-its-own-keys", _headed(jku="https://evil.example/keys")
    yield "of-a-type-of-its-own", _headed(typ="at+jwt")
    yield "tampered-with", _tampered
    yield "no-token", lambda _claims: "no.token.at.all"
    yield "too-long", _but(padding="x" * 40_000)


FORGED = dict(_forged())
