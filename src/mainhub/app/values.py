"""Settings turned into the values that the rooms take."""

import hashlib
import hmac
from collections.abc import Iterator

from mainhub.access import Need
from mainhub.app.ways import Ways
from mainhub.events import Catalogue, EventType
from mainhub.frontends import ShellLimits
from mainhub.gateway import CallLimits, Service
from mainhub.resilience import Limit, LimitStore, RateLimiter
from mainhub.sessions import KeyRing, Lifetimes
from mainhub.settings import Limit as LimitSettings
from mainhub.settings import Provider as ProviderSettings
from mainhub.settings import Serving, Settings
from mainhub.signin import Provider

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


def lifetimes(settings: Settings) -> Lifetimes:
    """Return how long sessions live."""
    return Lifetimes(
        idle=settings.sessions.idle,
        absolute=settings.sessions.lifetime,
        administrator=settings.sessions.admin_lifetime,
    )


def provider(settings: ProviderSettings) -> Provider:
    """Return an identity provider."""
    return Provider(
        name=settings.name,
        title=settings.title,
        kind="entra" if settings.kind == "entra" else "oidc",
        issuer=settings.issuer,
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        redirect_uri=settings.redirect_uri,
        post_logout_uri=settings.post_logout_uri,
        scopes=settings.scopes,
        roles_claim=settings.roles_claim,
        algorithms=tuple(settings.algorithms),
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
