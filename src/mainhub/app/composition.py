"""Who gets what: adapters are picked here, and handed to the rooms."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from fastapi import APIRouter

from mainhub import __version__
from mainhub.app.api import control_app
from mainhub.app.counting import count_cache
from mainhub.app.first_party import DEFAULT_DASHBOARD, FIRST_PARTY
from mainhub.app.ground import Ground, lay_ground, permits
from mainhub.app.health_checks import health_checks
from mainhub.app.hub import Hub, Parts
from mainhub.app.records import EventRecords
from mainhub.app.telling import tell_invalidated
from mainhub.app.values import call_limits, limiter, services, shell_limits
from mainhub.audit.routes import AuditRoutes
from mainhub.clock import Clock, SystemClock
from mainhub.control import RunningConfiguration
from mainhub.control.cache import CacheHistory
from mainhub.control.cache.routes import CacheRoutes
from mainhub.control.resilience.routes import ResilienceRoutes
from mainhub.control.routes import ConfigurationRoutes
from mainhub.events import EventStream, OnePerson
from mainhub.events.routes import EventRoutes
from mainhub.frontends import Build, Registry, Shell
from mainhub.frontends.administration.routes import AdministrationRoutes
from mainhub.frontends.cached import CachedRegistry
from mainhub.frontends.dashboards import Dashboards
from mainhub.frontends.dashboards.routes import DashboardRoutes
from mainhub.frontends.routes import BuiltFiles, FrontendRoutes
from mainhub.frontends.sql import SqlRegistry
from mainhub.gateway import Gateway, RouteTable, Upstream
from mainhub.gateway.upstream import AiohttpUpstream
from mainhub.health import Checks, Readiness
from mainhub.health.routes import HealthRoutes, MetricsRoutes
from mainhub.health.routes import router as health_router
from mainhub.sessions import Session
from mainhub.sessions.routes import SessionRoutes
from mainhub.settings import Configuration
from mainhub.signin import FlowStore, ProviderGrants, RelyingParty
from mainhub.signin.routes import AuthRoutes
from mainhub.telemetry import set_level
from mainhub.web import Hosts, Pages

__all__ = ["compose"]

_LONG: Final = timedelta(seconds=30)
_NOT_AT_ALL: Final = timedelta(milliseconds=1)


def compose(
    configuration: Configuration, *, clock: Clock | None = None, build: Build | None = None
) -> Hub:
    """Make a hub from *configuration*; nothing is opened yet.

    Raises:
        SettingsInvalid: something that serving needs is missing.
        BuildMissing: the browser part was not built.
    """
    ground = lay_ground(configuration, clock or SystemClock(), build or Build.load())
    grants = ProviderGrants(ground.sessions, ground.clients, clock=ground.clock)
    upstream = AiohttpUpstream()
    registry, shell = _registry(ground), _shell(ground)
    frontends = _frontends(ground, registry, shell)
    checks = health_checks(ground, upstream)
    readiness = Readiness()
    cache_history = CacheHistory(ground.sharing.cache, clock=ground.clock)
    routers = [
        _auth(ground).router(),
        *_administration(ground, registry, shell, cache_history),
        _events(ground).router(),
        frontends.router(),
        health_router(readiness),
        *_health(ground, checks),
    ]
    return Hub(
        Parts(
            telemetry=ground.telemetry,
            pipelines=ground.ways.pipelines,
            sharing=ground.sharing,
            cache_history=cache_history,
            checks=checks,
            database=ground.database,
            sessions=ground.sessions,
            ends=ground.ends,
            refusals=ground.refusals,
            streams=ground.streams,
            first_party=_first_party(registry, ground.frontend_names),
            http=ground.http,
            upstream=upstream,
            grants=grants,
            gateway=_gateway(ground, grants, upstream),
            control=control_app(routers),
            stream=_stream(ground),
            page=frontends.page,
            built_files=BuiltFiles(ground.build).serve,
            readiness=readiness,
            hosts=Hosts(ground.serving.public_url),
        )
    )


def _registry(ground: Ground) -> Registry:
    asked = SqlRegistry(ground.database, clock=ground.clock, audit=ground.audit)
    return CachedRegistry(asked, ground.sharing.cache, fresh=_believed(ground))


def _gateway(ground: Ground, grants: ProviderGrants, upstream: Upstream) -> Gateway:
    return Gateway(
        routes=RouteTable(services(ground.settings, ground.ways)),
        authenticator=ground.authenticator,
        grants=grants,
        upstream=upstream,
        own_origin=ground.serving.public_url,
        trusted_proxies=ground.settings.hub.trusted_proxies,
        on_refusal=ground.refusals.of_service,
        limits=call_limits(ground.settings, ground.sharing.limits),
        metrics=ground.telemetry.metrics,
    )


def _auth(ground: Ground) -> AuthRoutes:
    flows = FlowStore(ground.database, ring=ground.ring, clock=ground.clock)

    def tell_sign_in(session: Session) -> None:
        ground.counts.session_opened()
        ground.counts.sign_in(session.person.provider, "done")
        ground.bus.emit(
            "user:login",
            {"provider": session.person.provider, "session": session.ref},
            audience=OnePerson(session.person.id),
        )

    return AuthRoutes(
        party=RelyingParty(ground.clients, flows=flows, clock=ground.clock),
        sessions=ground.sessions,
        authenticator=ground.authenticator,
        guard=ground.guard,
        cookies=ground.cookies,
        templates=ground.message_pages,
        audit=ground.audit,
        refusals=ground.refusals,
        on_sign_in=tell_sign_in,
        limiter=limiter(ground.settings.limits.sign_ins, ground.sharing.limits, "sign-ins"),
        trusted_proxies=ground.settings.hub.trusted_proxies,
    )


def _administration(
    ground: Ground, registry: Registry, shell: Shell, cache_history: CacheHistory
) -> list[APIRouter]:
    """Return what administrators use, and people for what is their own."""
    trusted = ground.settings.hub.trusted_proxies
    guard, audit = ground.guard, ground.audit
    dashboards = Dashboards(
        ground.database,
        clock=ground.clock,
        default=DEFAULT_DASHBOARD,
        cache=ground.sharing.cache,
        fresh=_believed(ground),
    )
    return [
        SessionRoutes(
            sessions=ground.sessions,
            audit=audit,
            guard=guard,
            cookies=ground.cookies,
            trusted_proxies=trusted,
        ).router(),
        AuditRoutes(audit=audit, guard=guard, clock=ground.clock, trusted_proxies=trusted).router(),
        ConfigurationRoutes(
            configuration=_running_configuration(ground),
            audit=audit,
            guard=guard,
            trusted_proxies=trusted,
        ).router(),
        ResilienceRoutes(
            pipelines=ground.ways.pipelines,
            audit=audit,
            guard=guard,
            clock=ground.clock,
            trusted_proxies=trusted,
        ).router(),
        _cache(ground, cache_history).router(),
        AdministrationRoutes(
            registry=registry,
            shell=shell,
            guard=guard,
            changed=lambda: _tell_registry_changed(ground),
            trusted_proxies=trusted,
        ).router(),
        DashboardRoutes(dashboards=dashboards, registry=registry, guard=guard).router(),
    ]


def _cache(ground: Ground, history: CacheHistory) -> CacheRoutes:
    redis = ground.sharing.redis
    count_cache(ground.sharing.cache, ground.telemetry.metrics)
    return CacheRoutes(
        cache=ground.sharing.cache,
        kind="redis" if redis else None,
        address=str(redis.address) if redis else None,
        history=history,
        audit=ground.audit,
        guard=ground.guard,
        clock=ground.clock,
        invalidated=tell_invalidated(ground.bus),
        trusted_proxies=ground.settings.hub.trusted_proxies,
    )


def _believed(ground: Ground) -> timedelta:
    """Return how long what was read of the database is believed without asking it again.

    Where nobody tells what others have written, it is asked each time, and what it said last is for
    when it is away.
    """
    return _LONG if ground.sharing.redis is not None else _NOT_AT_ALL


def _tell_registry_changed(ground: Ground) -> None:
    ground.bus.emit("cache:invalidated", {"keys": ["frontends"]})


def _running_configuration(ground: Ground) -> RunningConfiguration:
    return RunningConfiguration(ground.configuration, clock=ground.clock, set_log_level=set_level)


def _events(ground: Ground) -> EventRoutes:
    records = EventRecords(ground.audit, trusted_proxies=ground.settings.hub.trusted_proxies)
    return EventRoutes(
        bus=ground.bus,
        guard=ground.guard,
        permits=permits,
        max_payload=ground.settings.events.max_payload,
        before_publishing=records.publishing,
        before_clearing=records.clearing,
        limiter=limiter(ground.settings.limits.publishing, ground.sharing.limits, "publishing"),
    )


def _health(ground: Ground, checks: Checks) -> list[APIRouter]:
    token = ground.settings.telemetry.metrics_token
    routes = HealthRoutes(
        checks,
        guard=ground.guard,
        permits=permits,
        version=__version__,
        started_at=ground.clock.now(),
    )
    metrics = MetricsRoutes(
        ground.telemetry.exposition,
        guard=ground.guard,
        token=token.get_secret_value() if token else None,
    )
    return [routes.router(), metrics.router()]


def _stream(ground: Ground) -> EventStream:
    return EventStream(
        streams=ground.streams,
        peek=ground.authenticator.peek,
        clock=ground.clock,
        heartbeat=ground.settings.events.heartbeat,
        grace=ground.settings.sessions.grace,
    )


def _shell(ground: Ground) -> Shell:
    return Shell(
        ground.build,
        version=__version__,
        mode=ground.settings.hub.mode,
        support=ground.settings.hub.support,
        provider_titles={name: client.provider.title for name, client in ground.clients.items()},
        idle=ground.settings.sessions.idle,
        limits=shell_limits(ground.settings),
    )


def _frontends(ground: Ground, registry: Registry, shell: Shell) -> FrontendRoutes:
    return FrontendRoutes(
        registry=registry,
        shell=shell,
        guard=ground.guard,
        shell_pages=Pages("mainhub.frontends", {}),
        message_pages=ground.message_pages,
        on_refusal=ground.refusals,
    )


def _first_party(registry: Registry, names: set[str]) -> Callable[[], Awaitable[None]]:
    """Return what brings the hub's own front-ends up to date, and learns the *names* of all."""

    async def ensure() -> None:
        for frontend in FIRST_PARTY:
            await registry.ensure(frontend)
        names.update(frontend.name for frontend in await registry.all())

    return ensure
