"""What ``mainhub serve`` cannot do without, and everything of it that is missing at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from mainhub.settings.hub import MAKE_A_KEY, Hub
from mainhub.settings.identity import Algorithm, IdentityProvider
from mainhub.settings.invalid import SettingsInvalid

__all__ = ["Provider", "Serving", "serving"]

_VENDOR: Final = {
    "tenant": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "client_secret": "AZURE_CLIENT_SECRET",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider with everything that a sign-in needs."""

    name: str
    kind: str
    title: str
    tenant: str | None
    issuer: str
    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    post_logout_uri: str
    scopes: tuple[str, ...]
    roles_claim: str
    algorithms: tuple[Algorithm, ...]


@dataclass(frozen=True, slots=True)
class Serving:
    """What the tree holds only perhaps, and serving needs for sure."""

    public_url: str
    secret_keys: tuple[SecretStr, ...]
    providers: tuple[Provider, ...]


def serving(hub: Hub, identity: Mapping[str, IdentityProvider]) -> Serving:
    """Return what serving needs.

    Raises:
        SettingsInvalid: some of it is missing; one line for each, identity providers first.
    """
    missing: list[str] = []
    providers: list[Provider] = []
    if not identity:
        names = [f"{key} (or {vendor})" for key, vendor in _VENDOR.items()]
        missing.append(
            f"no identity provider is set: set identity.NAME.{', '.join(names)}; "
            "to try MainHub without one, run: mainhub dev"
        )
    for name, settings in identity.items():
        if absent := _absent(name, settings):
            missing.append(f"identity.{name} is not complete: set {', '.join(absent)}")
    if not hub.secret_keys:
        missing.append(f"hub.secret_keys is missing: set one key; make it: {MAKE_A_KEY}")
    if hub.public_url is None:
        missing.append(
            f"hub.public_url is missing: others reach {hub.listen}, so set the URL "
            "that people open, such as https://hub.example.com"
        )
    if not missing and hub.public_url is not None:
        providers = [_provider(name, settings) for name, settings in identity.items()]
        return Serving(hub.public_url, hub.secret_keys, tuple(providers))
    raise SettingsInvalid(missing)


def _absent(name: str, settings: IdentityProvider) -> list[str]:
    needed = ["tenant" if settings.kind == "entra" else "issuer", "client_id", "client_secret"]
    return [
        f"identity.{name}.{key}"
        + (f" (or {_VENDOR[key]})" if name == "entra" and key in _VENDOR else "")
        for key in needed
        if getattr(settings, key) is None
    ]


def _provider(name: str, settings: IdentityProvider) -> Provider:
    """Complete *settings*, of which nothing is missing any more."""
    return Provider(
        name=name,
        kind=settings.kind,
        title=settings.title,
        tenant=settings.tenant,
        issuer=settings.issuer or "",
        client_id=settings.client_id or "",
        client_secret=settings.client_secret or SecretStr(""),
        redirect_uri=settings.redirect_uri or "",
        post_logout_uri=settings.post_logout_uri or "",
        scopes=settings.scopes,
        roles_claim=settings.roles_claim,
        algorithms=settings.algorithms,
    )
