"""``/auth/session``: who is signed in, told to their own browser."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Request
from pydantic import BaseModel

from mainhub.identity import NotSignedIn, Person
from mainhub.signin.authenticator import SessionAuthenticator
from mainhub.signin.routes.replies import Replies

__all__ = ["Current", "CurrentSession", "CurrentUser", "PermissionsOf", "Shown"]

PermissionsOf = Callable[[Person], list[str]]
"""Tells what a person may do; the policy of ``access``, handed in."""
Shown = Callable[[Person], Person]
"""Returns a person with the roles that they are given, too."""


class CurrentUser(BaseModel):
    """The signed-in person, as their own browser may know them."""

    id: str
    name: str
    email: str | None
    roles: list[str]
    tenantId: str | None  # noqa: N815 - the wire's name
    guest: bool = False

    @classmethod
    def of(cls, person: Person) -> "CurrentUser":
        """Describe *person*."""
        return cls.model_validate(person.as_public())


class VouchedBy(BaseModel):
    """The identity provider that vouches for a person: its name in the settings and for people."""

    name: str
    title: str


class CurrentSession(BaseModel):
    """The signed-in person, what they may do, who vouches for them, and when the session ends.

    *unverified*: what keeps the sessions does not answer, and this is what it said a moment ago.
    *step_up*: the provider can be asked for more, at ``/auth/stepup``; not where the settings do
    not know it any more.
    """

    user: CurrentUser
    permissions: list[str]
    provider: VouchedBy
    expires_at: datetime
    idle_expires_at: datetime
    unverified: bool
    step_up: bool


class Current:
    """Answers who is signed in; asking does not prolong the session."""

    def __init__(
        self,
        *,
        authenticator: SessionAuthenticator,
        replies: Replies,
        permissions_of: PermissionsOf,
        shown: Shown,
    ) -> None:
        self._authenticator = authenticator
        self._replies = replies
        self._permissions_of = permissions_of
        self._shown = shown

    async def session(self, request: Request) -> CurrentSession:
        """Tell who is signed in; asking does not prolong the session."""
        caller = await self._authenticator.peek(request.scope["headers"])
        if caller is None:
            raise NotSignedIn("nobody is signed in")
        provider = caller.person.provider
        return CurrentSession(
            user=CurrentUser.of(self._shown(caller.whole)),
            permissions=self._permissions_of(caller.person),
            provider=VouchedBy(name=provider, title=self._replies.title(provider)),
            expires_at=caller.expires_at,
            idle_expires_at=caller.idle_expires_at,
            unverified=caller.unverified,
            step_up=self._replies.knows(provider),
        )
