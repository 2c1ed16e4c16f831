"""Signing out: the session ends here first, then the browser goes on to the provider."""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from fastapi import Request, Response
from pydantic import BaseModel

from mainhub.errors import MainHubError
from mainhub.sessions import (
    EndReason,
    Session,
    SessionsPartlyEnded,
    SessionStore,
    SessionStoreUnavailable,
    SessionSummary,
)
from mainhub.signin import pages
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.flows import LIFETIME
from mainhub.signin.recording import Recording
from mainhub.signin.relying_party import RelyingParty
from mainhub.signin.routes.replies import Replies
from mainhub.telemetry import get_logger
from mainhub.web import CookieJar, Guard, Preferences, read_cookies

__all__ = ["SignOut", "WayOut"]

log = get_logger("signin")

# Seconds for the provider to say where its session ends; the page itself waits for ten.
_LOGOUT_PATIENCE: Final = 3
# The way to the provider and back; its page may wait for an answer of the person.
_REMEMBERED: Final = timedelta(minutes=10)
_SIGNED_OUT: Final = "/auth/signed-out"
_MOST_BESIDE: Final = 100


class SignOut(BaseModel):
    """Where the page goes next, so that the provider's session ends too."""

    location: str


class WayOut:
    """Ends the session of whoever asks, and says truthfully what has ended.

    *give_back* has the provider forget the tokens of an ended session, in its own time.
    """

    def __init__(
        self,
        *,
        party: RelyingParty,
        sessions: SessionStore,
        authenticator: SessionAuthenticator,
        guard: Guard,
        cookies: CookieJar,
        recording: Recording,
        replies: Replies,
        give_back: Callable[[Session], None] | None,
    ) -> None:
        self._party = party
        self._sessions = sessions
        self._authenticator = authenticator
        self._guard = guard
        self._cookies = cookies
        self._recording = recording
        self._replies = replies
        self._give_back = give_back

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
            await self._recording.ended(ended, address=self._replies.address(request))
            if self._give_back is not None:
                self._give_back(session)
        await self._end_beside(session, address=self._replies.address(request))
        log.info("signin.ended", person=session.person.id)
        state = secrets.token_urlsafe(16)
        location = await self._provider_logout(session, state)
        name = self._cookies.signed_out
        remembered = self._cookies.written(name, state, max_age=_REMEMBERED)
        forgotten = self._cookies.deleted(name)
        response.headers.append("set-cookie", remembered if location else forgotten)
        return SignOut(location=location or _SIGNED_OUT)

    async def _end_beside(self, session: Session, *, address: str) -> None:
        """End what tabs that signed in at the same moment left over: nobody has their cookies."""
        try:
            others = await self._beside(session)
        except SessionStoreUnavailable as error:
            # The session that was asked about has ended.
            others = error.ended if isinstance(error, SessionsPartlyEnded) else ()
        for other in others:
            await self._recording.ended(other, address=address)

    async def _beside(self, session: Session) -> Sequence[SessionSummary]:
        """End the other sessions of the browser that *session* is of, and return what they were.

        They came of one session of the provider's. Where that has no name, they are those of the
        same person that were opened on such a device while it was.
        """
        person, sid = session.person, session.tokens.sid
        if sid is not None:
            return await self._sessions.revoke_provider_session(
                person.provider, sid, reason=EndReason.SIGNED_OUT, by=person
            )
        ended: list[SessionSummary] = []
        try:
            for other in await self._sessions.list(person_id=person.id, limit=_MOST_BESIDE):
                if _is_beside(other, session):
                    gone = await self._sessions.revoke_listed(
                        other.ref, person_id=person.id, reason=EndReason.SIGNED_OUT, by=person
                    )
                    ended += [gone] if gone is not None else []
        except SessionStoreUnavailable as error:
            log.warning("signin.sessions_left_over", caused_by=str(error))
        return ended

    async def signed_out(self, request: Request) -> Response:
        """Say truthfully whether a session is still open in this browser."""
        caller = await self._authenticator.peek(request.scope["headers"])
        page = pages.signed_out(
            Preferences.of(request).locale,
            still_signed_in=caller is not None,
            there_too=self._provider_says_so(request),
        )
        return self._replies.show(request, page)

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

    def _provider_says_so(self, request: Request) -> bool:
        """Tell whether the provider sent this browser back with the state of its signing out."""
        sent = read_cookies(request.scope["headers"]).get(self._cookies.signed_out, "")
        states = request.query_params.getlist("state")
        # A state that anybody wrote into the address proves nothing.
        return len(states) == 1 and bool(sent) and _same(states[0], sent)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _is_beside(other: SessionSummary, session: Session) -> bool:
    return (
        other.device == session.device
        and other.person.provider == session.person.provider
        and abs(other.created_at - session.created_at) <= LIFETIME
    )
