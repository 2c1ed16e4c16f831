"""``[identity.NAME]``: who vouches for people."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from mainhub.settings.address import PageUrl
from mainhub.settings.resilience import ProviderBreaker, ProviderRetry
from mainhub.settings.section import AtLeastOne, Line, Secret, Section, Words

__all__ = [
    "SHARED_TENANTS",
    "TENANT",
    "Algorithm",
    "AssertionAudience",
    "Guests",
    "IdentityProvider",
    "Prompt",
    "Pushed",
    "SecretSent",
]

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures by which only the provider can have signed: never ``none``, never a shared secret."""

Guests = Literal["refuse", "allow"]
Prompt = Literal["login", "consent", "select_account"]
AssertionAudience = Literal["issuer", "token_endpoint"]
Pushed = Literal["auto", "never", "always"]
SecretSent = Literal["auto", "post", "basic"]

SHARED_TENANTS: Final = ("organizations", "common")
"""What stands for a tenant where people of several sign in."""
TENANT: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# RFC 6749, section 3.3.
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")


def _tenant_id(text: str) -> str:
    if not TENANT.fullmatch(text):
        # The issuer holds the id: a domain names another one than the tokens do.
        raise ValueError(
            "expected the tenant's id, a GUID; the Entra admin center shows it under Overview"
        )
    return text.lower()


def _tenant(text: str) -> str:
    return text if text in SHARED_TENANTS else _tenant_id(text)


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError("expected a scope: visible ASCII characters without spaces and quotes")
    return text


class IdentityProvider(Section):
    """One provider. What is ``None`` and needed is named by ``Settings.require_serving``."""

    kind: Literal["entra", "oidc"]
    title: Line
    tenant: Annotated[str, AfterValidator(_tenant)] | None = None
    tenants: (
        Annotated[tuple[Annotated[str, AfterValidator(_tenant_id)], ...], AtLeastOne, Words] | None
    ) = None
    issuer: PageUrl | None = None
    accepts_v1: bool = False
    guests: Guests = "refuse"
    graph: PageUrl | None = None
    prompt: Prompt | None = None
    client_id: Line | None = None
    client_secret: Secret | None = None
    client_secret_sent: SecretSent = "auto"  # noqa: S105 - a word, no secret
    client_certificate: Secret | None = None
    client_key: Secret | None = None
    client_key_id: Line | None = None
    client_assertion_audience: AssertionAudience | None = None
    client_assertion_path: Line | None = None
    par: Pushed = "auto"
    redirect_uri: PageUrl | None = None
    post_logout_uri: PageUrl | None = None
    scopes: Annotated[tuple[Annotated[str, AfterValidator(_scope)], ...], AtLeastOne, Words]
    roles_claim: Line = "roles"
    groups_claim: Line = "groups"
    api_audiences: Annotated[tuple[Line, ...], AtLeastOne, Words] | None = None
    api_scope: Annotated[str, AfterValidator(_scope)] = "access_as_user"
    algorithms: Annotated[tuple[Algorithm, ...], AtLeastOne, Words] = ("RS256",)
    breaker: ProviderBreaker = Field(default_factory=ProviderBreaker)
    retry: ProviderRetry = Field(default_factory=ProviderRetry)
