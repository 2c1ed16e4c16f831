"""Reading a token endpoint's answer (RFC 6749, section 5.1); unknown data is parsed once, here."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from mainhub.sessions import Token

__all__ = ["access_tokens", "identity_scopes", "scopes_key", "text"]

_LONGEST: Final = timedelta(days=1).total_seconds()
# These ask for an identity or a refresh token, not for an API.
_NO_API: Final = frozenset({"openid", "profile", "email", "offline_access"})


def scopes_key(scopes: Iterable[str]) -> str:
    """Return the name under which the token for *scopes* is kept: sorted, one space between."""
    return " ".join(sorted(set(scopes) - _NO_API))


def identity_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return those of *scopes* that ask for no API; they may accompany any."""
    return tuple(scope for scope in scopes if scope in _NO_API)


def access_tokens(
    granted: Mapping[str, object], *, asked: Iterable[str], now: datetime
) -> dict[str, Token]:
    """Return the access token in *granted* under the key of the scopes that were *asked* for.

    Empty if the answer holds none. A token without a stated lifetime counts as already old, so
    that it is asked for again rather than used beyond its end; none is kept for more than a day.
    """
    value = text(granted, "access_token")
    if value is None:
        return {}
    stated = granted.get("expires_in")
    # Some providers write the number as text.
    seconds = float(stated) if isinstance(stated, int | float | str) and _is_number(stated) else 0.0
    lifetime = timedelta(seconds=max(0.0, min(seconds, _LONGEST)))
    return {scopes_key(asked): Token(value, now + lifetime)}


def _is_number(stated: float | str) -> bool:
    if isinstance(stated, str):
        # Beyond ASCII there are digits, such as a superscript two, that are no number.
        return stated.isascii() and stated.isdigit()
    return not isinstance(stated, bool)


def text(values: Mapping[str, object], name: str) -> str | None:
    """Return the non-empty string *name* of *values*, or ``None``."""
    value = values.get(name)
    return value if isinstance(value, str) and value else None
