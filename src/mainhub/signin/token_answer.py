"""Reading a token endpoint's answer (RFC 6749, section 5.1); unknown data is parsed once, here."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from mainhub.sessions import Token
from mainhub.signin.trusted import Provider

__all__ = [
    "access_tokens",
    "bearer_token",
    "granted_identity",
    "identity_scopes",
    "scopes_key",
    "text",
]

_LONGEST: Final = timedelta(days=1).total_seconds()
# RFC 6750, section 2.1, and what else has no space and breaks no line.
_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")
_SHORT: Final = timedelta(minutes=2)
# These ask for an identity or a refresh token, not for an API.
_NO_API: Final = frozenset({"openid", "profile", "email", "offline_access"})


def scopes_key(scopes: Iterable[str]) -> str:
    """Return the name under which the token for *scopes* is kept: sorted, one space between."""
    return " ".join(sorted(set(scopes) - _NO_API))


def identity_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return those of *scopes* that ask for no API; they may accompany any."""
    return tuple(scope for scope in scopes if scope in _NO_API)


def granted_identity(
    granted: Mapping[str, object], provider: Provider, asked: Iterable[str]
) -> tuple[str, ...] | None:
    """Return which of the scopes that ask for no API *granted* names; ``None``: as *asked*.

    A provider may leave some out, and then refuses to have them asked for again (RFC 6749,
    section 6). Entra ID never lists ``offline_access``, granted or not.
    """
    stated = text(granted, "scope")
    if stated is None or provider.kind == "entra":
        return None
    return tuple(scope for scope in identity_scopes(asked) if scope in stated.split())


def bearer_token(granted: Mapping[str, object]) -> str | None:
    """Return the access token in *granted*, if it can be sent as a bearer token."""
    value = text(granted, "access_token")
    kind = granted.get("token_type", "Bearer")
    if value is None or not _SENDABLE.fullmatch(value) or str(kind).lower() != "bearer":
        # RFC 6749, section 7.1: a token of a kind that one does not know must not be used.
        return None
    return value


def access_tokens(
    granted: Mapping[str, object], *, asked: Iterable[str], now: datetime
) -> dict[str, Token]:
    """Return the access token in *granted* under the key of the scopes that were *asked* for.

    Empty if the answer holds none that can be sent as a bearer token. A token without a stated
    lifetime counts as already old, so that it is asked for again rather than used beyond its end;
    none is kept for more than a day.
    """
    value = bearer_token(granted)
    if value is None:
        return {}
    stated = granted.get("expires_in")
    # Some providers write the number as text.
    seconds = float(stated) if isinstance(stated, int | float | str) and _is_number(stated) else 0.0
    lifetime = timedelta(seconds=max(0.0, min(seconds, _LONGEST)))
    ends = now + lifetime
    # One that lives for less than two minutes would otherwise never be good for long, or at all.
    renew_at = ends - lifetime / 2 if lifetime < _SHORT else None
    return {scopes_key(asked): Token(value, ends, renew_at)}


def _is_number(stated: float | str) -> bool:
    if isinstance(stated, str):
        # Beyond ASCII there are digits, such as a superscript two, that are no number.
        return stated.isascii() and stated.isdigit()
    return not isinstance(stated, bool)


def text(values: Mapping[str, object], name: str) -> str | None:
    """Return the non-empty string *name* of *values*, or ``None``."""
    value = values.get(name)
    return value if isinstance(value, str) and value else None
