"""The id_token, believed only after every check of OpenID Connect Core 1.0, section 3.1.3.7."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainhub.signin.failures import AnswerRefused
from mainhub.signin.signed_token import (
    LEEWAY,
    LONGEST,
    Claims,
    Head,
    Keys,
    Signer,
    check_owner,
    check_times,
    named,
    opened,
    read_head,
    stated_time,
)
from mainhub.signin.trusted import Provider

__all__ = [
    "Claims",
    "Keys",
    "LogoutToken",
    "validate",
    "validate_logout_token",
    "validate_renewed",
    "validate_userinfo",
]

# Seconds after which nobody sends a logout token any more (Back-Channel Logout 1.0, section 2.5).
_LOGOUT_AGE: Final = 600
# An id_token is made for the answer that brings it; roles of long ago are not today's.
_MADE_AGE: Final = 600
_LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_TYPES: Final = frozenset({"jwt", "logout+jwt", "application/logout+jwt"})
# What an id_token calls itself; what is of another kind is none (RFC 8725, section 3.11).
_TYPES: Final = frozenset({"jwt", "application/jwt"})
# What other tokens say in their claims that they are.
_OTHER_KINDS: Final = frozenset({"bearer", "access", "refresh", "offline", "logout", "dpop"})
_NO_USERINFO: Final = _LOGOUT_TYPES - _TYPES | {"at+jwt", "application/at+jwt", "secevent+jwt"}
# OpenID Connect Core, section 3.1.3.6: at_hash is made with the signature's own hash.
_HASHES: Final = {"256": "sha256", "384": "sha384", "512": "sha512", "DSA": "sha512"}


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """What a logout token says has ended: the provider's session *sid*, or all of *sub*'s.

    At least one of the two is there. *jti* names the token itself.
    """

    iss: str
    jti: str
    sub: str | None
    sid: str | None


async def validate(
    granted: Mapping[str, object],
    *,
    provider: Provider,
    keys: Keys,
    nonce: str | None,
    now: datetime,
    code: str | None = None,
) -> Claims:
    """Return the claims of the id_token that a token endpoint *granted*.

    Args:
        granted: the token endpoint's answer; its access token must be the one that is named.
        provider: who must have issued it, for which client, with which algorithms.
        keys: where the provider's keys come from; never the token itself.
        nonce: what the flow sent; ``None`` after a refresh, which has none of its own.
        now: the time to judge by; a minute of difference between clocks is allowed.
        code: what it was granted for; ``None`` after a refresh.

    Raises:
        AnswerRefused: any check failed. The message names the check and never the token.
    """
    token = granted.get("id_token")
    if not isinstance(token, str) or not token or len(token) > LONGEST:
        raise AnswerRefused("the answer holds no usable id_token")
    head = read_head(token, provider)
    if head.type not in _TYPES:
        raise AnswerRefused("the id_token is of another type")
    claims, key = await opened(token, head, keys)
    if "events" in claims:
        raise AnswerRefused("the id_token tells of a logout")
    # Keycloak's, and Cognito's.
    kinds = (claims.get("typ"), claims.get("token_use"))
    if any(isinstance(kind, str) and kind.lower() in _OTHER_KINDS for kind in kinds):
        raise AnswerRefused("the id_token says that it is another token")
    _check_parties(claims, provider, key)
    check_times(claims, now)
    _check_age(claims, now)
    _check_nonce(claims, nonce)
    _check_named(claims, "at_hash", granted.get("access_token"), head)
    if code is not None:
        _check_named(claims, "c_hash", code, head)
    return claims


async def validate_renewed(
    granted: Mapping[str, object],
    *,
    provider: Provider,
    keys: Keys,
    subject: str | None,
    issuer: str | None,
    nonce: str | None,
    now: datetime,
) -> Claims:
    """Return the claims of the id_token that came with a refresh (Core, section 12.2).

    Args:
        granted: the token endpoint's answer.
        provider: as of :func:`validate`.
        keys: likewise.
        subject: whose session it is, as the provider calls them; ``None`` if that is not known.
        issuer: as what the provider had said so; likewise.
        nonce: that of the sign-in, which the token may repeat; ``None`` if that is not known.
        now: the time to judge by.

    Raises:
        AnswerRefused: any check failed, it is about somebody else, or was made for another answer.
    """
    claims = await validate(granted, provider=provider, keys=keys, nonce=None, now=now)
    if subject is not None and claims["sub"] != subject:
        raise AnswerRefused("the id_token is about somebody else")
    if issuer is not None and claims["iss"] != issuer:
        raise AnswerRefused("the id_token comes from another issuer than before")
    if nonce is not None and "nonce" in claims:
        _check_nonce(claims, nonce)
    return claims


async def validate_userinfo(token: str, *, provider: Provider, keys: Keys, now: datetime) -> Claims:
    """Return the claims of a signed answer of the userinfo endpoint (Core, section 5.3.2).

    Raises:
        AnswerRefused: any check failed.
    """
    if not token or len(token) > LONGEST:
        raise AnswerRefused("the id_token is missing or too long")
    head = read_head(token, provider)
    if head.type in _NO_USERINFO:
        raise AnswerRefused("the id_token is of another type")
    claims, _ = await opened(token, head, keys)
    if "exp" in claims and stated_time(claims, "exp") + LEEWAY <= now.timestamp():
        raise AnswerRefused("the id_token has expired")
    if claims.get("iss", provider.issuer) not in provider.issuers:
        raise AnswerRefused("the id_token comes from another issuer")
    audience = claims.get("aud", provider.client_id)
    if provider.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise AnswerRefused("the id_token is meant for another application")
    return claims


async def validate_logout_token(
    token: str, *, provider: Provider, keys: Keys, now: datetime
) -> LogoutToken:
    """Return what *token* says has ended (OpenID Connect Back-Channel Logout 1.0, section 2.6).

    Whether it was used before is for the caller to know.

    Raises:
        AnswerRefused: any check failed. The message names the check and never the token.
    """
    try:
        return await _read_logout(token, provider=provider, keys=keys, now=now)
    except AnswerRefused as error:
        raise AnswerRefused(str(error).replace("id_token", "logout token")) from error


def _check_parties(claims: Claims, provider: Provider, signer: Signer) -> None:
    provider.tenant_of(claims)
    check_owner(claims, provider, signer)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in audiences:
        raise AnswerRefused("the id_token is meant for another application")
    # With several audiences the authorized party must be us; where azp stands it always must.
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise AnswerRefused("the id_token was issued to another application")
    named(claims, "sub")


async def _read_logout(token: str, *, provider: Provider, keys: Keys, now: datetime) -> LogoutToken:
    if not token or len(token) > LONGEST:
        raise AnswerRefused("the id_token is missing or too long")
    head = read_head(token, provider)
    if head.type not in _LOGOUT_TYPES:
        raise AnswerRefused("the id_token is of another type")
    claims, signer = await opened(token, head, keys)
    _check_logout(claims, provider, now)
    check_owner(claims, provider, signer)
    jti = named(claims, "jti")
    sub, sid = (named(claims, name) if name in claims else None for name in ("sub", "sid"))
    if sub is None and sid is None:
        raise AnswerRefused("the id_token names neither a person nor a session")
    return LogoutToken(str(claims["iss"]), jti, sub, sid)


def _check_logout(claims: Claims, provider: Provider, now: datetime) -> None:
    audience = claims.get("aud")
    if claims.get("iss") not in provider.issuers:
        raise AnswerRefused("the id_token comes from another issuer")
    if provider.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise AnswerRefused("the id_token is meant for another application")
    check_times(claims, now)
    if stated_time(claims, "iat") + _LOGOUT_AGE + LEEWAY <= now.timestamp():
        raise AnswerRefused("the id_token is too old")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
        raise AnswerRefused("the id_token tells of no logout")
    if "nonce" in claims:
        # So that an id_token is never taken for one that ends a session.
        raise AnswerRefused("the id_token holds a nonce")


def _check_age(claims: Claims, now: datetime) -> None:
    # It comes with the answer that it is made for, at sign-in and at each refresh.
    if stated_time(claims, "iat") + _MADE_AGE + LEEWAY <= now.timestamp():
        raise AnswerRefused("the id_token was not made for this answer")


def _check_nonce(claims: Claims, nonce: str | None) -> None:
    stated = claims.get("nonce")
    if nonce is None:
        return
    if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), nonce.encode()):
        raise AnswerRefused("the id_token answers another sign-in")


def _check_named(claims: Claims, name: str, value: object, head: Head) -> None:
    # OpenID Connect Core, sections 3.1.3.8 and 3.3.2.11; optional in the code flow, binding where
    # it stands.
    if name not in claims:
        return
    if not isinstance(value, str):
        raise AnswerRefused("the id_token names an access token, and there is none")
    digest = hashlib.new(_HASHES[head.algorithm[-3:]], value.encode()).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if claims[name] != expected:
        raise AnswerRefused(f"what came with the id_token is not what its {name} names")
