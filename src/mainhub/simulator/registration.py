"""The application registered in the tenant, and what else the tenant knows around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mainhub.simulator.scopes import Api, Scopes, parse_scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceApplication:
    """A program that signs in as itself; *roles* are the application roles it has at our API.

    One with *redirect_uris* can also sign people in, and then call our API for them.
    """

    client_id: str
    name: str
    client_secret: str = field(repr=False)
    roles: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedCredential:
    """Whose assertions the application may show instead of a secret; *keys* is a JWKS."""

    issuer: str
    subject: str
    keys: Mapping[str, object]
    audience: str = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An app registration: the hub as the tenant knows it.

    The URIs are compared character by character; there are no wildcards. *certificates* are in
    PEM, or public keys are. *services* are other programs that may call us, *apis* other services
    that we may call.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    frontchannel_logout_uri: str | None = None
    backchannel_logout_uri: str | None = None
    certificates: tuple[str, ...] = ()
    federated: tuple[FederatedCredential, ...] = ()
    services: tuple[ServiceApplication, ...] = ()
    apis: tuple[Api, ...] = ()

    @property
    def application_id_uri(self) -> str:
        """Return the prefix of the application's own scopes."""
        return f"api://{self.client_id}"

    def redirects(self, client_id: str) -> tuple[str, ...]:
        """Return where the application *client_id* may have people sent; empty: it is none."""
        if client_id == self.client_id:
            return self.redirect_uris
        known = (one.redirect_uris for one in self.services if one.client_id == client_id)
        return next(known, ())

    def scopes(self, text: str) -> Scopes:
        """Sort the scopes of *text*.

        Raises:
            EntraError: no scope, a malformed or unknown one, or of an unknown resource.
        """
        return parse_scopes(text, application_id_uri=self.application_id_uri, apis=self.apis)
