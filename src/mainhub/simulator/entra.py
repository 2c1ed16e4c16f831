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
from mainhub.simulator.discovery import Discovery
from mainhub.simulator.lifetimes import Lifetimes
from mainhub.simulator.logout import LogoutEndpoint
from mainhub.simulator.pages import Pages
from mainhub.simulator.registration import Registration
from mainhub.simulator.security_headers import SecurityHeaders
from mainhub.simulator.tenant import Clock, open_tenant, system_clock
from mainhub.simulator.token import TokenEndpoint

_DEFAULT_LIFETIMES = Lifetimes()


def entra_app(
    *,
    base_url: str,
    state: Path,
    registration: Registration,
    accounts: tuple[Account, ...] = ACCOUNTS,
    lifetimes: Lifetimes = _DEFAULT_LIFETIMES,
    clock: Clock = system_clock,
) -> Starlette:
    """Return a tenant that answers at *base_url* and keeps its key and memory in *state*.

    Its issuer is ``{base_url}/{TENANT_ID}/v2.0``. Everything that it answered survives a restart.
    """
    tenant = open_tenant(
        base_url=base_url,
        state=state,
        registration=registration,
        accounts=accounts,
        lifetimes=lifetimes,
        clock=clock,
    )
    pages = Pages(tenant)
    authorize, logout = AuthorizeEndpoint(tenant, pages), LogoutEndpoint(tenant, pages)
    discovery, token = Discovery(tenant), TokenEndpoint(tenant)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            tenant.state.close()

    async def nothing_here(request: Request, _: Exception) -> Response:
        return pages.nothing_here(request)

    oauth = "/{tenant}/oauth2/v2.0"
    return Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery.configuration),
            Route("/{tenant}/discovery/v2.0/keys", discovery.keys),
            Route(f"{oauth}/authorize", authorize.begin, methods=["GET", "POST"]),
            Route("/{tenant}/login/{page}", authorize.pick, methods=["POST"]),
            Route(f"{oauth}/token", token.respond, methods=["POST"]),
            Route(f"{oauth}/logout", logout.begin, methods=["GET"]),
            Route("/{tenant}/logout/{page}", logout.choose, methods=["POST"]),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={404: nothing_here},
        lifespan=lifespan,
    )
