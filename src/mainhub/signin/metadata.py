"""A provider's discovery document (OpenID Connect Discovery 1.0; RFC 8414)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from mainhub.signin.failures import ProviderUnavailable
from mainhub.signin.trusted import Provider

__all__ = ["Metadata", "logout_url", "read_metadata"]

_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OFFERED: Final = (
    "end_session_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "pushed_authorization_request_endpoint",
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What discovery told (OpenID Connect Discovery 1.0, section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    userinfo_endpoint: str | None
    revocation_endpoint: str | None
    pushed_authorization_request_endpoint: str | None
    requires_pushed: bool
    """It takes no authorization request that was not pushed (RFC 9126, section 5)."""
    authentication_methods: tuple[str, ...] | None
    """How applications may prove themselves; ``None`` where it does not say."""
    authentication_algorithms: tuple[str, ...] | None
    states_issuer: bool
    """The provider names itself in authorization answers (RFC 9207)."""


def logout_url(provider: Provider, metadata: Metadata, hint: str | None, state: str) -> str | None:
    """Return where a browser ends its session at *provider*, or ``None`` if it offers no such.

    RP-Initiated Logout 1.0 with ``logout_hint``; an ``id_token_hint`` would put a token in a URL.
    """
    if metadata.end_session_endpoint is None:
        return None
    query = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": provider.post_logout_uri,
        "state": state,
    } | ({"logout_hint": hint} if hint else {})
    separator = "&" if "?" in metadata.end_session_endpoint else "?"
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{metadata.end_session_endpoint}{separator}{pairs}"


def read_metadata(provider: Provider, document: Mapping[str, object]) -> Metadata:
    """Return what *document* tells.

    Raises:
        ProviderUnavailable: it is another issuer's, or lacks what is needed.
    """
    # OpenID Connect Discovery 1.0, section 4.3: the issuer must be the one that was asked.
    if document.get("issuer") != provider.issuer:
        raise ProviderUnavailable(
            f"{provider.title} describes another issuer than {provider.issuer}",
            remedy=f"Correct identity.{provider.name}.issuer or its tenant.",
        )
    endpoints = {}
    for name in (*_NEEDED, *_OFFERED):
        value = document.get(name)
        if value is None and name in _OFFERED:
            continue
        if not isinstance(value, str) or not _as_safe_as(provider.issuer, value):
            raise ProviderUnavailable(f"{provider.title} states no usable {name}")
        endpoints[name] = value
    return Metadata(
        authorization_endpoint=endpoints["authorization_endpoint"],
        token_endpoint=endpoints["token_endpoint"],
        jwks_uri=endpoints["jwks_uri"],
        **{name: endpoints.get(name) for name in _OFFERED},
        requires_pushed=document.get("require_pushed_authorization_requests") is True,
        authentication_methods=_words(document, "token_endpoint_auth_methods_supported"),
        authentication_algorithms=_words(
            document, "token_endpoint_auth_signing_alg_values_supported"
        ),
        states_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _words(document: Mapping[str, object], name: str) -> tuple[str, ...] | None:
    listed = document.get(name)
    if not isinstance(listed, list):
        return None
    return tuple(word for word in listed if isinstance(word, str))


def _as_safe_as(issuer: str, url: str) -> bool:
    """An https issuer's endpoints are https too; plain http is for a provider on loopback."""
    return url.startswith("https://") or (
        issuer.startswith("http://") and url.startswith("http://")
    )
