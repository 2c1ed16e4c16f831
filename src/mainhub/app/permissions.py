"""Permissions put together: what the settings give, and what somebody may ask about."""

from collections.abc import Iterable, Iterator

from mainhub.access import Grant, Holder, Need, Policy
from mainhub.clock import Clock
from mainhub.control.access import Matter, Matters
from mainhub.control.access.routes import FindPerson
from mainhub.events import Catalogue
from mainhub.frontends import Registry
from mainhub.gateway import Service
from mainhub.identity import ADMIN, Person
from mainhub.sessions import SessionStore
from mainhub.settings import Settings

__all__ = ["find_person", "matters", "policy"]


def policy(settings: Settings, clock: Clock) -> Policy:
    """Return the one object that decides, with what the settings give."""
    return Policy(_settled(settings), clock=clock)


def _settled(settings: Settings) -> Iterator[Grant]:
    for role in settings.access.roles.values():
        yield from _given(Holder("role", role.role), (), role.permissions)
    for group in settings.access.groups.values():
        holder = Holder("group", group.id, group.title)
        yield from _given(holder, group.roles, group.permissions)


def _given(to: Holder, roles: Iterable[str], permissions: Iterable[str]) -> Iterator[Grant]:
    if roles or permissions:
        yield Grant(to, tuple(roles), tuple(permissions))


def matters(registry: Registry, services: Iterable[Service], catalogue: Catalogue) -> Matters:
    """Return what lists everything that somebody may be let into."""
    known = tuple(services)

    async def everything() -> list[Matter]:
        return [
            Matter("administration", "admin", Need.any_of((ADMIN,))),
            *(
                Matter(
                    "frontend",
                    found.name,
                    Need.any_of(found.roles),
                    {str(locale): title for locale, title in found.titles.items()},
                    closed=not found.active,
                )
                for found in await registry.all()
            ),
            *(Matter("service", service.name, service.need) for service in known),
            *(
                Matter("event", kind.name, Need.any_of(kind.publish))
                for kind in catalogue
                if kind.publish
            ),
        ]

    return everything


def find_person(sessions: SessionStore) -> FindPerson:
    """Return what knows people by their latest session."""

    async def find(person_id: str) -> Person | None:
        found = await sessions.list(person_id=person_id, limit=100)
        newest = max(found, key=lambda one: one.seen_at, default=None)
        return newest.person if newest is not None else None

    return find
