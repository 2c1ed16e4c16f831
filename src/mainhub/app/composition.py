"""Who gets what: adapters are picked here, and handed to the rooms."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter

from mainhub import __version__
from mainhub.app.api import control_app
from mainhub.app.counting import count_cache
from mainhub.app.declared import first_party, frontend_calls
from mainhub.app.first_party import DEFAULT_DASHBOARD
from mainhub.app.ground import Ground, lay_ground
from mainhub.app.health_checks import health_checks
from mainhub.app.hub import Hub, Parts
from mainhub.app.permissions import find_person, matters
from mainhub.app.records import EventRecords
from mainhub.app.telling import tell_invalidated
from mainhub.app.values import call_limits, limiter, services, shell_limits
from mainhub.audit.routes import AuditRoutes
from mainhub.clock import Clock, SystemClock
from mainhub.control import RunningConfiguration
from mainhub.control.access.routes import AccessRoutes
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
from mainhub.gateway import FrontendCalls, Gateway, RouteTable, Upstream
from mainhub.gateway.upstream import AiohttpUpstream
from mainhub.health import Checks, Readiness
from mainhub.health.routes import HealthRoutes, MetricsRoutes
from mainhub.health.routes import router as health_router
from mainhub.sessions import Session
from mainhub.sessions.routes import SessionRoutes
from mainhub.settings import Configuration
from mainhub.signin import (
    FlowStore,
    ProviderGrants,
    ProviderLogout,
    RelyingParty,
    UsedOnce,
    explain,
)
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
    grants, upstream = ground.vouching.grants, AiohttpUpstream()
    registry, shell = _registry(ground), _shell(ground)
    calls = frontend_calls(registry, ground.settings, ground.policy.decide)
    frontends = _frontends(ground, registry, shell)
    checks, readiness = health_checks(ground, upstream), Readiness()
    cache_history = CacheHistory(ground.sharing.cache, clock=ground.clock)
    routers = [
        _auth(ground, grants).router(),
        *_administration(ground, registry, shell, cache_history, calls),
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
            granted=ground.granted,
            streams=ground.streams,
            first_party=first_party(registry, ground.frontend_names, ground.settings),
            http=ground.vouching.http,
            upstream=upstream,
            grants=grants,
            gateway=_gateway(ground, grants, upstream, calls),
            control=control_app(routers, admitted=ground.guard.require),
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


def _gateway(
    ground: Ground, grants: ProviderGrants, upstream: Upstream, calls: FrontendCalls
) -> Gateway:
    return Gateway(
        routes=RouteTable(services(ground.settings, ground.ways)),
        authenticator=ground.vouching.callers,
        grants=grants,
        upstream=upstream,
        frontends=calls,
        decide=ground.policy.decide,
        own_origin=ground.serving.public_url,
        trusted_proxies=ground.settings.hub.trusted_proxies,
        on_refusal=ground.refusals.of_service,
        limits=call_limits(ground.settings, ground.sharing.limits),
        metrics=ground.telemetry.metrics,
    )


def _auth(ground: Ground, grants: ProviderGrants) -> AuthRoutes:
    flows = FlowStore(ground.database, ring=ground.ring, clock=ground.clock)

    def tell_sign_in(session: Session) -> None:
        ground.counts.session_opened()
        ground.counts.sign_in(session.person.provider, "done")
        ground.bus.emit(
            "user:login",
            {"provider": session.person.provider, "session": session.ref},
            audience=OnePerson(session.person.id),
        )

    party = RelyingParty(
        ground.vouching.clients, flows=flows, clock=ground.clock, people=ground.vouching.people
    )
    return AuthRoutes(
        party=party,
        sessions=ground.sessions,
        authenticator=ground.vouching.authenticator,
        guard=ground.guard,
        cookies=ground.vouching.cookies,
        templates=ground.message_pages,
        audit=ground.audit,
        refusals=ground.refusals,
        on_sign_in=tell_sign_in,
        limiter=limiter(ground.settings.limits.sign_ins, ground.sharing.limits, "sign-ins"),
        trusted_proxies=ground.settings.hub.trusted_proxies,
        own_origin=ground.serving.public_url,
        logout=ProviderLogout(
            party=party,
            sessions=ground.sessions,
            used=UsedOnce(ground.database, clock=ground.clock),
            clock=ground.clock,
        ),
        support=ground.settings.hub.support,
        explain=explain,
        give_back=grants.give_back,
        undisturbed=grants.undisturbed,
        permissions_of=ground.policy.permissions_of,
        shown=ground.policy.with_roles,
        known_scopes={
            scope
            for service in ground.settings.gateway.services.values()
            for scope in service.scopes
        },
    )


def _administration(
    ground: Ground,
    registry: Registry,
    shell: Shell,
    cache_history: CacheHistory,
    calls: FrontendCalls,
) -> list[APIRouter]:
    """Return what administrators use, and people for what is their own."""
    trusted = ground.settings.hub.trusted_proxies
    guard, audit = ground.guard, ground.audit
    return [
        SessionRoutes(
            sessions=ground.sessions,
            audit=audit,
            guard=guard,
            cookies=ground.vouching.cookies,
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
        _access(ground, registry, calls).router(),
        AdministrationRoutes(
            registry=registry,
            shell=shell,
            guard=guard,
            changed=lambda: _tell_registry_changed(ground, calls),
            services=lambda: ground.settings.gateway.services,
            trusted_proxies=trusted,
        ).router(),
        _dashboards(ground, registry).router(),
    ]


def _dashboards(ground: Ground, registry: Registry) -> DashboardRoutes:
    dashboards = Dashboards(
        ground.database,
        clock=ground.clock,
        default=DEFAULT_DASHBOARD,
        cache=ground.sharing.cache,
        fresh=_believed(ground),
    )
    return DashboardRoutes(
        dashboards=dashboards,
        registry=registry,
        guard=ground.guard,
        decide=ground.policy.decide,
    )


def _access(ground: Ground, registry: Registry, calls: FrontendCalls) -> AccessRoutes:
    return AccessRoutes(
        policy=ground.policy,
        grants=ground.granted,
        matters=matters(registry, services(ground.settings, ground.ways), ground.bus.catalogue),
        find_person=find_person(ground.sessions),
        guard=ground.guard,
        # Pages ask again which front-ends are open to them.
        changed=lambda: _tell_registry_changed(ground, calls),
        trusted_proxies=ground.settings.hub.trusted_proxies,
    )


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


def _tell_registry_changed(ground: Ground, calls: FrontendCalls) -> None:
    calls.forget()
    ground.bus.emit("cache:invalidated", {"keys": ["frontends"]})


def _running_configuration(ground: Ground) -> RunningConfiguration:
    return RunningConfiguration(ground.configuration, clock=ground.clock, set_log_level=set_level)


def _events(ground: Ground) -> EventRoutes:
    records = EventRecords(ground.audit, trusted_proxies=ground.settings.hub.trusted_proxies)
    return EventRoutes(
        bus=ground.bus,
        guard=ground.guard,
        permits=ground.policy.permits,
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
        permits=ground.policy.permits,
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
        peek=ground.vouching.authenticator.peek,
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
        provider_titles={
            name: client.provider.title for name, client in ground.vouching.clients.items()
        },
        idle=ground.settings.sessions.idle,
        limits=shell_limits(ground.settings),
        shown=ground.policy.with_roles,
    )


def _frontends(ground: Ground, registry: Registry, shell: Shell) -> FrontendRoutes:
    return FrontendRoutes(
        registry=registry,
        shell=shell,
        guard=ground.guard,
        shell_pages=Pages("mainhub.frontends", {}),
        message_pages=ground.message_pages,
        on_refusal=ground.refusals,
        decide=ground.policy.decide,
    )
