"""The promises of the sessions room: a store of sessions, and tokens granted to them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mainhub.errors import Conflict, NotFound, Refused, Unavailable
from mainhub.identity import Person

__all__ = [
    "Device",
    "EndReason",
    "GrantDeclined",
    "GrantRefused",
    "GrantUnavailable",
    "Session",
    "SessionChanged",
    "SessionEnded",
    "SessionGone",
    "SessionStore",
    "SessionStoreUnavailable",
    "SessionSummary",
    "SessionsPartlyEnded",
    "StepUpNeeded",
    "Token",
    "TokenGrants",
    "Tokens",
]


class SessionGone(NotFound):
    """There is no such session: it ended, was revoked, or never was."""

    kind = "session-gone"
    headline = "The session has ended"


class SessionChanged(Conflict):
    """Another request saved this session first; load it again."""


class SessionStoreUnavailable(Unavailable):
    """The store does not answer; nobody may be taken for signed out because of it."""

    kind = "sessions-unavailable"
    headline = "Your session cannot be checked at the moment"
    retry_after = 5.0


class SessionsPartlyEnded(SessionStoreUnavailable):
    """The store stopped answering when *ended* had ended already, and perhaps some more."""

    def __init__(
        self, message: str, *, ended: "Sequence[SessionSummary]", remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.ended = tuple(ended)


class GrantRefused(SessionGone):
    """The identity provider will not give this person another token: sign in again."""


class GrantDeclined(Refused):
    """The provider gives this person no token for these scopes; the session itself goes on."""


class StepUpNeeded(GrantDeclined):
    """The provider wants the person themselves: a second factor, say, or consent.

    *claims* is what it wants to be asked for then (JSON text), where it said so. The session goes
    on.
    """

    def __init__(
        self, message: str, *, claims: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.claims = claims


class GrantUnavailable(Unavailable):
    """The identity provider does not answer, so no token can be had now."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token for one audience and when it stops being accepted.

    *renew_at* is when another one is asked for, if that is not a minute before: a token that lives
    for less than two is good for half of its time.
    """

    value: str = field(repr=False)
    expires_at: datetime
    renew_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the provider entrusted to a session. Never leaves the server.

    *access* maps scopes (sorted, one space between) to the token granted for them. *sid* is the
    provider's name of its own session. *family* is that of the session from which this one came by
    stepping up, if it did. *vouched_at* is when the provider last said who the person is and what
    roles they have, if that was after the sign-in. *subject* is what the provider calls the person
    (``sub``), *issuer* what it calls itself, *identity* those of the scopes for no API that it
    granted, if it said, and *nonce* that of the sign-in, which a renewed id_token may repeat.
    """

    refresh: str | None = field(repr=False, default=None)
    access: dict[str, Token] = field(repr=False, default_factory=dict)
    sid: str | None = None
    login_hint: str | None = None
    family: str | None = None
    vouched_at: datetime | None = None
    subject: str | None = None
    issuer: str | None = None
    identity: tuple[str, ...] | None = None
    nonce: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session was opened, as told to the person in a list: user agent and address."""

    user_agent: str
    address: str


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person's session.

    *ref* names it in lists, records and addresses, and opens nothing. *generation* counts saves,
    for compare-and-set. *unverified* says that the store does not answer and that this is what it
    said *unvouched_for* ago: enough to read what is not an administrator's, never to change
    anything.
    """

    id: str = field(repr=False)
    ref: str
    person: Person
    device: Device
    tokens: Tokens = field(repr=False)
    generation: int
    created_at: datetime
    seen_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    unverified: bool = False
    unvouched_for: timedelta = field(default=timedelta(), compare=False)

    @property
    def family(self) -> str:
        """What the sessions that came of one sign-in share; whoever steps up hands it on."""
        return self.tokens.family or self.ref

    @property
    def vouched_at(self) -> datetime:
        """When the provider last said who the person is and what roles they have."""
        return self.tokens.vouched_at or self.created_at


class EndReason(StrEnum):
    """Why a session ended.

    The person signed out; signed in again in the same browser; somebody revoked it; the identity
    provider no longer vouches for the person; its time was over.
    """

    SIGNED_OUT = "signed-out"
    REPLACED = "replaced"
    REVOKED = "revoked"
    PROVIDER = "provider"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session as lists show it: who, where and how long; neither id nor tokens."""

    ref: str
    person: Person
    device: Device
    created_at: datetime
    seen_at: datetime
    idle_expires_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session that has just ended; *by* is who ended it, where somebody did."""

    summary: SessionSummary
    reason: EndReason
    by: Person | None = None


