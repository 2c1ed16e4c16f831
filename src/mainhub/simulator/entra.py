"""The simulated Entra ID, composed into one application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mainhub.simulator.accounts import ACCOUNTS, Account
from mainhub.simulator.authorize import AuthorizeEndpoint
from mainhub.simulator.conduct import Conduct
from mainhub.simulator.deeds import Deeds
from mainhub.simulator.discovery import Discovery
from mainhub.simulator.graph import Graph
from mainhub.simulator.lifetimes import Lifetimes
from mainhub.simulator.logout import LogoutEndpoint
from mainhub.simulator.pages import Pages
from mainhub.simulator.pushed_requests import PushedRequests
from mainhub.simulator.registration import Registration
from mainhub.simulator.revocation import Revocation
from mainhub.simulator.security_headers import SecurityHeaders
from mainhub.simulator.tenant import Clock, Tenant, open_tenant, system_clock
from mainhub.simulator.token import TokenEndpoint
from mainhub.simulator.userinfo import Userinfo

_DEFAULT_LIFETIMES = Lifetimes()


def entra_app(
    *,
    base_url: str,
    state: Path,
    registration: Registration,
    accounts: tuple[Account, ...] = ACCOUNTS,
    lifetimes: Lifetimes = _DEFAULT_LIFETIMES,
    clock: Clock = system_clock,
    conduct: Conduct | None = None,
) -> Starlette:
    """Return a tenant that answers at *base_url* and keeps its key and memory in *state*.

    Its issuer is ``{base_url}/{TENANT_ID}/v2.0``. Everything that it answered survives a restart.
    *conduct* is how it behaves, kept in *state* unless given; ``app.state.deeds`` does to the
    tenant what somebody asks for.
    """
    tenant = open_tenant(
        base_url=base_url,
        state=state,
        registration=registration,
        accounts=accounts,
        lifetimes=lifetimes,
        clock=clock,
        conduct=conduct,
    )
    pages = Pages(tenant)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            tenant.state.close()

    async def nothing_here(request: Request, _: Exception) -> Response:
        return pages.nothing_here(request)

    app = Starlette(
        routes=[*_metadata(tenant), *_sign_in(tenant, pages), *_tokens(tenant), *_graph(tenant)],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={404: nothing_here},
        lifespan=lifespan,
    )
    app.state.deeds = Deeds(tenant)
    return app


def _metadata(tenant: Tenant) -> list[Route]:
    discovery = Discovery(tenant)
    return [
        Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery.configuration),
        Route("/{tenant}/.well-known/openid-configuration", discovery.unversioned),
        Route("/{tenant}/discovery/v2.0/keys", discovery.keys),
        Route("/{tenant}/discovery/keys", discovery.keys),
    ]


def _sign_in(tenant: Tenant, pages: Pages) -> list[Route]:
    pushed = PushedRequests(tenant)
    authorize, logout = AuthorizeEndpoint(tenant, pages, pushed), LogoutEndpoint(tenant, pages)
    both = ["GET", "POST"]
    return [
        Route("/{tenant}/oauth2/v2.0/authorize", authorize.begin, methods=both),
        Route("/{tenant}/oauth2/authorize", authorize.begin, methods=both),
        Route("/{tenant}/oauth2/v2.0/par", pushed.push, methods=["POST"]),
        Route("/{tenant}/login/{page}", authorize.pick, methods=["POST"]),
        Route("/{tenant}/login/v1/{page}", authorize.pick, methods=["POST"]),
        Route("/{tenant}/confirm/{page}", authorize.confirm, methods=["POST"]),
        Route("/{tenant}/confirm/v1/{page}", authorize.confirm, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/logout", logout.begin, methods=["GET"]),
        Route("/{tenant}/oauth2/logout", logout.begin, methods=["GET"]),
        Route("/{tenant}/logout/{page}", logout.choose, methods=["POST"]),
    ]


def _tokens(tenant: Tenant) -> list[Route]:
    token, userinfo, revocation = TokenEndpoint(tenant), Userinfo(tenant), Revocation(tenant)
    both = ["GET", "POST"]
    return [
        Route("/{tenant}/oauth2/v2.0/token", token.respond, methods=["POST"]),
        Route("/{tenant}/oauth2/token", token.respond, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/revoke", revocation.respond, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/userinfo", userinfo.respond, methods=both),
        Route("/graph/oidc/userinfo", userinfo.respond, methods=both),
    ]


def _graph(tenant: Tenant) -> list[Route]:
    graph, root = Graph(tenant), "/graph/v1.0"
    return [
        Route(f"{root}/me", graph.me),
        Route(f"{root}/me/getMemberObjects", graph.member_objects, methods=["POST"]),
        Route(f"{root}/me/getMemberGroups", graph.member_objects, methods=["POST"]),
        Route(f"{root}/users", graph.users),
        Route(f"{root}/users/{{user}}", graph.user),
    ]
