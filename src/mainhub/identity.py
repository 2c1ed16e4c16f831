"""Who somebody is: the words that every room uses for a person and their roles."""

from dataclasses import dataclass

from mainhub.errors import Refused

__all__ = [
    "ADMIN",
    "EDITOR",
    "EMPLOYEE",
    "EVERYONE",
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


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, as the identity provider described them.

    *id* is stable and never an e-mail address: ``tid.oid`` with Entra ID, else issuer and subject
    (an address can be given to somebody else: the nOAuth attack). *roles* holds all roles in the
    token's order and is never empty: a person without any is ``USER``.
    """

    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    tenant_id: str | None
    provider: str

    def as_public(self) -> dict[str, object]:
        """Return what the person's own browser may know (JSON shape of ``/auth/session``)."""
        return {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "roles": list(self.roles),
            "tenantId": self.tenant_id,
        }


class NotSignedIn(Refused):
    """Nobody is signed in, and what was asked for is not public."""


class MissingRole(Refused):
    """The person is known but has none of the roles in *needs*."""

    def __init__(self, message: str, *, needs: tuple[str, ...], remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.needs = needs
