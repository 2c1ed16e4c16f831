"""The one decision: may this person do what needs these roles?"""

from collections.abc import Iterable
from dataclasses import dataclass

from mainhub.identity import EVERYONE, MissingRole, NotSignedIn, Person

__all__ = ["Decision", "Need", "decide", "require"]


@dataclass(frozen=True, slots=True)
class Need:
    """What a resource asks for: any one of *roles* (``*``: any signed-in person; empty: nobody)."""

    roles: frozenset[str]

    @classmethod
    def any_of(cls, roles: Iterable[str]) -> "Need":
        """Make the need for one of *roles*."""
        return cls(frozenset(roles))


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: *allowed*, or what is missing."""

    allowed: bool
    signed_in: bool
    missing: tuple[str, ...] = ()

    def raise_unless_allowed(self, what: str) -> None:
        """Raise the refusal that fits, naming *what* was asked for.

        Raises:
            NotSignedIn: nobody is signed in.
            MissingRole: the person has none of the needed roles.
        """
        if self.allowed:
            return
        if not self.signed_in:
            raise NotSignedIn(f"{what} is open to signed-in people only", remedy="Sign in.")
        if not self.missing:
            raise MissingRole(f"{what} is open to nobody", needs=())
        names = " or ".join(self.missing)
        raise MissingRole(
            f"{what} needs the role {names}, which you do not have",
            needs=self.missing,
            remedy=f"Ask for the role {names}.",
        )


def decide(person: Person | None, need: Need) -> Decision:
    """Decide whether *person* (``None``: nobody signed in) meets *need*."""
    if person is None:
        return Decision(allowed=False, signed_in=False)
    if EVERYONE in need.roles or not need.roles.isdisjoint(person.roles):
        return Decision(allowed=True, signed_in=True)
    return Decision(allowed=False, signed_in=True, missing=tuple(sorted(need.roles)))


def require(person: Person | None, roles: Iterable[str], what: str) -> None:
    """Raise the refusal that fits unless *person* has one of *roles*; *what* names the resource.

    The form in which rooms on floors below are handed the decision (``web.Guard``).

    Raises:
        NotSignedIn, MissingRole: as :meth:`Decision.raise_unless_allowed`.
    """
    decide(person, Need.any_of(roles)).raise_unless_allowed(what)
