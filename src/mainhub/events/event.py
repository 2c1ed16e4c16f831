"""An event, and the place in the sequence of events up to which somebody has read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainhub.errors import Invalid
from mainhub.events.audience import Audience
from mainhub.identity import Person

__all__ = ["HUB", "Author", "BadCursor", "Cursor", "Event"]

HUB: Final = "MainHub"
"""The source of what the hub itself tells; no browser can give it."""

# At most sixteen digits, so that every number is one that JavaScript can count with, too.
_CURSOR: Final = re.compile(r"([0-9a-f]{8})-(0|[1-9][0-9]{0,15})", re.ASCII)


class BadCursor(Invalid):
    """What was given is no place in the sequence of events."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the sequence: after the event *seq* of the process that drew *epoch*."""

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what :meth:`__str__` wrote.

        Raises:
            BadCursor: it is anything else.
        """
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise BadCursor(
                "the cursor is not the id of an event",
                remedy="Give the id of the last event that was received, or none to start now.",
            )
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


@dataclass(frozen=True, slots=True)
class Author:
    """The person whose page published an event, as the others may know them."""

    id: str
    name: str

    @classmethod
    def of(cls, person: Person) -> "Author":
        """Return *person* as an author."""
        return cls(person.id, person.name)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. *data* is shared by all who hear of it, and only to be read.

    *by* is the person whose page published it, ``None`` for what the hub tells; *tab* names that
    page, so that it can leave out its own.
    """

    cursor: Cursor
    type: str
    timestamp: datetime
    source: str
    data: Mapping[str, object]
    audience: Audience
    by: Author | None = None
    tab: str | None = None

    @property
    def id(self) -> str:
        """The event's name, and the cursor just after it."""
        return str(self.cursor)

    def as_public(self) -> dict[str, object]:
        """Return the event as browsers get it, ready for JSON."""
        return {
            "id": self.id,
            "type": self.type,
            "timestamp": self.timestamp.isoformat().replace("+00:00", "Z"),
            "source": self.source,
            "data": dict(self.data),
            "by": {"id": self.by.id, "name": self.by.name} if self.by else None,
            "tab": self.tab,
        }
