"""Who receives an event: decided once, when it is emitted, and asked for every reader."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mainhub.identity import Person

__all__ = ["Audience", "Everyone", "OnePerson", "Permits", "Roles", "reaches"]

Permits = Callable[[Person, Iterable[str]], bool]
"""Tells whether a person has one of the roles: the one decision of ``access``, handed in."""


@dataclass(frozen=True, slots=True)
class Everyone:
    """Whoever is signed in."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Whoever has one of *names* (``*``: whoever is signed in; none: nobody)."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class OnePerson:
    """The pages of the person with this *id*, on all their devices."""

    id: str


Audience = Everyone | Roles | OnePerson


def reaches(audience: Audience, person: Person, permits: Permits) -> bool:
    """Tell whether *person* belongs to *audience*."""
    match audience:
        case OnePerson(id=wanted):
            return person.id == wanted
        case Roles(names=names):
            return permits(person, names)
        case Everyone():
            return True
