"""``[identity.NAME]``: who vouches for people."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from mainhub.settings.address import PageUrl
from mainhub.settings.resilience import ProviderBreaker, ProviderRetry
from mainhub.settings.section import AtLeastOne, Line, Secret, Section, Words

__all__ = ["TENANT", "Algorithm", "IdentityProvider"]

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures by which only the provider can have signed: never ``none``, never a shared secret."""

TENANT: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# RFC 6749, section 3.3.
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")


def _tenant(text: str) -> str:
    if not TENANT.fullmatch(text):
        # The issuer holds the id: a domain names another one than the tokens do, and "common" and
        # its like have no issuer of their own, so nothing could be verified.
        raise ValueError(
            "expected the tenant's id, a GUID; the Entra admin center shows it under Overview"
        )
    return text


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError("expected a scope: visible ASCII characters without spaces and quotes")
    return text


class IdentityProvider(Section):
    """One provider. What is ``None`` and needed is named by ``Settings.require_serving``."""

    kind: Literal["entra", "oidc"]
    title: Line
    tenant: Annotated[str, AfterValidator(_tenant)] | None = None
    issuer: PageUrl | None = None
    client_id: Line | None = None
    client_secret: Secret | None = None
    redirect_uri: PageUrl | None = None
    post_logout_uri: PageUrl | None = None
    scopes: Annotated[tuple[Annotated[str, AfterValidator(_scope)], ...], AtLeastOne, Words]
    roles_claim: Line = "roles"
    algorithms: Annotated[tuple[Algorithm, ...], AtLeastOne, Words] = ("RS256",)
    breaker: ProviderBreaker = Field(default_factory=ProviderBreaker)
    retry: ProviderRetry = Field(default_factory=ProviderRetry)
