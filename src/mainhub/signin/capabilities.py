"""Telling a provider what we can do, in the ``claims`` of a request (OpenID Connect Core, 5.5)."""

from collections.abc import Iterable

import orjson

from mainhub.signin.trusted import Provider

__all__ = ["renewal_form", "with_capabilities"]


def with_capabilities(provider: Provider, claims: str | None) -> str | None:
    """Return *claims*, JSON text of an object, with the *provider*'s ``capabilities`` told.

    Entra ID sends claims challenges only to who says ``cp1`` in each request (``xms_cc``).
    """
    if not provider.capabilities:
        return claims
    asked = orjson.loads(claims) if claims else {}
    token = asked.get("access_token")
    told = {"xms_cc": {"values": list(provider.capabilities)}}
    asked["access_token"] = {**(token if isinstance(token, dict) else {}), **told}
    return orjson.dumps(asked).decode()


def renewal_form(
    provider: Provider, refresh: str, identity: Iterable[str], scopes: Iterable[str]
) -> dict[str, str]:
    """Return a request for new tokens for *scopes* and an *identity* (RFC 6749, section 6)."""
    claims = with_capabilities(provider, None)
    return {
        "grant_type": "refresh_token",
        "refresh_token": refresh,
        "scope": " ".join((*identity, *scopes)),
        **({"claims": claims} if claims else {}),
    }
