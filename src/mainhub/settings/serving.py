"""What ``mainhub serve`` cannot do without, and everything of it that is missing at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from mainhub.settings.client_certificate import ClientCertificate, read_client_certificate
from mainhub.settings.hub import MAKE_A_KEY, Hub
from mainhub.settings.identity import (
    SHARED_TENANTS,
    Algorithm,
    AssertionAudience,
    Guests,
    IdentityProvider,
    Prompt,
    Pushed,
    SecretSent,
)
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
    tenants: tuple[str, ...]
    issuer: str
    accepts_v1: bool
    guests: Guests
    graph: str
    prompt: Prompt | None
    client_id: str
    client_secret: SecretStr | None
    client_secret_sent: SecretSent
    client_certificate: ClientCertificate | None
    client_key_id: str | None
    client_assertion_audience: AssertionAudience
    client_assertion_path: Path | None
    par: Pushed
    redirect_uri: str
    post_logout_uri: str
    scopes: tuple[str, ...]
    roles_claim: str
    groups_claim: str
    api_audiences: tuple[str, ...]
    api_scope: str
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
        try:
            _certificate(name, settings)
        except ValueError as error:
            missing.append(str(error))
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
        and not (key == "client_secret" and _is_proved_otherwise(settings))
    ]


def _is_proved_otherwise(settings: IdentityProvider) -> bool:
    others = (settings.client_certificate, settings.client_key, settings.client_assertion_path)
    return any(other is not None for other in others)


def _certificate(name: str, settings: IdentityProvider) -> ClientCertificate | None:
    """Return the certificate of *settings*, if they name one; raises ``ValueError``."""
    certificate, key = settings.client_certificate, settings.client_key
    where = f"identity.{name}.client_certificate"
    if certificate is None:
        if key is not None:
            raise ValueError(f"identity.{name}.client_key needs its certificate: set {where}")
        return None
    return read_client_certificate(
        certificate.get_secret_value(),
        None if key is None else key.get_secret_value(),
        names={"certificate": where, "key": f"identity.{name}.client_key"},
        entra=settings.kind == "entra",
    )


def _alone(tenant: str | None) -> tuple[str, ...]:
    return () if tenant is None or tenant in SHARED_TENANTS else (tenant,)


def _audience(settings: IdentityProvider) -> AssertionAudience:
    return "token_endpoint" if settings.kind == "entra" else "issuer"


def _path(named: str | None) -> Path | None:
    return None if named is None else Path(named)


def _provider(name: str, settings: IdentityProvider) -> Provider:
    """Complete *settings*, of which nothing is missing any more."""
    return Provider(
        name=name,
        kind=settings.kind,
        title=settings.title,
        tenants=settings.tenants or _alone(settings.tenant),
        issuer=settings.issuer or "",
        accepts_v1=settings.accepts_v1,
        guests=settings.guests,
        graph=(settings.graph or "").rstrip("/"),
        prompt=settings.prompt,
        client_id=settings.client_id or "",
        client_secret=settings.client_secret,
        client_secret_sent=settings.client_secret_sent,
        client_certificate=_certificate(name, settings),
        client_key_id=settings.client_key_id,
        client_assertion_audience=settings.client_assertion_audience or _audience(settings),
        client_assertion_path=_path(settings.client_assertion_path),
        par=settings.par,
        redirect_uri=settings.redirect_uri or "",
        post_logout_uri=settings.post_logout_uri or "",
        scopes=settings.scopes,
        roles_claim=settings.roles_claim,
        groups_claim=settings.groups_claim,
        api_audiences=settings.api_audiences or (),
        api_scope=settings.api_scope,
        algorithms=settings.algorithms,
    )
