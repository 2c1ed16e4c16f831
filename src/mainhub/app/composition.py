"""Who gets what: adapters are picked here, and handed to the rooms."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from mainhub import __version__
from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.app.hub import Hub, Parts
from mainhub.app.values import key_ring, lifetimes, provider, services, shell_limits
from mainhub.clock import Clock, SystemClock
from mainhub.frontends import Build, Frontend, Registry, Shell
from mainhub.frontends.routes import BuiltFiles, FrontendRoutes
from mainhub.frontends.sql import SqlRegistry
from mainhub.gateway import Gateway, RouteTable
from mainhub.gateway.upstream import AiohttpUpstream
from mainhub.health import Readiness
from mainhub.health.routes import router as health_router
from mainhub.identity import EVERYONE
from mainhub.outbound import HttpClient
from mainhub.sessions import KeyRing, SessionStore
from mainhub.sessions.sql import SqlSessionStore
from mainhub.settings import Serving, Settings
from mainhub.signin import (
    FlowStore,
    ProviderClient,
    ProviderGrants,
    RelyingParty,
    SessionAuthenticator,
)
from mainhub.signin.routes import AuthRoutes
from mainhub.storage import Database
from mainhub.web import CookieJar, Guard, Hosts, Pages

__all__ = ["FIRST_PARTY", "compose"]

FIRST_PARTY: Final = (
    Frontend(
        name="dashboard",
        titles={"fr": "Accueil", "en": "Home"},
        icon="home",
        routes=("/",),
        roles=(EVERYONE,),
        position=10,
    ),
)
"""The front-ends that come with the hub; operators may change their rows afterwards."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What several rooms stand on."""

    settings: Settings
    serving: Serving
    clock: Clock
    build: Build
    database: Database
    ring: KeyRing
    sessions: SessionStore
    authenticator: SessionAuthenticator
    guard: Guard
    cookies: CookieJar
    clients: dict[str, ProviderClient]
    http: HttpClient
    message_pages: Pages


def compose(settings: Settings, *, clock: Clock | None = None, build: Build | None = None) -> Hub:
    """Make a hub from *settings*; nothing is opened yet.

    Raises:
        SettingsInvalid: something that serving needs is missing.
        BuildMissing: the browser part was not built.
    """
    ground = _ground(settings, clock or SystemClock(), build or Build.load())
    grants = ProviderGrants(ground.sessions, ground.clients, clock=ground.clock)
    upstream = AiohttpUpstream()
    registry = SqlRegistry(ground.database)
    frontends = _frontends(ground, registry)
    readiness = Readiness()
    routers = [_auth(ground).router(), frontends.router(), health_router(readiness)]
    return Hub(
        Parts(
            database=ground.database,
            sessions=ground.sessions,
            first_party=_first_party(registry),
            http=ground.http,
            upstream=upstream,
            grants=grants,
            gateway=Gateway(
                routes=RouteTable(services(settings)),
                authenticator=ground.authenticator,
                grants=grants,
                upstream=upstream,
                own_origin=ground.serving.public_url,
                trusted_proxies=settings.hub.trusted_proxies,
            ),
            control=control_app(routers),
            page=frontends.page,
            built_files=BuiltFiles(ground.build).serve,
            readiness=readiness,
            hosts=Hosts(ground.serving.public_url),
        )
    )


def _ground(settings: Settings, clock: Clock, build: Build) -> _Ground:
    serving = settings.require_serving()
    cookies = CookieJar(secure=serving.public_url.startswith("https://"))
    database = Database(
        settings.database.url.get_secret_value(), busy_timeout=settings.database.busy_timeout
    )
    ring = key_ring(serving)
    sessions = SqlSessionStore(database, ring=ring, clock=clock, lifetimes=lifetimes(settings))
    authenticator = SessionAuthenticator(sessions, cookies=cookies)
    http = HttpClient()
    known = [provider(found) for found in serving.providers]
    page_facts = {
        "styles": build.page_styles,
        "icon": build.icon,
        "host": serving.public_url.partition("://")[2],
    }
    return _Ground(
        settings=settings,
        serving=serving,
        clock=clock,
        build=build,
        database=database,
        ring=ring,
        sessions=sessions,
        authenticator=authenticator,
        guard=Guard(authenticator, own_origin=serving.public_url, judge=require),
        cookies=cookies,
        clients={found.name: ProviderClient(found, http=http, clock=clock) for found in known},
        http=http,
        message_pages=Pages("mainhub.web", page_facts),
    )


def _auth(ground: _Ground) -> AuthRoutes:
    flows = FlowStore(ground.database, ring=ground.ring, clock=ground.clock)
    return AuthRoutes(
        party=RelyingParty(ground.clients, flows=flows, clock=ground.clock),
        sessions=ground.sessions,
        authenticator=ground.authenticator,
        guard=ground.guard,
        cookies=ground.cookies,
        templates=ground.message_pages,
        trusted_proxies=ground.settings.hub.trusted_proxies,
    )


def _frontends(ground: _Ground, registry: Registry) -> FrontendRoutes:
    shell = Shell(
        ground.build,
        version=__version__,
        mode=ground.settings.hub.mode,
        support=ground.settings.hub.support,
        provider_titles={name: client.provider.title for name, client in ground.clients.items()},
        idle=ground.settings.sessions.idle,
        limits=shell_limits(ground.settings),
    )
    return FrontendRoutes(
        registry=registry,
        shell=shell,
        guard=ground.guard,
        shell_pages=Pages("mainhub.frontends", {}),
        message_pages=ground.message_pages,
    )


def _first_party(registry: Registry) -> Callable[[], Awaitable[None]]:
    async def ensure() -> None:
        for frontend in FIRST_PARTY:
            await registry.ensure(frontend)

    return ensure
