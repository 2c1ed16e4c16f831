"""Providers that are unusual and right.

With these somebody must be signed in, or all refusals mean nothing.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

import orjson

from signin.broken_answers import unused_keys, unusual
from signin.forged_with import by, headed
from signin.hostile_provider import (
    CLIENT_ID,
    TENANT,
    Claims,
    Defect,
    Header,
    Keys,
    compact,
    half_hash,
    public,
    signature,
    signed,
)
from signin.hostile_transport import in_drops, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from joserfc.jwk import Key

_PREFIX = "oidcc-client-test-"


def honest() -> Iterator[Defect]:
    """Yield providers with which a sign-in succeeds."""
    yield _right("oidcc-client-test")
    yield _right(f"{_PREFIX}idtoken-sig-rs256")
    yield _right("answers-name-their-issuer", names_itself=True)
    yield _right("entra", kind="entra")
    yield _right("entra-tid-in-capitals", kind="entra", claims=lambda it: it | {"tid": _CAPITALS})
    yield _right("aud-in-a-list", claims=lambda it: it | {"aud": [CLIENT_ID]})
    yield _right(
        "aud-several-with-our-azp",
        claims=lambda it: it | {"aud": ["another-client", CLIENT_ID], "azp": CLIENT_ID},
    )
    for name, seconds in (("iat", 30), ("nbf", 30), ("exp", -30)):
        yield _right(
            f"{name}-of-a-clock-{abs(seconds)}-s-off",
            claims=lambda it, name=name, seconds=seconds: it | {name: time.time() + seconds},
        )
    yield _right("without-at_hash", answer=_without_hash)
    # Entra ID issues its tokens five minutes ago, so that clocks may differ.
    yield _right(
        "iat-of-five-minutes-ago",
        claims=lambda it: it | {"iat": it["iat"] - 300, "nbf": it["iat"] - 300},
    )
    yield _right("sub-of-255-letters", claims=lambda it: it | {"sub": "x" * 255})
    yield _right("token-of-twenty-kilobytes", claims=lambda it: it | {"padding": "x" * 15_000})
    yield _right("azp-alone", claims=lambda it: it | {"azp": CLIENT_ID})
    yield _right("typ-in-small-letters", token=by(lambda keys: keys.rsa, typ="jwt"))
    yield _right("claim-typ-ID", claims=lambda it: it | {"typ": "ID", "token_use": "id"})
    for name, told in (("v1", f"https://sts.windows.net/{TENANT}/"), ("capitals", _HOME.upper())):
        yield _right(
            f"idp-of-our-own-tenant-{name}",
            kind="entra",
            claims=lambda it, told=told: it | {"idp": told},
        )
    yield _right("typ-left-out", token=headed({"alg": "RS256", "kid": "one"}))
    yield _right("answers-packed", answer=packed, keys=_packed_keys, discovery=packed)
    yield _right(
        "answers-in-drops",
        answer=lambda it: in_drops(it, 0.001),
        discovery=lambda it: in_drops(it, 0.001),
    )
    yield _right("entra-several-tenants", kind="entra", realm="organizations")
    yield from _keys()
    for name, changes in unusual():
        yield _right(name, answer=lambda answer, changes=changes: answer | changes)


_CAPITALS = TENANT.upper()
_HOME = f"https://login.microsoftonline.com/{TENANT}/v2.0"


def _packed_keys() -> object:
    return packed({"keys": [public(Keys.made().rsa)]})


def _keys() -> Iterator[Defect]:
    made = Keys.made()
    yield _right(
        f"{_PREFIX}kid-absent-single-jwks",
        token=lambda _, claims: compact(
            b'{"alg":"RS256"}', orjson.dumps(claims), signature("RS256", made.rsa)
        ),
    )
    yield _right(
        "keys-with-others-beside",
        keys=lambda: {"keys": [*unused_keys(), public(made.rsa)]},
    )
    nothing = {"use": None, "alg": None, "key_ops": None}
    yield _right("key-with-nulls", keys=lambda: {"keys": [public(made.rsa, **nothing)]})
    yield _right("key-without-use", keys=lambda: {"keys": [made.rsa.as_dict(private=False)]})
    for algorithm, digest, key in (
        ("RS512", "sha512", made.rsa),
        ("PS256", "sha256", made.rsa),
        ("PS384", "sha384", made.rsa),
        ("ES256", "sha256", made.ec),
        ("ES384", "sha384", made.ec_large),
        ("EdDSA", "sha512", made.ed),
    ):
        yield _right(
            f"alg-{algorithm}",
            algorithms=(algorithm,),
            keys=lambda key=key: {"keys": [public(key)]},
            answer=_signed_by(algorithm, digest, key),
        )


def _right(name: str, **changes: object) -> Defect:
    return Defect(name, status=303, **changes)  # type: ignore[arg-type] # named as its fields are


def _signed_by(
    algorithm: str, digest: str, key: Key
) -> Callable[[dict[str, object]], dict[str, object]]:
    """Sign the honest token again, by another algorithm; at_hash depends on it too."""

    def answer(honest_answer: dict[str, object]) -> dict[str, object]:
        claims = _claims_in(str(honest_answer["id_token"]))
        claims["at_hash"] = half_hash(str(honest_answer["access_token"]), digest)
        header: Header = {"alg": algorithm, "kid": key.kid}
        return honest_answer | {"id_token": signed(header, claims, key)}

    return answer


def _without_hash(answer: dict[str, object]) -> dict[str, object]:
    claims = _claims_in(str(answer["id_token"]))
    del claims["at_hash"]
    header: Header = {"alg": "RS256", "kid": "one"}
    return answer | {"id_token": signed(header, claims, Keys.made().rsa)}


def _claims_in(token: str) -> Claims:
    claims: Claims = orjson.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims
