"""The port by which every door of the hub learns who is calling; ``signin`` implements it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mainhub.identity import Person
from mainhub.web.bearer import SessionNeeded

__all__ = ["Authenticator", "Caller"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's person, with the session or the access token that vouches for them.

    *session_id* is the secret of the session cookie. Whoever holds it can act as the person, so it
    is left out of ``repr`` and must never be logged or sent on. *session_ref* names the session
    without opening it: for lists, records, and whoever waits for its end. *unverified*: the store
    does not answer, and what it said a moment ago is believed, for what is safe alone: *person* is
    without an administrator's role then, wherever it is asked, and *named* is who it is with all
    roles, of which nothing may be granted. *unvouched_for* is how long ago the store said it.
    *to_confirm*: the same, since the provider has not said for long that they are an administrator,
    or wants them themselves; only they can change that, by signing in anew.

    Whoever calls with an access token has no session: *bearer* is that token, which is as secret,
    and *application* is the client id of the program that calls for nobody but itself, if so.
    """

    person: Person
    session_id: str | None = field(repr=False)
    session_ref: str | None
    expires_at: datetime
    idle_expires_at: datetime
    unverified: bool = False
    named: Person | None = None
    unvouched_for: timedelta = timedelta()
    to_confirm: bool = False
    bearer: str | None = field(repr=False, default=None)
    application: str | None = None

    @property
    def listed(self) -> Person:
        """The person whose applications are shown: also those that open once they confirm."""
        return self.whole if self.to_confirm else self.person

    @property
    def whole(self) -> Person:
        """The person with all roles: to be shown to themselves, and to be told from others."""
        return self.named or self.person

    def session_for(self, what: str) -> str:
        """Return the session's public name; *what* is offered to people in a browser only.

        Raises:
            SessionNeeded: there is no session.
        """
        if self.session_ref is None:
            raise SessionNeeded(what)
        return self.session_ref


class Authenticator(ABC):
    """Turns the raw headers of a request into the caller."""

    @abstractmethod
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return who sent *headers* (names in lower case, as ASGI gives them), or ``None``.

        Raises:
            BearerMalformed, BearerRefused, ScopeMissing: they hold a token that is not taken.
            Unavailable: the session store, or the provider whose token it is, does not answer;
                never taken for signed out.
        """
