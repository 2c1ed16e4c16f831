"""What every token of a provider's has to pass: its head, the key that signed it, and its times."""

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from joserfc import jwk, jws
from joserfc.errors import JoseError

from mainhub.outbound import read_once
from mainhub.signin.failures import AnswerRefused, KeyUnknown
from mainhub.signin.trusted import Provider

__all__ = [
    "LEEWAY",
    "LONGEST",
    "Claims",
    "Head",
    "Keys",
    "Signer",
    "check_owner",
    "check_times",
    "named",
    "opened",
    "read_head",
    "stated_time",
]

Claims = Mapping[str, object]
Keys = Callable[[bool], Awaitable[list[dict[str, object]]]]
"""Returns a provider's public keys; called with True to ask for newer ones."""

_KEPT: Final = False
_NEWER: Final = True
LONGEST: Final = 32 * 1024
LEEWAY: Final = 60
"""Seconds by which clocks may differ."""

_LONGEST_NAME: Final = 255
_LONGEST_HEAD: Final = 4096
# The year 10000, in seconds: beyond it no calendar goes, and milliseconds are.
_NEVER: Final = 253_402_300_800
_MOST_KEYS: Final = 64
_LEAST_RSA: Final = 2048
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})
_CURVES: Final = frozenset({"Ed25519", "Ed448"})
_KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
# Headers by which a token would bring its own key or rules (Authlib CVE-2026-27962).
_FORBIDDEN_HEADERS: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})


