"""What two settings may not say together."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from mainhub.settings.address import is_loopback
from mainhub.settings.duration import format_duration
from mainhub.settings.identity import SHARED_TENANTS
from mainhub.settings.names import SettingPath
from mainhub.settings.resilience import Breaker, Retry
from mainhub.settings.tree import Settings

__all__ = ["contradictions"]


def contradictions(settings: Settings) -> Iterator[tuple[SettingPath, str]]:
    """Yield the path and the reason, with its remedy, of each setting that clashes with others."""
    yield from _urls(settings)
    yield from _tenants(settings)
    yield from _proofs(settings)
    for key, reason in settings.redis.contradictions():
        yield ("redis", key), reason
    yield from _protections(settings)
    sessions = settings.sessions
    if sessions.store == "redis" and settings.redis.address is None:
        yield (
            ("sessions", "store"),
            "redis needs to know where Redis is: set redis.url, or keep sessions in the database",
        )
    if sessions.idle > sessions.lifetime:
        idle, lifetime = format_duration(sessions.idle), format_duration(sessions.lifetime)
        path = "idle" if "idle" in sessions.model_fields_set else "lifetime"
        yield (
            ("sessions", path),
            f"idle ({idle}) is longer than lifetime ({lifetime}); make lifetime the longer one",
        )


def _protections(settings: Settings) -> Iterator[tuple[SettingPath, str]]:
    tables: list[tuple[SettingPath, Breaker | Retry]] = [
        (("database", "breaker"), settings.database.breaker)
    ]
    for name, provider in settings.identity.items():
        tables.append((("identity", name, "breaker"), provider.breaker))
        tables.append((("identity", name, "retry"), provider.retry))
    for name, service in settings.gateway.services.items():
        tables.append((("gateway", "services", name, "breaker"), service.breaker))
        tables.append((("gateway", "services", name, "retry"), service.retry))
    for path, table in tables:
        for key, reason in table.contradictions():
            yield (*path, key), reason


def _urls(settings: Settings) -> Iterator[tuple[SettingPath, str]]:
    production = settings.hub.mode == "production"
    url = settings.hub.public_url
    if url and not _safe(url):
        yield (
            ("hub", "public_url"),
            "expected https: people sign in over https only (http on loopback)",
        )
    for name, provider in settings.identity.items():
        issuer = provider.issuer
        if issuer and urlsplit(issuer).scheme == "http" and (production or not is_loopback(issuer)):
            yield (
                ("identity", name, "issuer"),
                "expected https (http only on this machine, and with hub.mode = development)",
            )
        for key in ("redirect_uri", "post_logout_uri"):
            target = getattr(provider, key)
            if key in provider.model_fields_set and target and production and not _safe(target):
                yield ("identity", name, key), "expected https (http only on this machine)"
        if (
            provider.graph
            and urlsplit(provider.graph).scheme == "http"
            and not (is_loopback(provider.graph) and not production)
        ):
            yield ("identity", name, "graph"), "expected https (http only on this machine)"


def _tenants(settings: Settings) -> Iterator[tuple[SettingPath, str]]:
    for name, provider in settings.identity.items():
        where = ("identity", name)
        if provider.kind == "oidc":
            for key in ("tenant", "tenants", "accepts_v1", "guests", "graph"):
                if key in provider.model_fields_set and getattr(provider, key) is not None:
                    yield (
                        (*where, key),
                        "only kind = entra has that; set issuer instead",
                    )
        elif provider.tenant in SHARED_TENANTS and provider.tenants is None:
            yield (
                (*where, "tenant"),
                "whose people may sign in? List the ids of their tenants in tenants",
            )
        elif provider.tenants is not None and provider.tenant not in SHARED_TENANTS:
            yield (
                (*where, "tenants"),
                "only for tenant = organizations (or common), where people of several sign in",
            )


def _proofs(settings: Settings) -> Iterator[tuple[SettingPath, str]]:
    ways = ("client_secret", "client_certificate", "client_assertion_path")
    for name, provider in settings.identity.items():
        found = [key for key in ways if getattr(provider, key) is not None]
        for key in found[1:]:
            yield (
                ("identity", name, key),
                f"the hub proves itself in one way, and {found[0]} is set, too; remove one of them",
            )


def _safe(url: str) -> bool:
    return urlsplit(url).scheme == "https" or is_loopback(url)
