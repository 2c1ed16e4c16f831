"""The shapes of ``/hub/v1/access``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from mainhub.access import Grant, Holder, Policy, Reason
from mainhub.control.access.matters import Matter
from mainhub.identity import ADMIN, EDITOR, EMPLOYEE, EVERYONE, ROLELESS, Person

__all__ = ["AccessState", "Explained", "GrantEntry", "Wanted", "explained", "state"]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected a time that UTC has a name for, too") from error


_Names = Annotated[list[str], Field(max_length=100)]


class HolderEntry(BaseModel):
    """Who is given something; *name* is the role, the group's id or the person's."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["role", "group", "person"]
    name: str
    title: str | None = None


class GrantEntry(BaseModel):
    """What was given while the hub runs, by whom, when and until when."""

    id: str
    to: HolderEntry
    roles: list[str]
    permissions: list[str]
    by: str | None
    at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, grant: Grant) -> "GrantEntry":
        """Describe *grant*, one of run time."""
        to = grant.to
        return cls(
            id=grant.id or "",
            to=HolderEntry(kind=to.kind, name=to.name, title=to.title),
            roles=list(grant.roles),
            permissions=list(grant.permissions),
            by=grant.by,
            at=grant.at,
            expires_at=grant.expires_at,
        )


class Wanted(BaseModel):
    """What to give; without *expires_at* for good."""

    model_config = ConfigDict(extra="forbid")

    to: HolderEntry
    roles: _Names = []
    permissions: _Names = []
    expires_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None

    def grant(self) -> Grant:
        """Return it as a grant, each name once.

        Raises:
            BadGrant: it gives nothing, or a name is none.
        """
        return Grant(
            Holder(self.to.kind, self.to.name, self.to.title),
            tuple(dict.fromkeys(self.roles)),
            tuple(dict.fromkeys(self.permissions)),
            expires_at=self.expires_at,
        )


class SettledRole(BaseModel):
    """What the settings give to everybody with a role."""

    name: str
    permissions: list[str]


class SettledGroup(BaseModel):
    """What the settings give to everybody in a group."""

    id: str
    title: str | None
    roles: list[str]
    permissions: list[str]


class AccessState(BaseModel):
    """Who is given what, and the names that are in use."""

    roles: list[SettledRole]
    groups: list[SettledGroup]
    grants: list[GrantEntry]
    known_roles: list[str]
    known_permissions: list[str]


class RightEntry(BaseModel):
    """A role, a permission, or being signed in."""

    kind: Literal["everyone", "role", "permission"]
    name: str


class StepEntry(BaseModel):
    """One step on the way from a person to a right."""

    kind: Literal["token", "group", "person", "role"]
    name: str
    title: str | None


class Why(BaseModel):
    """One reason: the right, the way to it, and where it comes from."""

    right: RightEntry
    via: list[StepEntry]
    source: Literal["token", "settings", "run-time"]
    grant: str | None
    by: str | None
    at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, reason: Reason) -> "Why":
        """Describe *reason*."""
        grant = reason.grant
        return cls(
            right=RightEntry(kind=reason.right.kind, name=reason.right.name),
            via=[StepEntry(kind=x.kind, name=x.name, title=x.title) for x in reason.via],
            source="token" if grant is None else "run-time" if grant.id else "settings",
            grant=grant.id if grant else None,
            by=grant.by if grant else None,
            at=grant.at if grant else None,
            expires_at=grant.expires_at if grant else None,
        )


class HeldEntry(BaseModel):
    """A role or permission that somebody has, and why."""

    name: str
    why: list[Why]


class NeedEntry(BaseModel):
    """What lets somebody in: any one of them; none: nobody."""

    roles: list[str]
    permissions: list[str]


class ItemEntry(BaseModel):
    """Something that somebody may do or not, and why they may."""

    kind: Literal["frontend", "service", "event", "administration"]
    name: str
    titles: dict[str, str] | None
    allowed: bool
    needs: NeedEntry
    closed: bool
    why: list[Why]


class PersonEntry(BaseModel):
    """Whom it is about."""

    id: str
    name: str


class Explained(BaseModel):
    """What somebody has and may do. *groups_known*: false where nothing is given by group."""

    person: PersonEntry | None
    groups_known: bool
    roles: list[HeldEntry]
    permissions: list[HeldEntry]
    items: list[ItemEntry]


def state(policy: Policy, matters: Iterable[Matter]) -> AccessState:
    """Describe who is given what."""
    roles = {ADMIN, EDITOR, EMPLOYEE, ROLELESS}
    permissions: set[str] = set()
    for matter in matters:
        roles |= matter.need.roles - {EVERYONE}
        permissions |= matter.need.permissions
    for grant in (*policy.settled, *policy.granted):
        roles.update(grant.roles, (grant.to.name,) if grant.to.kind == "role" else ())
        permissions.update(grant.permissions)
    settled = policy.settled
    return AccessState(
        roles=[
            SettledRole(name=one.to.name, permissions=list(one.permissions))
            for one in settled
            if one.to.kind == "role"
        ],
        groups=[
            SettledGroup(
                id=one.to.name,
                title=one.to.title,
                roles=list(one.roles),
                permissions=list(one.permissions),
            )
            for one in settled
            if one.to.kind == "group"
        ],
        grants=[GrantEntry.of(grant) for grant in policy.granted],
        known_roles=sorted(roles),
        known_permissions=sorted(permissions),
    )


def explained(
    policy: Policy, person: Person, matters: Iterable[Matter], *, named: PersonEntry | None
) -> Explained:
    """Describe what *person* has and may do; *named* is who that is, if it is somebody."""
    rights = policy.rights(person)
    return Explained(
        person=named,
        groups_known=person.groups_known,
        roles=_held(rights.roles),
        permissions=_held(rights.permissions),
        items=[_item(policy, person, matter) for matter in matters],
    )


def _held(found: Mapping[str, Sequence[Reason]]) -> list[HeldEntry]:
    return [HeldEntry(name=name, why=[Why.of(one) for one in why]) for name, why in found.items()]


def _item(policy: Policy, person: Person, matter: Matter) -> ItemEntry:
    allowed = not matter.closed and policy.decide(person, matter.need).allowed
    return ItemEntry(
        kind=matter.kind,
        name=matter.name,
        titles=dict(matter.titles) if matter.titles is not None else None,
        allowed=allowed,
        needs=NeedEntry(
            roles=sorted(matter.need.roles), permissions=sorted(matter.need.permissions)
        ),
        closed=matter.closed,
        why=[Why.of(one) for one in policy.explain(person, matter.need)] if allowed else [],
    )
