"""Tokens and keys that are signed well and are odd: an honest provider makes none of them."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

import orjson
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey, RSAKey

from signin.forged_with import but, by, published, raw, shifted, written
from signin.hostile_provider import Defect, Keys, compact, half_hash, public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signin.hostile_provider import Claims, Header

_TWICE = {
    "iss": b'"https://evil.example"',
    "aud": b'"another-client"',
    "sub": b'"ada"',
    "nonce": b'"another"',
    "exp": b"1",
    "roles": b'["Admin"]',
}
_KID_TWICE = b'{"alg":"RS256","kid":"two","kid":"one"}'


def oddities() -> Iterator[Defect]:
    """Yield every odd token and key set; whoever takes one may be told another thing by the next.

    What stands twice in a document is read by some first and by some last (RFC 7519, section 4).
    """
    for name, value in _TWICE.items():
        yield Defect(f"{name}-twice", token=_twice(name, value))
    for first in ("none", "HS256"):
        yield Defect(
            f"alg-twice-and-first-{first}",
            token=written(header=f'{{"alg":"{first}","kid":"one","alg":"RS256"}}'.encode()),
        )
    yield Defect("kid-twice-in-a-header", token=written(header=_KID_TWICE))
    for typ in ("at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE"):
        yield Defect(f"typ-{typ}", token=by(lambda keys: keys.rsa, typ=typ))
    yield Defect("typ-empty", token=by(lambda keys: keys.rsa, typ=""))
    yield Defect("iat-of-yesterday", claims=shifted("iat", -86_400))
    yield Defect("iat-at-the-beginning-of-time", claims=but(iat=0))
    yield Defect("c_hash-of-another-code", claims=but(c_hash=half_hash("another")))
    yield Defect("c_hash-a-number", claims=but(c_hash=7))
    yield Defect("key-of-1024-bits", token=by(lambda _: _weak()), keys=_weak_set)
    yield Defect("key-with-its-private-part", keys=_private_set)
    yield Defect(
        "key-for-agreement-only",
        token=_unproved("EdDSA", "ed"),
        keys=lambda: {"keys": [public(OKPKey.generate_key("X25519", {"kid": "ed"}))]},
        algorithms=("EdDSA",),
        control="alg-EdDSA",
    )


def _twice(name: str, value: bytes) -> Callable[[Header, Claims], object]:
    """Say *name* twice, and the honest thing last."""

    def token(header: Header, claims: Claims) -> object:
        honest = orjson.dumps(claims[name])
        return raw(name, value + b',"' + name.encode() + b'":' + honest)(header, claims)

    return token


def _unproved(algorithm: str, kid: str) -> Callable[[Header, Claims], object]:
    return lambda header, claims: compact(
        orjson.dumps(header | {"alg": algorithm, "kid": kid}),
        orjson.dumps(claims),
        lambda _: b"\x00" * 64,
    )


@cache
def _weak() -> RSAKey:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return RSAKey.generate_key(1024, {"kid": "one"})


def _weak_set() -> object:
    return published(public(_weak()))()


def _private_set() -> object:
    return {"keys": [{"use": "sig", **Keys.made().rsa.as_dict(private=True)}]}
