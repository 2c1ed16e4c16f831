"""The id_token, believed only after every check of OpenID Connect Core 1.0, section 3.1.3.7."""

import base64
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from joserfc import jwk, jws
from joserfc.errors import JoseError

from mainhub.identity import ROLELESS, Person
from mainhub.signin.failures import AnswerRefused
from mainhub.signin.provider import Provider

__all__ = ["Claims", "Keys", "person_of", "validate"]

Claims = Mapping[str, object]
Keys = Callable[[bool], Awaitable[list[dict[str, object]]]]
"""Returns a provider's public keys; called with True to ask for newer ones."""

_LONGEST: Final = 32 * 1024
_LONGEST_NAME: Final = 255
_LEEWAY: Final = 60
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
# OpenID Connect Core, section 3.1.3.6: at_hash is made with the signature's own hash.
_HASHES: Final = {"256": "sha256", "384": "sha384", "512": "sha512", "DSA": "sha512"}
# Headers by which a token would bring its own key or rules (Authlib CVE-2026-27962).
_FORBIDDEN_HEADERS: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})


@dataclass(frozen=True, slots=True)
class _Head:
    algorithm: str
    key_id: str | None


async def validate(
    granted: Mapping[str, object],
    *,
    provider: Provider,
    keys: Keys,
    nonce: str | None,
    now: datetime,
) -> Claims:
    """Return the claims of the id_token that a token endpoint *granted*.

    Args:
        granted: the token endpoint's answer; its access token must be the one that is named.
        provider: who must have issued it, for which client, with which algorithms.
        keys: where the provider's keys come from; never the token itself.
        nonce: what the flow sent; ``None`` after a refresh, which has none of its own.
        now: the time to judge by; a minute of difference between clocks is allowed.

    Raises:
        AnswerRefused: any check failed. The message names the check and never the token.
    """
    token = granted.get("id_token")
    if not isinstance(token, str) or not token or len(token) > _LONGEST:
        raise AnswerRefused("the answer holds no usable id_token")
    head = _read_head(token, provider)
    claims = _opened(token, await _find_key(head, keys), head)
    _check_parties(claims, provider)
    _check_times(claims, now)
    _check_nonce(claims, nonce)
    _check_access_token(claims, granted.get("access_token"), head)
    return claims


def person_of(claims: Claims, provider: Provider) -> Person:
    """Return who *claims* describe. All roles count; a person without any is ``USER``."""
    subject = _text(claims, "sub")
    tenant = claims.get("tid")
    if provider.kind == "entra":
        tenant = _tenant(claims, provider)
        # sub differs per application; tenant and object id are the same everywhere in the company.
        identity = f"{tenant}.{_text(claims, 'oid')}"
    else:
        identity = f"{provider.issuer}|{subject}"
    email = claims.get("email") or claims.get("preferred_username")
    name = claims.get("name") or email or subject
    stated = claims.get(provider.roles_claim)
    roles = [role for role in stated if isinstance(role, str)] if isinstance(stated, list) else []
    return Person(
        id=identity,
        name=_clean(str(name)),
        email=_clean(str(email)) if email else None,
        roles=tuple(dict.fromkeys(role for role in roles if _is_role(role))) or (ROLELESS,),
        tenant_id=_clean(tenant) if isinstance(tenant, str) else None,
        provider=provider.name,
    )


def _read_head(token: str, provider: Provider) -> _Head:
    first = token.partition(".")[0]
    try:
        header = orjson.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
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
    return _Head(str(algorithm), key_id)


async def _find_key(head: _Head, keys: Keys) -> jwk.Key:
    for newer in (False, True):
        usable = [key for key in await keys(newer) if _verifies(key, head.algorithm)]
        found = [key for key in usable if head.key_id is None or key.get("kid") == head.key_id]
        if len(found) == 1:
            try:
                return jwk.import_key({k: v for k, v in found[0].items() if isinstance(v, str)})
            except (JoseError, ValueError, LookupError) as error:
                # LookupError: joserfc looks a curve up by its name.
                raise AnswerRefused("the provider's key cannot be read") from error
        if len(found) > 1:
            raise AnswerRefused("the id_token does not say which of several keys signed it")
    raise AnswerRefused("the id_token is signed with a key that the provider does not publish")


def _verifies(key: Mapping[str, object], algorithm: str) -> bool:
    """Say whether *key* is for checking signatures of *algorithm* (RFC 7517, section 4)."""
    operations = key.get("key_ops", ["verify"])
    return (
        key.get("kty") == _KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and isinstance(operations, list)
        and "verify" in operations
    )


def _opened(token: str, key: jwk.Key, head: _Head) -> Claims:
    try:
        payload = jws.deserialize_compact(token, key, algorithms=[head.algorithm]).payload
    except (JoseError, ValueError) as error:
        raise AnswerRefused("the id_token's signature is wrong") from error
    try:
        # Strict: no NaN that passes every comparison, no half characters, no endless nesting.
        claims = orjson.loads(payload or b"")
    except orjson.JSONDecodeError as error:
        raise AnswerRefused("the id_token's claims cannot be read") from error
    if not isinstance(claims, dict):
        raise AnswerRefused("the id_token holds no claims")
    return claims


def _check_parties(claims: Claims, provider: Provider) -> None:
    if claims.get("iss") != provider.issuer:
        raise AnswerRefused("the id_token comes from another issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in audiences:
        raise AnswerRefused("the id_token is meant for another application")
    # With several audiences the authorized party must be us; where azp stands it always must.
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise AnswerRefused("the id_token was issued to another application")
    _text(claims, "sub")


def _check_times(claims: Claims, now: datetime) -> None:
    moment = now.timestamp()
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if expires + _LEEWAY <= moment:
        raise AnswerRefused("the id_token has expired")
    if issued - _LEEWAY > moment:
        raise AnswerRefused("the id_token was issued in the future")
    if "nbf" in claims and _time(claims, "nbf") - _LEEWAY > moment:
        raise AnswerRefused("the id_token is not valid yet")


def _check_nonce(claims: Claims, nonce: str | None) -> None:
    stated = claims.get("nonce")
    if nonce is None:
        return
    if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), nonce.encode()):
        raise AnswerRefused("the id_token answers another sign-in")


def _check_access_token(claims: Claims, token: object, head: _Head) -> None:
    # OpenID Connect Core, section 3.1.3.8; optional in the code flow, binding where it stands.
    if "at_hash" not in claims:
        return
    if not isinstance(token, str):
        raise AnswerRefused("the id_token names an access token, and there is none")
    digest = hashlib.new(_HASHES[head.algorithm[-3:]], token.encode()).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if claims["at_hash"] != expected:
        raise AnswerRefused("the access token is not the one that the id_token names")


def _tenant(claims: Claims, provider: Provider) -> str:
    # Tenant and issuer vouch for each other, or one tenant could speak for another
    # (CVE-2025-55241); every issuer of Microsoft's bears the tenant's id in its path.
    tenant = _text(claims, "tid").lower()
    if not _GUID.fullmatch(tenant) or tenant not in provider.issuer.lower().split("/"):
        raise AnswerRefused("the id_token names another tenant than its issuer")
    return tenant


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME or not value.isprintable():
        raise AnswerRefused(f"the id_token names no {name}")
    return value


def _time(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerRefused(f"the id_token states no {name}")
    return float(value)


def _is_role(role: str) -> bool:
    # "*" stands for everybody where roles are granted; nobody may bring it along.
    return role.isprintable() and role.strip() == role and role not in {"", "*"}


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:200]
