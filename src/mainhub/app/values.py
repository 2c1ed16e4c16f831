"""Settings turned into the values that the rooms take."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Final

from mainhub.access import Need, Policy
from mainhub.app.ways import Ways
from mainhub.events import Catalogue, EventType
from mainhub.frontends import ShellLimits
from mainhub.gateway import CallLimits, Service
from mainhub.resilience import Limit, LimitStore, RateLimiter
from mainhub.sessions import KeyRing, Lifetimes
from mainhub.settings import Limit as LimitSettings
from mainhub.settings import Provider as ProviderSettings
from mainhub.settings import Serving, Settings
from mainhub.signin import (
    TENANT_PLACE,
    AssertionFile,
    ClientAuthentication,
    PrivateKeyJwt,
    Provider,
    SharedSecret,
)

__all__ = [
    "cache_secrets",
    "call_limits",
    "catalogue",
    "key_ring",
    "lifetimes",
    "limiter",
    "provider",
    "services",
    "shell_limits",
]

# What stands in the address of metadata for all tenants, whose issuer names each one's.
_SHARED: Final = re.compile(r"/(?:organizations|common)/")


def key_ring(serving: Serving) -> KeyRing:
    """Return the ring of the hub's keys, newest first."""
    return KeyRing([key.get_secret_value() for key in serving.secret_keys])


def cache_secrets(serving: Serving) -> list[bytes]:
    """Return what the hub signs with what it keeps in a shared cache, newest first."""
    keys = [key.get_secret_value().encode() for key in serving.secret_keys]
    return [hmac.digest(key, b"mainhub/cache", hashlib.sha256) for key in keys]


def catalogue(settings: Settings) -> Catalogue:
    """Return the types of events, the company's own among them."""
    return Catalogue(
        EventType.of_company(
            found.type,
            publish=found.publish,
            audience=found.audience,
            summary=found.summary or "",
        )
        for found in settings.events.types.values()
    )


def lifetimes(settings: Settings, policy: Policy) -> Lifetimes:
    """Return how long sessions live."""
    idle = settings.sessions.idle
    return Lifetimes(
        idle=idle,
        absolute=settings.sessions.lifetime,
        administrator=settings.sessions.admin_lifetime,
        # Else activity in a short session would not be written down before it ends.
        touch_every=min(Lifetimes().touch_every, idle / 20),
        is_administrator=policy.is_administrator,
    )


def provider(settings: ProviderSettings) -> Provider:
    """Return an identity provider."""
    is_entra = settings.kind == "entra"
    return Provider(
        name=settings.name,
        title=settings.title,
        kind="entra" if is_entra else "oidc",
        issuer=_SHARED.sub(f"/{TENANT_PLACE}/", settings.issuer) if is_entra else settings.issuer,
        authority=settings.issuer,
        tenants=settings.tenants,
        accepts_v1=settings.accepts_v1,
        guests=settings.guests if is_entra else "allow",
        graph=settings.graph,
        prompt=settings.prompt,
        # Claims challenges, which Entra sends to nobody who does not say so.
        capabilities=("cp1",) if is_entra else (),
        client_id=settings.client_id,
        authentication=_authentication(settings),
        par=settings.par,
        redirect_uri=settings.redirect_uri,
        post_logout_uri=settings.post_logout_uri,
        scopes=settings.scopes,
        roles_claim=settings.roles_claim,
        groups_claim=settings.groups_claim,
        api_audiences=settings.api_audiences,
        api_scope=settings.api_scope,
        algorithms=tuple(settings.algorithms),
    )


def _authentication(settings: ProviderSettings) -> ClientAuthentication:
    """Return the one way in which the hub proves itself to a provider."""
    if (held := settings.client_certificate) is not None:
        return PrivateKeyJwt(
            held.key,
            held.certificate,
            entra=settings.kind == "entra",
            audience=settings.client_assertion_audience,
            key_id=settings.client_key_id,
        )
    if settings.client_assertion_path is not None:
        return AssertionFile(settings.client_assertion_path)
    secret = settings.client_secret
    return SharedSecret(
        secret.get_secret_value() if secret is not None else "", settings.client_secret_sent
    )


def services(settings: Settings, ways: Ways) -> Iterator[Service]:
    """Yield the services behind the gateway."""
    for name, service in settings.gateway.services.items():
        yield Service(
            name=name,
            upstream=service.upstreams[0],
            need=Need.any_of(service.roles),
            scopes=service.scopes,
            connect_timeout=service.connect_timeout,
            response_timeout=service.response_timeout,
            idle_timeout=service.idle_timeout,
            max_body=service.max_body,
            health=service.health,
            way=ways.services[name],
        )


def limiter(found: LimitSettings, store: LimitStore, name: str) -> RateLimiter:
    """Return a limit as it is set, counted by *store*."""
    limit = Limit(found.limit, found.period, found.burst, found.block_for, name)
    return RateLimiter(limit, store)


def call_limits(settings: Settings, store: LimitStore) -> CallLimits:
    """Return how often one person may call services: all of them, and each by itself."""
    services = settings.gateway.services
    return CallLimits(
        limiter(settings.limits.calls, store, "calls"),
        {name: limiter(found.limit, store, f"service-{name}") for name, found in services.items()},
    )


def shell_limits(settings: Settings) -> ShellLimits:
    """Return the shell's time-outs and counts."""
    return ShellLimits(
        load=settings.frontends.load_timeout,
        mount=settings.frontends.mount_timeout,
        attempts=settings.frontends.attempts,
        max_loaded=settings.frontends.max_loaded,
        unload_after=settings.frontends.unload_after,
    )
