"""Who vouches for people: the providers, what they grant, and whom a request comes from."""

from dataclasses import dataclass

from mainhub.access import Policy
from mainhub.app.sharing import Sharing
from mainhub.app.values import provider
from mainhub.app.ways import Ways
from mainhub.clock import Clock
from mainhub.outbound import HttpClient
from mainhub.sessions import SessionStore
from mainhub.settings import Serving, Settings
from mainhub.signin import (
    Bearers,
    CallerAuthenticator,
    Groups,
    People,
    ProviderClient,
    ProviderGrants,
    SessionAuthenticator,
)
from mainhub.storage import Database
from mainhub.web import CookieJar

__all__ = ["Vouching", "vouching"]


@dataclass(frozen=True, slots=True)
class Vouching:
    """What speaks to the providers, and what is known by them.

    *authenticator* knows people by their sessions alone, *callers* programs by their tokens, too.
    """

    http: HttpClient
    clients: dict[str, ProviderClient]
    people: People
    grants: ProviderGrants
    authenticator: SessionAuthenticator
    callers: CallerAuthenticator
    cookies: CookieJar


def vouching(
    settings: Settings,
    serving: Serving,
    sessions: SessionStore,
    kept: tuple[Database, Sharing],
    ways: Ways,
    *,
    clock: Clock,
    policy: Policy,
) -> Vouching:
    """Make it; nothing is opened yet. *kept* is where sessions and what was asked are kept."""
    database, sharing = kept
    http = HttpClient()
    clients = {
        one.name: ProviderClient(
            one,
            http=http,
            clock=clock,
            way=ways.providers[one.name],
            graph_way=ways.graphs.get(one.name),
            push_way=ways.pushes.get(one.name),
        )
        for one in map(provider, serving.providers)
    }
    people = People(clock=clock, groups=Groups(sharing.cache))
    grants = ProviderGrants(
        sessions,
        clients,
        clock=clock,
        people=people,
        is_administrator=policy.is_administrator,
        administrators_every=settings.sessions.admin_roles_every,
        alone=settings.sessions.store == "database" and database.kind == "sqlite",
    )
    cookies = CookieJar(secure=serving.public_url.startswith("https://"))
    authenticator = SessionAuthenticator(
        sessions, cookies=cookies, current=grants.current, vouched=grants.vouches
    )
    callers = CallerAuthenticator(authenticator, Bearers(clients, clock=clock))
    return Vouching(http, clients, people, grants, authenticator, callers, cookies)
