"""The id_token, believed only after every check of OpenID Connect Core 1.0, section 3.1.3.7."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from mainhub.identity import ROLELESS, Person
from mainhub.signin.failures import AnswerRefused
from mainhub.signin.provider import Provider

__all__ = ["Claims", "Keys", "person_of", "validate"]

Claims = Mapping[str, object]
Keys = Callable[[bool], Awaitable[list[dict[str, object]]]]
"""Returns a provider's public keys; called with True to ask for newer ones."""

_LONGEST: Final = 32 * 1024
_LEEWAY: Final = 60
# Headers by which a token would bring its own key or rules (Authlib CVE-2026-27962).
_FORBIDDEN_HEADERS: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})


@dataclass(frozen=True, slots=True)
class _Head:
    algorithm: str
    key_id: str | None


async def validate(
    token: object, *, provider: Provider, keys: Keys, nonce: str | None, now: datetime
) -> Claims:
    """Return the claims of *token*.

    Args:
        token: what the token endpoint gave as ``id_token``.
        provider: who must have issued it, for which client, with which algorithms.
        keys: where the provider's keys come from; never the token itself.
        nonce: what the flow sent; ``None`` after a refresh, which has none of its own.
        now: the time to judge by; a minute of difference between clocks is allowed.

    Raises:
        AnswerRefused: any check failed. The message names the check and never the token.
    """
    if not isinstance(token, str) or not token or len(token) > _LONGEST:
        raise AnswerRefused("the answer holds no usable id_token")
    head = _read_head(token, provider)
    key = await _find_key(head, keys)
    try:
        claims: Claims = jwt.decode(token, key, algorithms=[head.algorithm]).claims
    except (JoseError, ValueError) as error:
        raise AnswerRefused("the id_token's signature is wrong") from error
    _check_parties(claims, provider)
    _check_times(claims, now)
    _check_nonce(claims, nonce)
    return claims


def person_of(claims: Claims, provider: Provider) -> Person:
    """Return who *claims* describe. All roles count; a person without any is ``USER``."""
    subject = _text(claims, "sub")
    tenant = claims.get("tid")
    if provider.kind == "entra":
        # sub differs per application; tenant and object id are the same everywhere in the company.
        identity = f"{_text(claims, 'tid')}.{_text(claims, 'oid')}"
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
        tenant_id=str(tenant) if isinstance(tenant, str) else None,
        provider=provider.name,
    )


def _read_head(token: str, provider: Provider) -> _Head:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise AnswerRefused("the id_token is not a signed token") from error
    forbidden = _FORBIDDEN_HEADERS.intersection(header)
    if forbidden:
        raise AnswerRefused(f"the id_token brings its own {min(forbidden)}")
    algorithm = header.get("alg")
    if algorithm not in provider.algorithms:
        raise AnswerRefused("the id_token is signed with an algorithm that is not allowed")
    key_id = header.get("kid")
    return _Head(str(algorithm), key_id if isinstance(key_id, str) else None)


async def _find_key(head: _Head, keys: Keys) -> jwk.Key:
    for newer in (False, True):
        # Encryption keys and keys for another algorithm are none of ours.
        usable = [
            key
            for key in await keys(newer)
            if key.get("use", "sig") == "sig" and key.get("alg", head.algorithm) == head.algorithm
        ]
        found = [key for key in usable if head.key_id is None or key.get("kid") == head.key_id]
        if len(found) == 1:
            try:
                return jwk.import_key({str(k): str(v) for k, v in found[0].items() if _simple(v)})
            except (JoseError, ValueError) as error:
                raise AnswerRefused("the provider's key cannot be read") from error
        if len(found) > 1:
            raise AnswerRefused("the id_token does not say which of several keys signed it")
    raise AnswerRefused("the id_token is signed with a key that the provider does not publish")


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


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise AnswerRefused(f"the id_token names no {name}")
    return value


def _time(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerRefused(f"the id_token states no {name}")
    return float(value)


def _simple(value: object) -> bool:
    return isinstance(value, str)


def _is_role(role: str) -> bool:
    # "*" stands for everybody where roles are granted; nobody may bring it along.
    return role.isprintable() and role.strip() == role and role not in {"", "*"}


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:200]
