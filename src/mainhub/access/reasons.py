"""From what is given to what each person has, with the way to it: decisions and reasons are one."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from mainhub.access.decision import Need
from mainhub.access.grant import Grant, covers, is_permission
from mainhub.identity import ADMIN, EVERYONE, Person

__all__ = ["Reason", "Right", "Rights", "Rules", "Step"]

_MOST_KNOWN: Final = 4096


@dataclass(frozen=True, slots=True)
class Right:
    """A role, a permission, or being signed in (``everyone``)."""

    kind: Literal["everyone", "role", "permission"]
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way from a person to a right."""

    kind: Literal["token", "group", "person", "role"]
    name: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody has *right*: the way to it, and the *grant* at its end (none: their token)."""

    right: Right
    via: tuple[Step, ...]
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """All that one person has, each with its reasons."""

    roles: Mapping[str, tuple[Reason, ...]]
    permissions: Mapping[str, tuple[Reason, ...]]

    def meet(self, need: Need) -> bool:
        """Return whether one of them is what *need* asks for."""
        if EVERYONE in need.roles or any(role in self.roles for role in need.roles):
            return True
        return any(covers(held, asked) for asked in need.permissions for held in self.permissions)

    def reasons(self, need: Need) -> Iterator[Reason]:
        """Yield every reason for which *need* is met."""
        if EVERYONE in need.roles:
            yield Reason(Right("everyone", EVERYONE), ())
        for role in sorted(need.roles):
            yield from self.roles.get(role, ())
        for held, why in sorted(self.permissions.items()):
            if any(covers(held, asked) for asked in need.permissions):
                yield from why


class Rules:
    """What is given at *now*; never changes, and must be made anew at *until*."""

    __slots__ = ("_given", "_known", "grants", "until")

    def __init__(self, grants: Iterable[Grant], now: datetime) -> None:
        self.grants = tuple(grants)
        holding = [grant for grant in self.grants if grant.holds(now)]
        ends = [grant.expires_at for grant in holding if grant.expires_at is not None]
        self.until = min(ends, default=None)
        self._given: dict[tuple[str, str], list[Grant]] = {}
        for grant in holding:
            self._given.setdefault((grant.to.kind, grant.to.name), []).append(grant)
        self._known: dict[Person, Rights] = {}

    def rights(self, person: Person) -> Rights:
        """Return what *person* has; the same person is reckoned once."""
        known = self._known.get(person)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[person] = _Reckoning(self._given, person).rights()
        return known


class _Reckoning:
    """Follows what is given from one person on, each role once: circles end."""

    def __init__(self, given: Mapping[tuple[str, str], list[Grant]], person: Person) -> None:
        self._given = given
        self._person = person
        self._roles: dict[str, list[Reason]] = {}
        self._permissions: dict[str, list[Reason]] = {}
        self._ahead: deque[tuple[str, tuple[Step, ...]]] = deque()

    def rights(self) -> Rights:
        person = self._person
        token = (Step("token", person.provider),)
        for role in person.roles:
            # An asterisk in a token is a role of that name, which nobody asks for.
            self._role(role, Reason(Right("role", role), token))
        self._give("person", person.id, ())
        if person.groups_known:
            for group in person.groups:
                self._give("group", group, ())
        while self._ahead:
            role, via = self._ahead.popleft()
            self._give("role", role, via)
        return Rights(_frozen(self._roles), _frozen(self._permissions))

    def _give(
        self, kind: Literal["role", "group", "person"], name: str, via: tuple[Step, ...]
    ) -> None:
        for grant in self._given.get((kind, name), ()):
            way = (*via, Step(kind, name, grant.to.title))
            for role in grant.roles:
                self._role(role, Reason(Right("role", role), way, grant))
            for permission in grant.permissions:
                why = Reason(Right("permission", permission), way, grant)
                self._permissions.setdefault(permission, []).append(why)

    def _role(self, role: str, why: Reason) -> None:
        if role == EVERYONE or (role == ADMIN and self._person.unvouched):
            # Nobody is an administrator while nobody vouches for them, whatever is given.
            return
        found = self._roles.setdefault(role, [])
        if not found:
            self._ahead.append((role, why.via))
        found.append(why)
        if is_permission(role):
            # Providers' roles may be called so; there is one thing of that name, not two.
            meant = Reason(Right("permission", role), why.via, why.grant)
            self._permissions.setdefault(role, []).append(meant)


def _frozen(found: dict[str, list[Reason]]) -> Mapping[str, tuple[Reason, ...]]:
    return MappingProxyType({name: tuple(why) for name, why in found.items()})
