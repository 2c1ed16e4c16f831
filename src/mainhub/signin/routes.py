"""The URLs of signing in and out: ``/auth/...``, all public."""

import asyncio
import hmac
import math
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from mainhub.audit import AuditLog, Refusals
from mainhub.errors import MainHubError
from mainhub.identity import NotSignedIn, Person
from mainhub.resilience import RateLimited, RateLimiter
from mainhub.sessions import Device, EndReason, Session, SessionStore
from mainhub.signin import pages
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.flows import LIFETIME, is_cookie_of
from mainhub.signin.recording import Recording
from mainhub.signin.relying_party import RelyingParty, SignedIn, Start
from mainhub.telemetry import get_logger
from mainhub.web import (
    CookieJar,
    Guard,
    Network,
    Pages,
    Preferences,
    client_address,
    local_path,
    problems,
    read_cookies,
)

__all__ = ["AuthRoutes", "CurrentSession", "CurrentUser", "SignOut"]

log = get_logger("signin")

# Seconds for the provider to say where its session ends; the page itself waits for ten.
_LOGOUT_PATIENCE: Final = 3
_MOST_FLOWS: Final = 25
_LONGEST_AGENT: Final = 300
# The way to the provider and back; its page may wait for an answer of the person.
_REMEMBERED: Final = timedelta(minutes=10)
_SIGNED_OUT: Final = "/auth/signed-out"


class CurrentUser(BaseModel):
    """The signed-in person, as their own browser may know them."""

    id: str
    name: str
    email: str | None
    roles: list[str]
    tenantId: str | None  # noqa: N815 - the wire's name

    @classmethod
    def of(cls, person: Person) -> "CurrentUser":
        """Describe *person*."""
        return cls.model_validate(person.as_public())


class VouchedBy(BaseModel):
    """The identity provider that vouches for a person: its name in the settings and for people."""

    name: str
    title: str


class CurrentSession(BaseModel):
    """The signed-in person, the provider that vouches for them, and when the session ends.

    *unverified*: what keeps the sessions does not answer, and this is what it said a moment ago.
    """

    user: CurrentUser
    provider: VouchedBy
    expires_at: datetime
    idle_expires_at: datetime
    unverified: bool


class SignOut(BaseModel):
    """Where the page goes next, so that the provider's session ends too."""

    location: str


