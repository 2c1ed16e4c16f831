"""Where a sign-in ends: the provider's answer, processed once, and a new session."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from mainhub.errors import MainHubError
from mainhub.identity import Person
from mainhub.sessions import Device, EndReason, GrantRefused, Session, SessionStore, Tokens
from mainhub.signin import pages
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.failures import FlowGone
from mainhub.signin.recording import Recording
from mainhub.signin.relying_party import RelyingParty, SignedIn
from mainhub.signin.routes.flow_cookies import FlowCookies
from mainhub.signin.routes.replies import Replies
from mainhub.signin.step_up import handed_on, is_same_person, require_same_person
from mainhub.signin.way import Way
from mainhub.telemetry import get_logger
from mainhub.web import CookieJar, Preferences

__all__ = ["Callback", "Undisturbed"]

log = get_logger("signin")

HasEnded = Callable[[SignedIn], Awaitable[bool]]
Undisturbed = Callable[[Session], AbstractAsyncContextManager[Session]]

_LONGEST_AGENT: Final = 300
# With which provider, so that the choice of one shows it.
_REMEMBERED: Final = timedelta(days=180)


class Callback:
    """Takes providers' answers.

    *give_back* has them forget the tokens of a replaced session; *has_ended* tells whether the
    provider has ended a sign-in before its session was there; *undisturbed* has nobody renew a
    session while another takes its place.
    """

    def __init__(
        self,
        *,
        party: RelyingParty,
        sessions: SessionStore,
        authenticator: SessionAuthenticator,
        cookies: CookieJar,
        flows: FlowCookies,
        recording: Recording,
        replies: Replies,
        give_back: Callable[[Session], None] | None,
        has_ended: HasEnded,
        undisturbed: Undisturbed | None = None,
    ) -> None:
        self._party = party
        self._sessions = sessions
        self._authenticator = authenticator
        self._cookies = cookies
        self._flows = flows
        self._recording = recording
        self._replies = replies
        self._give_back = give_back
        self._has_ended = has_ended
        self._undisturbed = undisturbed

    async def callback(self, request: Request, idp: str) -> Response:
        """Finish the sign-in that this browser began, and open a new session for the person."""
        query = request.query_params
        once = {name: query[name] for name in query if len(query.getlist(name)) == 1}
        state = once.get("state", "")
        way = self._flows.way(request, state)
        try:
            done = await self._party.finish(
                idp,
                once,
                bindings=self._flows.secrets(request),
                repeats=len(once) < len(query),
            )
            session = await self._open_session(request, done)
        except MainHubError as error:
            log.warning("signin.refused", provider=idp, caused_by=str(error))
            await self._recording.refused(
                error,
                provider=idp,
                address=self._replies.address(request),
                person=await self._who_steps_up(request, way),
            )
            return self._replies.failure(request, error, idp, way)
        self._recording.announce(session)
        log.info("signin.done", person=done.person.id, roles=list(done.person.roles))
        answer = self._arrived(request, done, way)
        answer.headers.append(
            "set-cookie", self._cookies.written(self._cookies.session, session.id)
        )
        answer.headers.append(
            "set-cookie",
            self._cookies.written(self._cookies.last_provider, idp, max_age=_REMEMBERED),
        )
        # What was true of an earlier signing out is no longer.
        answer.headers.append("set-cookie", self._cookies.deleted(self._cookies.signed_out))
        self._flows.unbind(request, answer, state)
        return answer

    def _arrived(self, request: Request, done: SignedIn, way: Way) -> Response:
        if way.popup:
            locale = Preferences.of(request).locale
            return self._replies.show(request, pages.done(locale, way, done.return_to))
        return RedirectResponse(done.return_to, status_code=303)

    async def _open_session(self, request: Request, done: SignedIn) -> Session:
        old = await self._authenticator.session(request.scope["headers"])
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
        device = Device(agent, self._replies.address(request))
        if done.step_up_of is None:
            return await self._replace(old, done, done.tokens, device)
        old = require_same_person(old, done.person)
        if done.tokens.refresh is not None or self._undisturbed is None:
            return await self._replace(old, done, handed_on(old, done.tokens), device)
        # The refresh token goes on in the new session: a renewal under way would have spent it.
        try:
            async with self._undisturbed(old) as now:
                return await self._replace(now, done, handed_on(now, done.tokens), device)
        except GrantRefused as error:
            raise _gone() from error

    async def _replace(
        self, old: Session | None, done: SignedIn, tokens: Tokens, device: Device
    ) -> Session:
        session = await self._sessions.create(done.person, tokens, device)
        recorded = False
        try:
            await self._recording.opened(
                session,
                replaced=old.ref if old else None,
                step_up=done.step_up_of is not None,
            )
            recorded = True
            if await self._has_ended(done):
                raise FlowGone("the provider has ended this sign-in meanwhile")
            if old is not None:
                # A new session at every sign-in, the old one destroyed: no fixation (GHSA-f24x).
                ended = await self._sessions.revoke(
                    old.id, reason=EndReason.REPLACED, by=done.person
                )
                if ended is None and done.step_up_of is not None:
                    # Signed out, or ended from elsewhere, at this moment: it is not brought back.
                    raise _gone()
        except MainHubError:
            await self._abandon(session, recorded=recorded)
            raise
        if old is not None and not is_same_person(old, done.person) and self._give_back is not None:
            # Of the same person's it is kept: with one token some providers take back all that they
            # granted to hub and browser, also what the new session lives on.
            self._give_back(old)
        return session

    async def _who_steps_up(self, request: Request, way: Way) -> Person | None:
        if not way.step_up:
            return None
        try:
            caller = await self._authenticator.peek(request.scope["headers"])
        except MainHubError:
            return None
        return caller.person if caller else None

    async def _abandon(self, session: Session, *, recorded: bool) -> None:
        """End a session that no browser was given."""
        if recorded:
            await self._recording.undone(session)
        try:
            await self._sessions.revoke(session.id, reason=EndReason.REPLACED)
        except MainHubError as error:
            # It ends by itself; nobody knows its id.
            log.warning("signin.session_left_over", session=session.ref, caused_by=repr(error))


def _gone() -> FlowGone:
    return FlowGone("the session that was to prove more has ended")
