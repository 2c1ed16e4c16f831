"""Who somebody is: the words that every room uses for a person and their roles."""

import re
from dataclasses import dataclass
from typing import Final

from mainhub.errors import Refused

__all__ = [
    "ADMIN",
    "EDITOR",
    "EMPLOYEE",
    "EVERYONE",
    "PERMISSION",
    "ROLELESS",
    "MissingRole",
    "NotSignedIn",
    "Person",
]

ADMIN = "Admin"
EDITOR = "Editor"
EMPLOYEE = "Employee"
ROLELESS = "USER"
"""The role of a person whose token names none: home and own sessions only."""
EVERYONE = "*"
"""In a list of allowed roles: any signed-in person, whatever their roles."""
PERMISSION: Final = re.compile(r"[a-z][a-z0-9-]{0,63}(?::(?:[a-z0-9][a-z0-9-]{0,63}|\*)){0,7}")
"""A permission: ``orders:write``; ``orders:*`` is all that begin with ``orders:``."""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, as the identity provider described them.

    *id* is stable and never an e-mail address: ``tid.oid`` with Entra ID, else issuer and subject
    (an address can be given to somebody else: the nOAuth attack). *roles* holds all roles in the
    token's order and is never empty: a person without any is ``USER``. *groups* are the provider's
    ids; where there are too many for a token and nobody could be asked, *groups_known* is false and
    nothing may be granted by group. A *guest* belongs to another organisation. *unvouched*: nobody
    vouches for them just now, and no role that is granted makes them an administrator.
    """

    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    tenant_id: str | None
    provider: str
    # Sessions of before these were known hold people without them.
    groups: tuple[str, ...] = ()
    guest: bool = False
    groups_known: bool = True
    unvouched: bool = False

    def as_public(self) -> dict[str, object]:
        """Return what the person's own browser may know (JSON shape of ``/auth/session``)."""
        return {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "roles": list(self.roles),
            "tenantId": self.tenant_id,
            "guest": self.guest,
        }


class NotSignedIn(Refused):
    """Nobody is signed in, and what was asked for is not public."""


class MissingRole(Refused):
    """The person is known but has none of the roles in *needs*."""

    def __init__(self, message: str, *, needs: tuple[str, ...], remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.needs = needs