class AuthRoutes:
    """Makes the router of ``/auth``."""

    def __init__(
        self,
        *,
        party: RelyingParty,
        sessions: SessionStore,
        authenticator: SessionAuthenticator,
        guard: Guard,
        cookies: CookieJar,
        templates: Pages,
        audit: AuditLog,
        refusals: Refusals,
        on_sign_in: Callable[[Session], None],
        trusted_proxies: Sequence[Network],
        limiter: RateLimiter | None = None,
    ) -> None:
        self._party = party
        self._limiter = limiter
        self._sessions = sessions
        self._authenticator = authenticator
        self._guard = guard
        self._cookies = cookies
        self._templates = templates
        self._recording = Recording(audit, refusals, on_sign_in=on_sign_in)
        self._trusted = trusted_proxies

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/auth", tags=["sign-in"])
        add = router.add_api_route
        add("/login", self.login, response_class=HTMLResponse, summary="Start a sign-in")
        add(
            "/callback/{idp}",
            self.callback,
            response_class=HTMLResponse,
            summary="Process the provider's answer, once",
        )
        add(
            "/signed-out",
            self.signed_out,
            response_class=HTMLResponse,
            summary="What a person sees after signing out",
        )
        add("/session", self.session, summary="Who am I, and until when")
        add("/logout", self.logout, methods=["POST"], summary="End the session, here and there")
        return router

    async def login(
        self, request: Request, idp: str | None = None, return_to: str | None = None
    ) -> Response:
        """Send the browser to the provider *idp*; with several and none named, ask which."""
        target = local_path(return_to)
        providers = self._party.providers
        if idp is None and len(providers) > 1:
            locale = Preferences.of(request).locale
            return self._show(request, pages.choice(locale, providers, target))
        name = idp if idp is not None else providers[0].name
        try:
            if self._limiter is not None:
                await self._limiter.require(f"sign-in:{self._address(request)}")
            start = await self._party.start(
                name, return_to=target, locale=Preferences.of(request).locale
            )
        except MainHubError as error:
            log.warning("signin.start_failed", provider=name, caused_by=str(error))
            return self._failure(request, error, name)
        answer = RedirectResponse(start.location, status_code=303)
        self._bind(request, answer, start)
        return answer

    async def callback(self, request: Request, idp: str) -> Response:
        """Finish the sign-in that this browser began, and open a new session for the person."""
        headers = request.scope["headers"]
        flows = {
            name: value
            for name, value in read_cookies(headers).items()
            if name.startswith(self._cookies.flow_prefix)
        }
        # Of a parameter given twice nothing is believed: which one counts would be a guess.
        query = request.query_params
        once = {name: query[name] for name in query if len(query.getlist(name)) == 1}
        try:
            done = await self._party.finish(idp, once, bindings=list(flows.values()))
            session = await self._open_session(request, done)
        except MainHubError as error:
            log.warning("signin.refused", provider=idp, caused_by=str(error))
            await self._recording.refused(error, provider=idp, address=self._address(request))
            return self._failure(request, error, idp)
        self._recording.announce(session)
        log.info("signin.done", person=done.person.id, roles=list(done.person.roles))
        answer = RedirectResponse(done.return_to, status_code=303)
        answer.headers.append(
            "set-cookie", self._cookies.written(self._cookies.session, session.id)
        )
        # What was true of an earlier signing out is no longer.
        answer.headers.append("set-cookie", self._cookies.deleted(self._cookies.signed_out))
        self._unbind(answer, flows, state=once.get("state", ""))
        return answer

    async def _open_session(self, request: Request, done: SignedIn) -> Session:
        old = await self._authenticator.session(request.scope["headers"])
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
        device = Device(agent, self._address(request))
        session = await self._sessions.create(done.person, done.tokens, device)
        recorded = False
        try:
            await self._recording.opened(session, replaced=old.ref if old else None)
            recorded = True
            if old is not None:
                # A new session at every sign-in, the old one destroyed: no fixation (GHSA-f24x).
                await self._sessions.revoke(old.id, reason=EndReason.REPLACED, by=done.person)
        except MainHubError:
            await self._give_up(session, recorded=recorded)
            raise
        return session

    async def _give_up(self, session: Session, *, recorded: bool) -> None:
        """End a session that no browser was given."""
        if recorded:
            await self._recording.undone(session)
        try:
            await self._sessions.revoke(session.id, reason=EndReason.REPLACED)
        except MainHubError as error:
            # It ends by itself; nobody knows its id.
            log.warning("signin.session_left_over", session=session.ref, caused_by=repr(error))

    async def signed_out(self, request: Request) -> Response:
        """Say truthfully whether a session is still open in this browser."""
        caller = await self._authenticator.peek(request.scope["headers"])
        page = pages.signed_out(
            Preferences.of(request).locale,
            still_signed_in=caller is not None,
            there_too=self._provider_says_so(request),
        )
        return self._show(request, page)

    def _provider_says_so(self, request: Request) -> bool:
        """Tell whether the provider sent this browser back with the state of its signing out."""
        sent = read_cookies(request.scope["headers"]).get(self._cookies.signed_out, "")
        states = request.query_params.getlist("state")
        # A state that anybody wrote into the address proves nothing.
        return len(states) == 1 and bool(sent) and _same(states[0], sent)

    async def session(self, request: Request) -> CurrentSession:
        """Tell who is signed in; asking does not prolong the session."""
        caller = await self._authenticator.peek(request.scope["headers"])
        if caller is None:
            raise NotSignedIn("nobody is signed in")
        return CurrentSession(
            user=CurrentUser.of(caller.whole),
            provider=VouchedBy(
                name=caller.person.provider, title=self._title(caller.person.provider)
            ),
            expires_at=caller.expires_at,
            idle_expires_at=caller.idle_expires_at,
            unverified=caller.unverified,
        )

    async def logout(self, request: Request, response: Response) -> SignOut:
        """End the session on the server and tell where the provider's session is ended."""
        self._guard.refuse_cross_site(request)
        session = await self._authenticator.session(request.scope["headers"])
        response.headers.append("set-cookie", self._cookies.deleted(self._cookies.session))
        if session is None:
            return SignOut(location=_SIGNED_OUT)
        ended = await self._sessions.revoke(
            session.id, reason=EndReason.SIGNED_OUT, by=session.person
        )
        if ended is not None:
            await self._recording.ended(ended, address=self._address(request))
        log.info("signin.ended", person=session.person.id)
        state = secrets.token_urlsafe(16)
        location = await self._provider_logout(session, state)
        name = self._cookies.signed_out
        remembered = self._cookies.written(name, state, max_age=_REMEMBERED)
        forgotten = self._cookies.deleted(name)
        response.headers.append("set-cookie", remembered if location else forgotten)
        return SignOut(location=location or _SIGNED_OUT)

    async def _provider_logout(self, session: Session, state: str) -> str | None:
        try:
            async with asyncio.timeout(_LOGOUT_PATIENCE):
                return await self._party.logout_location(
                    session.person.provider, session.tokens.login_hint, state=state
                )
        except (MainHubError, TimeoutError) as error:
            # The session here has ended whatever the provider says; its own ends by time.
            log.warning("signin.provider_logout_unknown", caused_by=repr(error))
            return None

    def _show(self, request: Request, page: pages.Page, *, status: int = 200) -> Response:
        return self._templates.render(request, page.template, page.facts, status=status)

    def _failure(self, request: Request, error: MainHubError, name: str) -> Response:
        title = self._title(name)
        problem = pages.problem_of_failure(error, provider=title)
        if "text/html" not in request.headers.get("accept", ""):
            return problems.response(problem)
        page = pages.told_failure(
            Preferences.of(request).locale,
            error,
            provider=title,
            had_session=self._authenticator.brings_session(request.scope["headers"]),
        )
        answer = self._show(request, page, status=problem.status)
        if isinstance(error, RateLimited):
            answer.headers["retry-after"] = str(math.ceil(error.retry_after or 1))
        return answer

    def _address(self, request: Request) -> str:
        return client_address(request.scope, self._trusted)

    def _title(self, name: str) -> str:
        return next((known.title for known in self._party.providers if known.name == name), name)

    def _bind(self, request: Request, answer: Response, start: Start) -> None:
        name = self._cookies.flow(start.cookie_id)
        cookie = self._cookies.written(name, start.cookie_value, max_age=LIFETIME)
        answer.headers.append("set-cookie", cookie)
        held = sorted(
            held
            for held in read_cookies(request.scope["headers"])
            if held.startswith(self._cookies.flow_prefix)
        )
        # Names begin with the time, so the first are the oldest. Bounded, or they would fill the
        # browser's jar and the header until requests fail.
        for oldest in held[: max(0, len(held) + 1 - _MOST_FLOWS)]:
            answer.headers.append("set-cookie", self._cookies.deleted(oldest))

    def _unbind(self, answer: Response, flows: dict[str, str], *, state: str) -> None:
        for name in flows:
            if is_cookie_of(name.removeprefix(self._cookies.flow_prefix), state):
                answer.headers.append("set-cookie", self._cookies.deleted(name))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