@dataclass(frozen=True, slots=True)
class Head:
    """What a token says of its own signature and kind (the kind in lower case)."""

    algorithm: str
    key_id: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and how the provider publishes it."""

    key: jwk.Key
    published: Mapping[str, object]


def read_head(token: str, provider: Provider) -> Head:
    """Return what the head of *token* says, whose algorithm is one of *provider*'s.

    Raises:
        AnswerRefused: it is none that we take. All messages here call the token an id_token.
    """
    first = token.partition(".")[0]
    if "=" in token:
        # RFC 7515, section 2: base64url without padding.
        raise AnswerRefused("the id_token is not a signed token")
    try:
        header = read_once(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as error:
        raise AnswerRefused("the id_token is not a signed token") from error
    if not isinstance(header, dict):
        raise AnswerRefused("the id_token is not a signed token")
    forbidden = _FORBIDDEN_HEADERS.intersection(header)
    if forbidden:
        raise AnswerRefused(f"the id_token brings its own {min(forbidden)}")
    algorithm = header.get("alg")
    if algorithm not in provider.algorithms:
        raise AnswerRefused("the id_token is signed with an algorithm that is not allowed")
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise AnswerRefused("the id_token names its key in no way that can be read")
    return Head(str(algorithm), key_id, str(header.get("typ", "JWT")).lower())


async def opened(token: str, head: Head, keys: Keys) -> tuple[Claims, Signer]:
    """Return the claims of *token*, whose *head* was read, and the published key that signed it.

    Newer keys are asked for before anything is refused because of a key: the provider may have
    changed them since, also without a name, or under the name that the last one had.

    Raises:
        AnswerRefused: no published key has signed it, or it cannot be read in one way only.
        KeyUnknown: no such key is known, and there were no newer ones to be had just now.
    """
    published = await keys(_KEPT)
    try:
        payload, signer = _proved(token, head, published)
    except AnswerRefused:
        newer = await keys(_NEWER)
        if newer is published:
            raise _unknown() from None
        payload, signer = _proved(token, head, newer)
    return _claims(payload), signer


def _unknown() -> KeyUnknown:
    return KeyUnknown(
        "the id_token is signed with a key that the provider does not publish",
        remedy="Try again in half a minute: the provider may have changed its keys just now.",
    )


def _proved(
    token: str, head: Head, published: Iterable[Mapping[str, object]]
) -> tuple[bytes, Signer]:
    """Return what *token* says, and the one of the *published* keys that *head* names and it bears.

    Raises:
        AnswerRefused: there is none, or it proves nothing.
    """
    usable = [key for key in published if _verifies(key, head.algorithm)]
    found = [key for key in usable if head.key_id is None or key.get("kid") == head.key_id]
    if not found:
        raise _unknown()
    if len(found) > 1:
        raise AnswerRefused("the id_token does not say which of several keys signed it")
    signer = Signer(_read(found[0]), found[0])
    try:
        registry = _registry(head.algorithm)
        payload = jws.deserialize_compact(token, signer.key, registry=registry).payload
    except (JoseError, ValueError) as error:
        raise AnswerRefused("the id_token's signature is wrong") from error
    return payload or b"", signer


def _read(published: Mapping[str, object]) -> jwk.Key:
    if _is_short(published):
        raise AnswerRefused("the provider's key is too short to prove anything")
    texts = ((name, value) for name, value in published.items() if isinstance(value, str))
    try:
        return _imported(tuple(texts))
    except (JoseError, ValueError, LookupError) as error:
        # LookupError: joserfc looks a curve up by its name.
        raise AnswerRefused("the provider's key cannot be read") from error


@lru_cache(maxsize=_MOST_KEYS)
def _imported(members: tuple[tuple[str, str], ...]) -> jwk.Key:
    """Return the key of *members*; it takes longer than to check a signature, so it is kept."""
    return jwk.import_key(dict(members))


def _verifies(key: Mapping[str, object], algorithm: str) -> bool:
    """Say whether *key* is for checking signatures of *algorithm* (RFC 7517, section 4)."""
    stated = {name: value for name, value in key.items() if value is not None}
    operations = stated.get("key_ops", ["verify"])
    return (
        # Whose private part is published anybody can sign with.
        _PRIVATE.isdisjoint(key)
        and (key.get("kty") != "OKP" or str(key.get("crv")) in _CURVES)
        and key.get("kty") == _KEY_TYPES[algorithm[:2]]
        and stated.get("use", "sig") == "sig"
        and stated.get("alg", algorithm) == algorithm
        and isinstance(operations, list)
        and "verify" in operations
    )


def _is_short(key: Mapping[str, object]) -> bool:
    """Say whether *key* is one of RSA that can be broken; joserfc only warns of it."""
    modulus = key.get("n")
    if key.get("kty") != "RSA" or not isinstance(modulus, str):
        return False
    try:
        raw = base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))
    except ValueError:
        return False
    return int.from_bytes(raw, "big").bit_length() < _LEAST_RSA


def _claims(payload: bytes) -> Claims:
    try:
        # Strict: no NaN that passes every comparison, no half characters, no endless nesting.
        claims = read_once(payload)
    except ValueError as error:
        raise AnswerRefused("the id_token's claims cannot be read") from error
    if not isinstance(claims, dict):
        raise AnswerRefused("the id_token holds no claims")
    return claims


@lru_cache(maxsize=_MOST_KEYS)
def _registry(algorithm: str) -> jws.JWSRegistry:
    """Return what lets a token of *algorithm* through; it is made once.

    A member of the head that nobody knows is ignored (RFC 7515, section 4).
    """
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = _LONGEST_HEAD
    return registry


def check_owner(claims: Claims, provider: Provider, signer: Signer) -> None:
    """Raise ``AnswerRefused`` unless *signer* may sign for the tenant that *claims* name."""
    if not provider.owns_key(signer.published, claims):
        raise AnswerRefused("the id_token is signed with a key of another tenant's")


def check_times(claims: Claims, now: datetime) -> None:
    """Raise ``AnswerRefused`` unless *claims* hold *now*, by ``iat``, ``exp`` and ``nbf``."""
    moment = now.timestamp()
    issued, expires = stated_time(claims, "iat"), stated_time(claims, "exp")
    if expires + LEEWAY <= moment:
        raise AnswerRefused("the id_token has expired")
    if issued - LEEWAY > moment:
        raise AnswerRefused("the id_token was issued in the future")
    if "nbf" in claims and stated_time(claims, "nbf") - LEEWAY > moment:
        raise AnswerRefused("the id_token is not valid yet")


def named(claims: Claims, name: str) -> str:
    """Return the text that *claims* hold under *name*; raises ``AnswerRefused`` for any other."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME or not value.isprintable():
        raise AnswerRefused(f"the id_token names no {name}")
    return value


def stated_time(claims: Claims, name: str) -> float:
    """Return the time that *claims* state, in seconds; raises ``AnswerRefused`` if they do not."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _NEVER:
        raise AnswerRefused(f"the id_token states no {name}")
    return float(value)
