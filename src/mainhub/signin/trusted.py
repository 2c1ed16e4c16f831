"""A provider as configured, and whose word it is: which issuers speak for it, of which tenants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from mainhub.signin.client_authentication import ClientAuthentication
from mainhub.signin.failures import AnswerRefused

__all__ = ["TENANT_PLACE", "Guests", "Provider", "Pushed"]

Guests = Literal["refuse", "allow"]
Pushed = Literal["auto", "never", "always"]

TENANT_PLACE: Final = "{tenantid}"
"""Where the issuer of several tenants names the tenant (Entra ID's own spelling)."""

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Tokens of Entra's version 1.0 name themselves so, wherever they come from.
_V1_ISSUER: Final = "https://sts.windows.net/{tenantid}/"
_V1: Final = "1.0"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as configured.

    Attributes:
        issuer: as its metadata name it; with Entra ID it may hold the text ``{tenantid}``.
        authority: where its metadata are, if not at the issuer.
        tenants: the ids of the tenants whose people may sign in (Entra ID), in lower case; with an
            issuer of several tenants nobody else's may.
        accepts_v1: tokens of version 1.0 are good, too (Entra ID).
        guests: whether people from elsewhere, whom the tenant has invited, may sign in.
        graph: where Microsoft Graph is asked for the groups that a token has no room for; empty:
            nowhere.
        prompt: what the provider is told to ask at each sign-in.
        authentication: how the hub proves that it is *client_id*.
        par: whether authorization requests go to it first, not by the browser (RFC 9126).
        capabilities: what it is told that we can do (``xms_cc``: ``cp1`` means claims challenges).
        api_audiences: how access tokens for the hub's own API name it; empty: by *client_id*.
        api_scope: what such a token must hold to act for a person.
    """

    name: str
    title: str
    kind: Literal["entra", "oidc"]
    issuer: str
    client_id: str
    authentication: ClientAuthentication = field(repr=False)
    redirect_uri: str
    post_logout_uri: str
    scopes: tuple[str, ...]
    roles_claim: str = "roles"
    algorithms: tuple[str, ...] = ("RS256",)
    authority: str = ""
    tenants: tuple[str, ...] = ()
    accepts_v1: bool = False
    guests: Guests = "allow"
    groups_claim: str = "groups"
    graph: str = ""
    prompt: str | None = None
    par: Pushed = "auto"
    capabilities: tuple[str, ...] = ()
    api_audiences: tuple[str, ...] = ()
    api_scope: str = "access_as_user"

    @property
    def metadata_url(self) -> str:
        """Where its metadata are (OpenID Connect Discovery 1.0, section 4)."""
        # A slash at the issuer's end is not doubled.
        return f"{(self.authority or self.issuer).rstrip('/')}/.well-known/openid-configuration"

    @property
    def issuers(self) -> tuple[str, ...]:
        """Every issuer that speaks for it, version 1.0 apart."""
        if TENANT_PLACE not in self.issuer:
            return (self.issuer,)
        return tuple(self.issuer.replace(TENANT_PLACE, tenant) for tenant in self.tenants)

    @property
    def audiences(self) -> tuple[str, ...]:
        """How access tokens name the hub's own API; the last one is how it is asked for."""
        return self.api_audiences or (self.client_id, f"api://{self.client_id}")

    def tenant_of(self, claims: Mapping[str, object]) -> str | None:
        """Return the tenant of a token that *claims* to come from here; ``None`` without tenants.

        Issuer and tenant vouch for each other, or one tenant could speak for another
        (CVE-2025-55241).

        Raises:
            AnswerRefused: it comes from another issuer, or its tenant is none of ours.
        """
        stated = claims.get("iss")
        if not isinstance(stated, str):
            raise AnswerRefused("the id_token names no issuer")
        if self.kind != "entra":
            if stated != self.issuer:
                raise AnswerRefused("the id_token comes from another issuer")
            return None
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or not _GUID.fullmatch(tenant.lower()):
            raise AnswerRefused("the id_token names no tid")
        tenant = tenant.lower()
        if not self._speaks_for(tenant, stated, claims.get("ver")):
            raise AnswerRefused("the id_token comes from another issuer")
        if tenant not in stated.lower().split("/"):
            raise AnswerRefused("the id_token names another tenant than its issuer")
        if (self.tenants or TENANT_PLACE in self.issuer) and tenant not in self.tenants:
            raise AnswerRefused("the id_token comes from a tenant that may not sign in here")
        return tenant

    def owns_key(self, key: Mapping[str, object], claims: Mapping[str, object]) -> bool:
        """Say whether *key* may sign for the tenant whose issuer, one of ours, *claims* name.

        A key set of several tenants says at each key whose it is (``issuer``); one that signs for
        some tenants signs for no others (Storm-0558).
        """
        stated, issuer = key.get("issuer"), str(claims.get("iss"))
        if self.kind != "entra" or stated is None:
            return True
        return any(
            str(stated).replace(TENANT_PLACE, tenant)
            in {issuer, self.issuer.replace(TENANT_PLACE, tenant)}
            for tenant in _GUID.findall(issuer)
        )

    def _speaks_for(self, tenant: str, stated: str, version: object) -> bool:
        if stated == self.issuer.replace(TENANT_PLACE, tenant):
            return True
        first = self.accepts_v1 and version == _V1
        return first and stated == _V1_ISSUER.replace(TENANT_PLACE, tenant)