class SessionStore(ABC):
    """Keeps sessions on the server. Ids are 256-bit secrets; the store keeps only their hash.

    Every method raises :class:`SessionStoreUnavailable` when the store does not answer.
    """

    @abstractmethod
    async def create(self, person: Person, tokens: Tokens, device: Device) -> Session:
        """Open a session under a new id, never one that the browser proposed."""

    @abstractmethod
    async def load(self, session_id: str) -> Session | None:
        """Return the live session, or ``None`` if it ended, was revoked or never was.

        Where the store does not answer, it may be what the store said a moment ago; it is marked
        ``unverified`` then.
        """

    @abstractmethod
    async def save(self, session: Session) -> Session:
        """Replace person and tokens if nobody saved since *session* was loaded.

        Returns:
            The session with its new generation.

        Raises:
            SessionChanged: somebody else saved first.
            SessionGone: it ended meanwhile; saving never brings it back.
        """

    @abstractmethod
    async def touch(self, session: Session) -> None:
        """Note that the person is active, which moves the idle end; a no-op once it is gone."""

    @abstractmethod
    async def revoke(
        self, session_id: str, *, reason: EndReason, by: Person | None = None
    ) -> SessionSummary | None:
        """End the session and return what it was; ``None`` if it had ended already."""

    @abstractmethod
    async def list(self, *, person_id: str | None = None, limit: int) -> Sequence[SessionSummary]:
        """Return at most *limit* live sessions, of *person_id* or of all, last seen first."""

    @abstractmethod
    async def find(self, ref: str, *, person_id: str | None = None) -> SessionSummary | None:
        """Return the live session *ref* if there is one and it is that of *person_id*, if given."""

    @abstractmethod
    async def revoke_listed(
        self,
        ref: str,
        *,
        person_id: str | None = None,
        reason: EndReason,
        by: Person | None = None,
    ) -> SessionSummary | None:
        """End the session that :meth:`find` finds and return what it was; ``None`` if none is."""

    @abstractmethod
    async def revoke_person(
        self,
        person_id: str,
        *,
        reason: EndReason,
        by: Person | None = None,
        but: str | None = None,
    ) -> Sequence[SessionSummary]:
        """End all live sessions of *person_id* but the one named *but*, and return what they were.

        Raises:
            SessionsPartlyEnded: the store stopped answering in between.
        """

    @abstractmethod
    async def revoke_provider_session(
        self, provider: str, sid: str, *, reason: EndReason, by: Person | None = None
    ) -> Sequence[SessionSummary]:
        """End all live sessions that *provider* opened within its own session *sid*.

        Raises:
            SessionsPartlyEnded: the store stopped answering in between.
        """

    @abstractmethod
    async def revoke_family(
        self, session: Session, *, reason: EndReason, by: Person | None = None
    ) -> Sequence[SessionSummary]:
        """End *session* and all others of its family, and return what they were.

        Raises:
            SessionsPartlyEnded: the store stopped answering in between.
        """

    @abstractmethod
    async def take_turn(self, session: Session, *, owner: str, lasts: timedelta) -> bool:
        """Let *owner* alone renew the session's tokens until it is saved, but at most for *lasts*.

        Asked again by who has it, it lasts anew. It spares work done twice; what must be correct is
        the generation at the save.

        Returns:
            Whether it was given: nobody else has it, and nobody saved since *session* was loaded.
        """

    @abstractmethod
    async def end_turn(self, session: Session, *, owner: str) -> None:
        """Give the turn back, if *owner* has it; a save has done so already."""

    @abstractmethod
    async def purge(self) -> Sequence[SessionSummary]:
        """Delete what has ended by time and return what these sessions were.

        Each is returned once, though several processes purge at the same time.
        """


class TokenGrants(ABC):
    """Hands out access tokens for APIs; ``signin`` implements it, ``gateway`` asks it.

    ``{client_id}`` in a scope stands for the hub's client id at the provider. Every token is good
    for more than a minute, unless the provider gives none that is. Every method but
    :meth:`give_back` raises:

    - :class:`StepUpNeeded`: the provider wants the person; the session goes on.
    - :class:`GrantDeclined`: it gives no token for these scopes.
    - :class:`GrantUnavailable`: it does not answer.
    """

    @abstractmethod
    async def token_for(
        self, session_id: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        """Return the token of a session's person for *scopes*.

        Concurrent calls lead to one grant, in all processes together. *force_refresh* asks for
        another than the one that is kept: a service did not accept that.

        Raises:
            GrantRefused: the provider wants the person to sign in again, or the session ended.
            SessionStoreUnavailable: the session cannot be read, or the new token not be kept.
        """

    @abstractmethod
    async def on_behalf_of(self, token: str, provider: str, scopes: tuple[str, ...]) -> Token:
        """Return a token for *scopes* for whom *token* is of, which *provider* gave for the hub.

        Raises:
            GrantRefused: the provider does not accept *token* any more.
        """

    @abstractmethod
    async def for_application(
        self, provider: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        """Return a token of the hub itself for *scopes* (client credentials)."""

    @abstractmethod
    def give_back(self, session: Session) -> None:
        """Tell the provider that the ended *session* needs its tokens no more.

        Returns at once; what comes of it is nobody's concern.
        """
