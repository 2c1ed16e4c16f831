"""Who gets what."""

from collections.abc import Awaitable, Callable
from typing import Final

from mainhub import __version__
from mainhub.access import Need
from mainhub.app.api import control_app
from mainhub.app.hub import Hub, Parts
from mainhub.clock import Clock, SystemClock
from mainhub.frontends import Build, Frontend, Registry, Shell, ShellLimits
from mainhub.frontends.routes import BuiltFiles, FrontendRoutes
from mainhub.frontends.sql import SqlRegistry
from mainhub.gateway import Gateway, RouteTable, Service
from mainhub.gateway.upstream import AiohttpUpstream
from mainhub.health import Readiness
from mainhub.health.routes import router as health_router
from mainhub.identity import EVERYONE
from mainhub.outbound import HttpClient
from mainhub.sessions import KeyRing, Lifetimes
from mainhub.sessions.sql import SqlSessionStore
from mainhub.settings import Provider as ProviderSettings
from mainhub.settings import Service as ServiceSettings
from mainhub.settings import Settings
from mainhub.signin import (
    FlowStore,
    Provider,
    ProviderClient,
    ProviderGrants,
    RelyingParty,
    SessionAuthenticator,
)
from mainhub.signin.pages import SigninPages
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


def compose(settings: Settings, *, clock: Clock | None = None, build: Build | None = None) -> Hub:
    """Make a hub from *settings*; nothing is opened yet.

    Raises:
        SettingsInvalid: something that serving needs is missing.
        BuildMissing: the browser part was not built.
    """
    serving = settings.require_serving()
    clock = clock or SystemClock()
    build = build or Build.load()
    hosts = Hosts(serving.public_url)
    cookies = CookieJar(secure=serving.public_url.startswith("https://"))
    database = Database(
        settings.database.url.get_secret_value(), busy_timeout=settings.database.busy_timeout
    )
    ring = KeyRing([key.get_secret_value() for key in serving.secret_keys])
    lifetimes = Lifetimes(
        idle=settings.sessions.idle,
        absolute=settings.sessions.lifetime,
        administrator=settings.sessions.admin_lifetime,
    )
    sessions = SqlSessionStore(database, ring=ring, clock=clock, lifetimes=lifetimes)
    authenticator = SessionAuthenticator(sessions, cookies=cookies)
    guard = Guard(authenticator, own_origin=serving.public_url)
    http = HttpClient()
    providers = [_provider(provider) for provider in serving.providers]
    clients = {known.name: ProviderClient(known, http=http, clock=clock) for known in providers}
    grants = ProviderGrants(sessions, clients, clock=clock)
    upstream = AiohttpUpstream()
    gateway = Gateway(
        routes=RouteTable(
            _service(name, service) for name, service in settings.gateway.services.items()
        ),
        authenticator=authenticator,
        grants=grants,
        upstream=upstream,
        own_origin=serving.public_url,
        trusted_proxies=settings.hub.trusted_proxies,
    )
    shell = Shell(
        build,
        version=__version__,
        mode=settings.hub.mode,
        support=settings.hub.support,
        provider_titles={known.name: known.title for known in providers},
        idle=settings.sessions.idle,
        limits=_limits(settings),
    )
    message_pages = Pages(
        "mainhub.web",
        {
            "styles": build.page_styles,
            "icon": build.icon,
            "host": serving.public_url.partition("://")[2],
        },
    )
    registry = SqlRegistry(database)
    frontend_routes = FrontendRoutes(
        registry=registry,
        shell=shell,
        guard=guard,
        shell_pages=Pages("mainhub.frontends", {}),
        message_pages=message_pages,
    )
    auth_routes = AuthRoutes(
        party=RelyingParty(clients, flows=FlowStore(database, ring=ring, clock=clock), clock=clock),
        sessions=sessions,
        authenticator=authenticator,
        guard=guard,
        cookies=cookies,
        pages=SigninPages(message_pages),
        trusted_proxies=settings.hub.trusted_proxies,
    )
    readiness = Readiness()
    return Hub(
        Parts(
            database=database,
            sessions=sessions,
            registry=registry,
            first_party=_first_party(registry),
            http=http,
            upstream=upstream,
            grants=grants,
            gateway=gateway,
            control=control_app(
                [auth_routes.router(), frontend_routes.router(), health_router(readiness)]
            ),
            page=frontend_routes.page,
            built_files=BuiltFiles(build).serve,
            readiness=readiness,
            hosts=hosts,
        )
    )


def _provider(settings: ProviderSettings) -> Provider:
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


def _service(name: str, settings: ServiceSettings) -> Service:
    return Service(
        name=name,
        upstream=settings.upstreams[0],
        need=Need.any_of(settings.roles),
        scopes=settings.scopes,
        connect_timeout=settings.connect_timeout,
        response_timeout=settings.response_timeout,
        idle_timeout=settings.idle_timeout,
        max_body=settings.max_body,
    )


def _limits(settings: Settings) -> ShellLimits:
    return ShellLimits(
        load=settings.frontends.load_timeout,
        mount=settings.frontends.mount_timeout,
        attempts=settings.frontends.attempts,
        max_loaded=settings.frontends.max_loaded,
        unload_after=settings.frontends.unload_after,
    )


def _first_party(registry: Registry) -> Callable[[], Awaitable[None]]:
    async def ensure() -> None:
        for frontend in FIRST_PARTY:
            await registry.ensure(frontend)

    return ensure
