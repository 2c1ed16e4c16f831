"""Who is calling, told by the session cookie or by an access token."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from typing_extensions import override

from mainhub.sessions import GrantRefused, Session, SessionStore, SessionStoreUnavailable
from mainhub.signin.bearers import Bearers
from mainhub.telemetry import get_logger
from mainhub.web import (
    Authenticator,
    Caller,
    CookieJar,
    bearer_of,
    read_cookies,
    without_admin,
)

__all__ = ["CallerAuthenticator", "SessionAuthenticator"]

log = get_logger("signin")

# What a page asks by itself, again and again, does not keep a session alive.
_BACKGROUND: Final = b"x-mainhub-background"
_SESSION_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class SessionAuthenticator(Authenticator):
    """Reads the cookie named by *cookies* and loads its session.

    *current* brings a session that is used up to date with what its provider says, if that is due;
    *vouched* says whether its person may be an administrator by what the provider said last.
    """

    def __init__(
        self,
        sessions: SessionStore,
        *,
        cookies: CookieJar,
        current: Callable[[Session], Awaitable[Session]] | None = None,
        vouched: Callable[[Session], bool] = lambda _: True,
    ) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._current = current
        self._vouched = vouched

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        headers = list(headers)
        session = await self.session(headers)
        if session is None:
            return None
        if (_BACKGROUND, b"1") not in headers:
            await self._note_use(session)
        if self._current is not None:
            try:
                session = await self._current(session)
            except GrantRefused:
                return None
        return self._caller(session)

    async def _note_use(self, session: Session) -> None:
        try:
            await self._sessions.touch(session)
        except SessionStoreUnavailable as error:
            # Nobody is turned away because a note could not be written.
            log.warning("session.use_not_noted", caused_by=str(error))

    async def peek(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return the caller without counting the request as activity, for pages that poll."""
        session = await self.session(headers)
        return self._caller(session) if session else None

    def brings_session(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Tell whether *headers* hold what looks like a session, live or not."""
        return bool(_SESSION_ID.fullmatch(read_cookies(headers).get(self._cookies.session, "")))

    async def session(self, headers: Iterable[tuple[bytes, bytes]]) -> Session | None:
        """Return the live session whose cookie is in *headers*, or ``None``."""
        value = read_cookies(headers).get(self._cookies.session, "")
        # Anything but the form of an id is no session; no need to ask the store.
        if not _SESSION_ID.fullmatch(value):
            return None
        return await self._sessions.load(value)

    def _caller(self, session: Session) -> Caller:
        unverified = session.unverified
        to_confirm = not unverified and not self._vouched(session)
        less = unverified or to_confirm
        return Caller(
            person=without_admin(session.person) if less else session.person,
            session_id=session.id,
            session_ref=session.ref,
            expires_at=session.expires_at,
            idle_expires_at=session.idle_expires_at,
            unverified=unverified,
            named=session.person if less else None,
            unvouched_for=session.unvouched_for,
            to_confirm=to_confirm,
        )


class CallerAuthenticator(Authenticator):
    """Asks *bearers* where a request brings an access token, and *sessions* where it does not.

    Never both: a token that is refused is not made good by a cookie.
    """

    def __init__(self, sessions: SessionAuthenticator, bearers: Bearers) -> None:
        self._sessions = sessions
        self._bearers = bearers

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        headers = list(headers)
        token = bearer_of(headers)
        if token is None:
            return await self._sessions.authenticate(headers)
        return await self._bearers.caller(token)
