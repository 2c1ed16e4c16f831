"""What a resource asks for, and the answer to whether somebody has it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mainhub.access.grant import is_permission
from mainhub.identity import EVERYONE, MissingRole, NotSignedIn, Person

__all__ = ["Decide", "Decision", "Need", "decide", "require"]


@dataclass(frozen=True, slots=True)
class Need:
    """What a resource asks for: any one of *roles* and *permissions*.

    The role ``*`` is any signed-in person; neither roles nor permissions: nobody.
    """

    roles: frozenset[str]
    permissions: frozenset[str] = frozenset()

    @classmethod
    def any_of(cls, roles: Iterable[str], permissions: Iterable[str] = ()) -> "Need":
        """Make the need for one of *roles* and *permissions*.

        A name with a colon among *roles* is a permission, so that whatever lists roles may list
        permissions.
        """
        names = frozenset(roles)
        meant = frozenset(name for name in names if is_permission(name))
        return cls(names - meant, meant.union(permissions))


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: *allowed*, or the roles (*missing*) and *permissions* of which one is missing."""

    allowed: bool
    signed_in: bool
    missing: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()

    @classmethod
    def of(cls, need: Need, *, allowed: bool) -> "Decision":
        """Answer *need* of somebody who is signed in."""
        if allowed:
            return _ALLOWED
        return cls(
            allowed=False,
            signed_in=True,
            missing=tuple(sorted(need.roles)),
            permissions=tuple(sorted(need.permissions)),
        )

    def raise_unless_allowed(self, what: str) -> None:
        """Raise the refusal that fits, naming *what* was asked for.

        Raises:
            NotSignedIn: nobody is signed in.
            MissingRole: the person has none of the needed roles and permissions.
        """
        if self.allowed:
            return
        if not self.signed_in:
            raise NotSignedIn(f"{what} is open to signed-in people only", remedy="Sign in.")
        if not self.missing and not self.permissions:
            raise MissingRole(f"{what} is open to nobody", needs=())
        kinds = (("role", self.missing), ("permission", self.permissions))
        names = " or ".join(f"the {kind} {' or '.join(some)}" for kind, some in kinds if some)
        raise MissingRole(
            f"{what} needs {names}, which you do not have",
            needs=(*self.missing, *self.permissions),
            remedy=f"Ask for {names}.",
        )


Decide = Callable[[Person | None, Need], Decision]
"""The one decision, as rooms are handed it."""

_ALLOWED = Decision(allowed=True, signed_in=True)


def decide(person: Person | None, need: Need) -> Decision:
    """Decide by what the token of *person* says alone, where nothing is granted.

    For tests and for what has to hold whatever is granted; everything else asks a ``Policy``.
    """
    if person is None:
        return Decision(allowed=False, signed_in=False)
    has_one = EVERYONE in need.roles or not (need.roles | need.permissions).isdisjoint(person.roles)
    return Decision.of(need, allowed=has_one)


def require(person: Person | None, roles: Iterable[str], what: str) -> None:
    """Raise the refusal that fits unless the token of *person* names one of *roles*.

    Raises:
        NotSignedIn, MissingRole: as :meth:`Decision.raise_unless_allowed`.
    """
    decide(person, Need.any_of(roles)).raise_unless_allowed(what)
