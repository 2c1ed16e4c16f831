"""Who is calling, told by the session cookie."""

import re
from collections.abc import Iterable
from typing import Final

from typing_extensions import override

from mainhub.sessions import Session, SessionStore, SessionStoreUnavailable
from mainhub.telemetry import get_logger
from mainhub.web import Authenticator, Caller, CookieJar, read_cookies, without_admin

__all__ = ["SessionAuthenticator"]

log = get_logger("signin")

# What a page asks by itself, again and again, does not keep a session alive.
_BACKGROUND: Final = b"x-mainhub-background"
_SESSION_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class SessionAuthenticator(Authenticator):
    """Reads the cookie named by *cookies* and loads its session."""

    def __init__(self, sessions: SessionStore, *, cookies: CookieJar) -> None:
        self._sessions = sessions
        self._cookies = cookies

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        headers = list(headers)
        session = await self.session(headers)
        if session is None:
            return None
        if (_BACKGROUND, b"1") not in headers:
            await self._note_use(session)
        return _caller(session)

    async def _note_use(self, session: Session) -> None:
        try:
            await self._sessions.touch(session)
        except SessionStoreUnavailable as error:
            # Nobody is turned away because a note could not be written.
            log.warning("session.use_not_noted", caused_by=str(error))

    async def peek(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return the caller without counting the request as activity, for pages that poll."""
        session = await self.session(headers)
        return _caller(session) if session else None

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


def _caller(session: Session) -> Caller:
    unverified = session.unverified
    return Caller(
        person=without_admin(session.person) if unverified else session.person,
        session_id=session.id,
        session_ref=session.ref,
        expires_at=session.expires_at,
        idle_expires_at=session.idle_expires_at,
        unverified=unverified,
        named=session.person if unverified else None,
        unvouched_for=session.unvouched_for,
    )
