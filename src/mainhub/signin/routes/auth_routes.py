"""The router of ``/auth``, put together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from mainhub.audit import AuditLog, Refusals
from mainhub.resilience import RateLimiter
from mainhub.sessions import Session, SessionStore
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.failure_pages import Explain
from mainhub.signin.provider_logout import ProviderLogout
from mainhub.signin.recording import Recording
from mainhub.signin.relying_party import RelyingParty
from mainhub.signin.routes.callback import Callback, Undisturbed
from mainhub.signin.routes.current import Current, PermissionsOf, Shown
from mainhub.signin.routes.flow_cookies import FlowCookies
from mainhub.signin.routes.provider_ends import ProviderEnds
from mainhub.signin.routes.replies import Replies
from mainhub.signin.routes.stepping_up import SteppingUp
from mainhub.signin.routes.way_in import WayIn
from mainhub.signin.routes.way_out import WayOut
from mainhub.web import CookieJar, Guard, Network, Pages

__all__ = ["AuthRoutes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthRoutes:
    """Makes the router of ``/auth``.

    Attributes:
        own_origin: the hub's own origin, as browsers see it.
        on_sign_in: told of each session that was opened.
        known_scopes: those of this hub's services, which a step up may ask for.
        permissions_of: what a person may do, told to their own browser.
        shown: the person with the roles that they are given, for their own browser.
        give_back: has a provider forget the tokens of a session that ended.
        undisturbed: has nobody renew a session while another takes its place.
        support: whom people ask for help, if that is known.
        explain: tells what providers' own words mean.
    """

    party: RelyingParty
    sessions: SessionStore
    authenticator: SessionAuthenticator
    guard: Guard
    cookies: CookieJar
    templates: Pages
    audit: AuditLog
    refusals: Refusals
    logout: ProviderLogout
    on_sign_in: Callable[[Session], None]
    trusted_proxies: Sequence[Network]
    own_origin: str
    known_scopes: Iterable[str] = ()
    limiter: RateLimiter | None = None
    permissions_of: PermissionsOf = lambda _person: []
    shown: Shown = lambda person: person
    give_back: Callable[[Session], None] | None = None
    undisturbed: Undisturbed | None = None
    support: str | None = None
    explain: Explain | None = None

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/auth", tags=["sign-in"])
        replies = Replies(
            party=self.party,
            authenticator=self.authenticator,
            templates=self.templates,
            trusted_proxies=self.trusted_proxies,
            support=self.support,
            explain=self.explain,
        )
        recording = Recording(self.audit, self.refusals, on_sign_in=self.on_sign_in)
        self._add_ways_in(router, replies, recording)
        self._add_ways_out(router, replies, recording)
        current = Current(
            authenticator=self.authenticator,
            replies=replies,
            permissions_of=self.permissions_of,
            shown=self.shown,
        )
        router.add_api_route("/session", current.session, summary="Who am I, and until when")
        return router

    def _add_ways_in(self, router: APIRouter, replies: Replies, recording: Recording) -> None:
        flows = FlowCookies(self.cookies)
        way_in = WayIn(
            party=self.party,
            cookies=self.cookies,
            flows=flows,
            replies=replies,
            limiter=self.limiter,
            own_origin=self.own_origin,
        )
        stepping_up = SteppingUp(
            party=self.party,
            authenticator=self.authenticator,
            flows=flows,
            replies=replies,
            limiter=self.limiter,
            known_scopes=self.known_scopes,
        )
        callback = Callback(
            party=self.party,
            sessions=self.sessions,
            authenticator=self.authenticator,
            cookies=self.cookies,
            flows=flows,
            recording=recording,
            replies=replies,
            give_back=self.give_back,
            has_ended=self.logout.has_ended,
            undisturbed=self.undisturbed,
        )
        for path, endpoint, summary in (
            ("/login", way_in.login, "Start a sign-in"),
            ("/stepup", stepping_up.stepup, "Ask the provider of the session for more"),
            ("/callback/{idp}", callback.callback, "Process the provider's answer, once"),
        ):
            router.add_api_route(path, endpoint, response_class=HTMLResponse, summary=summary)

    def _add_ways_out(self, router: APIRouter, replies: Replies, recording: Recording) -> None:
        way_out = WayOut(
            party=self.party,
            sessions=self.sessions,
            authenticator=self.authenticator,
            guard=self.guard,
            cookies=self.cookies,
            recording=recording,
            replies=replies,
            give_back=self.give_back,
        )
        there = ProviderEnds(
            party=self.party,
            logout=self.logout,
            recording=recording,
            replies=replies,
            limiter=self.limiter,
        )
        add, page, post = router.add_api_route, HTMLResponse, ["POST"]
        add("/logout", way_out.logout, methods=post, summary="End the session, here and there")
        add(
            "/signed-out",
            way_out.signed_out,
            response_class=page,
            summary="What a person sees after signing out",
        )
        add(
            "/backchannel/{idp}",
            there.backchannel,
            methods=post,
            summary="End what a provider's logout token says",
        )
        add(
            "/frontchannel/{idp}",
            there.frontchannel,
            response_class=page,
            summary="End a session that the provider names in a frame of its own",
        )
