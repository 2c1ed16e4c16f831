"""What is given to whom: roles and permissions to a role, a group or a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from mainhub.errors import Invalid
from mainhub.identity import EVERYONE, PERMISSION

__all__ = ["BadGrant", "Grant", "Holder", "Kind", "covers", "is_permission"]

Kind = Literal["role", "group", "person"]

_LONGEST: Final = 512
_MOST: Final = 100


class BadGrant(Invalid):
    """A grant gives nothing, or is written in a way that could not work."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is given something: everybody with a role or in a group, or one person.

    *name* is the role, the provider's id of the group, or the person's id; *title* is for people.
    """

    kind: Kind
    name: str
    title: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in {"role", "group", "person"}:
            raise BadGrant("something is given to a role, a group or a person")
        _check(self.name, f"the {self.kind}")
        if self.title is not None:
            _check(self.title, "the title")


@dataclass(frozen=True, slots=True)
class Grant:
    """*roles* and *permissions* for *to*, until *expires_at*.

    One of the settings has no *id*; one of run time has, with who gave it and when.

    Raises:
        BadGrant: it gives nothing, or a name is none.
    """

    to: Holder
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    id: str | None = None
    by: str | None = None
    at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.roles and not self.permissions:
            raise BadGrant("a grant gives at least one role or permission")
        if len(self.roles) + len(self.permissions) > _MOST:
            raise BadGrant(f"a grant gives {_MOST} roles and permissions at most")
        for role in self.roles:
            _check(role, "a role")
        for permission in self.permissions:
            if not PERMISSION.fullmatch(permission):
                raise BadGrant(
                    f"{permission[:80]!r} is no permission",
                    remedy="Write it in lower case, like orders:write or orders:*.",
                )

    def holds(self, now: datetime) -> bool:
        """Return whether it has not expired."""
        return self.expires_at is None or now < self.expires_at


def is_permission(name: str) -> bool:
    """Return whether *name*, in a list of roles, is a permission: it has a colon."""
    return ":" in name and PERMISSION.fullmatch(name) is not None


def covers(held: str, asked: str) -> bool:
    """Return whether the permission *held* is *asked*, or stands for it.

    ``*`` stands for one part, as the last one for all that follow; in *asked* it is itself.
    """
    if held == asked:
        return True
    if "*" not in held:
        return False
    parts, wanted = held.split(":"), asked.split(":")
    if len(wanted) < len(parts) or (len(wanted) > len(parts) and parts[-1] != "*"):
        return False
    return all(one in ("*", other) for one, other in zip(parts, wanted, strict=False))


def _check(name: str, what: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > _LONGEST or not name.isprintable():
        raise BadGrant(f"{what} is one line of text of {_LONGEST} characters at most")
    if name == EVERYONE:
        raise BadGrant(
            f"{what} cannot be {EVERYONE}",
            remedy=f"Open the front-end or the service to {EVERYONE} instead.",
        )
