"""Ways to forge a token: what a defect does to claims, header, signature and published keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import orjson

from signin.hostile_provider import Claims, Header, Keys, b64, compact, signature, signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from joserfc.jwk import Key


def but(**changes: object) -> Callable[[Claims], Claims]:
    """Change claims."""
    return lambda claims: claims | changes


def without(name: str) -> Callable[[Claims], Claims]:
    """Leave the claim *name* out."""
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def shifted(name: str, seconds: int) -> Callable[[Claims], Claims]:
    """Put the time of the claim *name* some *seconds* from now."""
    return lambda claims: claims | {name: int(time.time()) + seconds}


def raw(name: str, value: bytes) -> Callable[[Header, Claims], object]:
    """Write the claim *name* as it stands, which no strict JSON writer would."""

    def token(header: Header, claims: Claims) -> object:
        plain = orjson.dumps({key: value for key, value in claims.items() if key != name})
        payload = plain[:-1] + b',"' + name.encode() + b'":' + value + b"}"
        return compact(orjson.dumps(header), payload, signature("RS256", Keys.made().rsa))

    return token


def by(key: Callable[[Keys], Key], **changes: object) -> Callable[[Header, Claims], object]:
    """Sign with a *key*, under the honest header but for *changes*."""
    return lambda header, claims: signed(header | changes, claims, key(Keys.made()))


def unsigned(header: Header, claims: Claims) -> str:
    """Return a token without a signature."""
    return f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}."


def headed(header: dict[str, object]) -> Callable[[Header, Claims], object]:
    """Write *header* in place of the honest one, and sign all the same."""
    return lambda _, claims: compact(
        orjson.dumps(header), orjson.dumps(claims), signature("RS256", Keys.made().rsa)
    )


def published(*keys: dict[str, object]) -> Callable[[], object]:
    """Publish *keys*."""
    return lambda: {"keys": list(keys)}


def written(
    *, header: bytes = b'{"alg":"RS256","kid":"one"}', payload: bytes | None = None
) -> Callable[[Header, Claims], object]:
    """Write header or payload as they stand, and sign them."""

    def token(_header: Header, claims: Claims) -> object:
        body = orjson.dumps(claims) if payload is None else payload
        return compact(header, body, signature("RS256", Keys.made().rsa))

    return token
