"""What somebody may do while the session store is away and their session was vouched for lately.

====================  ==========================  ==============================
request               vouched for now             vouched for a moment ago
====================  ==========================  ==============================
safe (GET, ...)       yes                         yes
safe, as an Admin     yes                         no: :class:`SessionsUnavailable`
anything else         yes                         no: :class:`SessionsUnavailable`
====================  ==========================  ==============================

Nobody is ever taken for signed out because of it.
"""

from dataclasses import replace
from typing import ClassVar, Final

from mainhub.errors import MainHubError, Refused, Unavailable
from mainhub.identity import ADMIN, ROLELESS, Person
from mainhub.web.authenticator import Caller

__all__ = [
    "SAFE_METHODS",
    "ProofDue",
    "SessionsUnavailable",
    "not_just_now",
    "require_vouched",
    "without_admin",
]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1), as far as the hub offers them."""


class SessionsUnavailable(Unavailable):
    """Whether the session lives still cannot be asked; the person stays signed in."""

    kind: ClassVar[str] = "sessions-unavailable"
    headline: ClassVar[str] = "Your session cannot be checked at the moment"
    retry_after: ClassVar[float] = 5.0

    def __init__(self) -> None:
        super().__init__(
            "What keeps the sessions does not answer. You stay signed in.",
            remedy="Try again in a moment.",
        )


class ProofDue(Refused):
    """It is open to the person once they have signed in anew; their session goes on."""

    kind: ClassVar[str] = "step-up-needed"
    headline: ClassVar[str] = "Confirm who you are"

    def __init__(self) -> None:
        super().__init__(
            "You are signed in, but your identity provider has not confirmed for long that you "
            "are an administrator.",
            remedy="Confirm it at your identity provider; then the call can be repeated.",
        )


def not_just_now(caller: Caller) -> MainHubError:
    """Return what *caller* is told where only ``caller.named`` would have been let in."""
    return ProofDue() if caller.to_confirm else SessionsUnavailable()


def require_vouched(caller: Caller, method: str) -> None:
    """Raise :class:`SessionsUnavailable` unless *caller* may do it, see the table above.

    That nothing is done as an administrator is seen to by ``caller.person``, who is none then;
    who judges roles says :func:`not_just_now` where ``caller.named`` would have been let in.
    """
    if caller.unverified and method not in SAFE_METHODS:
        raise SessionsUnavailable


def without_admin(person: Person) -> Person:
    """Return *person* with the roles that count while nobody vouches for them."""
    roles = tuple(role for role in person.roles if role != ADMIN)
    return replace(person, roles=roles or (ROLELESS,), unvouched=True)
