"""The port by which every door of the hub learns who is calling; ``signin`` implements it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mainhub.identity import Person

__all__ = ["Authenticator", "Caller"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's signed-in person, with the session that vouches for them.

    *session_id* is the secret of the session cookie. Whoever holds it can act as the person, so it
    is left out of ``repr`` and must never be logged or sent on. *session_ref* names the session
    without opening it: for lists, records, and whoever waits for its end. *unverified*: the store
    does not answer, and what it said a moment ago is believed, for what is safe alone: *person* is
    without an administrator's role then, wherever it is asked, and *named* is who it is with all
    roles, of which nothing may be granted. *unvouched_for* is how long ago the store said it.
    """

    person: Person
    session_id: str = field(repr=False)
    session_ref: str
    expires_at: datetime
    idle_expires_at: datetime
    unverified: bool = False
    named: Person | None = None
    unvouched_for: timedelta = timedelta()

    @property
    def whole(self) -> Person:
        """The person with all roles: to be shown to themselves, and to be told from others."""
        return self.named or self.person


class Authenticator(ABC):
    """Turns the raw headers of a request into the caller."""

    @abstractmethod
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Return who sent *headers* (names in lower case, as ASGI gives them), or ``None``.

        Raises:
            Unavailable: the session store does not answer; never taken for signed out.
        """
