"""The one object that decides, by tokens, settings and what is granted at run time."""

from collections.abc import Iterable
from dataclasses import replace

from mainhub.access.decision import Decision, Need
from mainhub.access.grant import Grant
from mainhub.access.reasons import Reason, Rights, Rules
from mainhub.clock import Clock
from mainhub.identity import ADMIN, EVERYONE, Person

__all__ = ["Policy"]


class Policy:
    """Decides what people may do.

    *settled* is what the settings give. What is granted at run time is swapped in whole by
    :meth:`replace`, and counts for the next question, in open sessions and streams too.
    """

    def __init__(self, settled: Iterable[Grant] = (), *, clock: Clock) -> None:
        self._settled = tuple(settled)
        self._clock = clock
        self._rules = Rules(self._settled, clock.now())

    @property
    def settled(self) -> tuple[Grant, ...]:
        """What the settings give."""
        return self._settled

    @property
    def granted(self) -> tuple[Grant, ...]:
        """What is granted at run time, what has expired too."""
        return self._rules.grants[len(self._settled) :]

    def replace(self, granted: Iterable[Grant]) -> None:
        """Put *granted* in the place of all that was granted at run time."""
        self._rules = Rules((*self._settled, *granted), self._clock.now())

    def decide(self, person: Person | None, need: Need) -> Decision:
        """Decide whether *person* (``None``: nobody signed in) meets *need*."""
        if person is None:
            return Decision(allowed=False, signed_in=False)
        if EVERYONE in need.roles:
            return Decision.of(need, allowed=True)
        # Most often the token says so, and nothing has to be looked up.
        by_token = not person.unvouched and not need.roles.isdisjoint(person.roles)
        return Decision.of(need, allowed=by_token or self.rights(person).meet(need))

    def permits(self, person: Person, roles: Iterable[str]) -> bool:
        """Answer, for rooms below this one, whether *person* has one of *roles*."""
        return self.decide(person, Need.any_of(roles)).allowed

    def require(self, person: Person | None, roles: Iterable[str], what: str) -> None:
        """Raise the refusal that fits unless *person* has one of *roles*; *what* is the resource.

        Raises:
            NotSignedIn, MissingRole: as :meth:`Decision.raise_unless_allowed`.
        """
        self.decide(person, Need.any_of(roles)).raise_unless_allowed(what)

    def is_administrator(self, person: Person) -> bool:
        """Return whether *person* is an administrator."""
        return self.permits(person, (ADMIN,))

    def roles_of(self, person: Person) -> list[str]:
        """Return the roles of *person*: first those of the token, in its order."""
        return list(self.rights(person).roles)

    def with_roles(self, person: Person) -> Person:
        """Return *person* with all their roles, as they are told to their own browser.

        Never to be decided with again: given roles would count like those of the token.
        """
        roles = tuple(self.rights(person).roles)
        return person if roles == person.roles else replace(person, roles=roles)

    def permissions_of(self, person: Person) -> list[str]:
        """Return the permissions of *person*, in the order of the alphabet."""
        return sorted(self.rights(person).permissions)

    def explain(self, person: Person, need: Need) -> list[Reason]:
        """Return every reason for which *person* meets *need*; none: they do not."""
        return list(self.rights(person).reasons(need))

    def rights(self, person: Person) -> Rights:
        """Return all that *person* has, each with its reasons."""
        rules = self._rules
        if rules.until is not None and self._clock.now() >= rules.until:
            rules = self._rules = Rules(rules.grants, self._clock.now())
        return rules.rights(person)
