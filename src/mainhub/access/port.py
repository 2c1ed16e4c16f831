"""The promise of what keeps the grants of run time."""

from abc import ABC, abstractmethod

from mainhub.access.grant import Grant
from mainhub.errors import Conflict, NotFound
from mainhub.identity import Person

__all__ = ["GrantExists", "GrantUnknown", "Grants", "WouldLockOut"]


class GrantExists(Conflict):
    """The same is given to the same already."""


class GrantUnknown(NotFound):
    """There is no such grant, or it was taken back."""


class WouldLockOut(Conflict):
    """The change would leave nobody who could take it back."""

    kind = "would-lock-out"
    headline = "Nobody could take it back"


class Grants(ABC):
    """Keeps what is given while the hub runs, and the policies of all processes up to date.

    Every method raises ``Unavailable`` when the store does not answer.
    """

    @abstractmethod
    async def give(self, wanted: Grant, *, by: Person, address: str | None) -> Grant:
        """Give what *wanted* says, on the record; return it with its id, who gave it and when.

        Raises:
            BadGrant: it has expired already, or there are too many.
            GrantExists: the same is given to the same already.
        """

    @abstractmethod
    async def take_back(self, id_: str, *, by: Person, address: str | None) -> None:
        """Take the grant *id_* back, on the record.

        Raises:
            GrantUnknown: there is none, any more.
            WouldLockOut: *by* would be no administrator without it, so perhaps nobody would.
        """
