"""The last events of each type, and what is known of those that are no longer there."""

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import takewhile
from typing import Final

from mainhub.events.audience import Audience, OnePerson, Permits, reaches
from mainhub.events.event import Event
from mainhub.identity import Person

__all__ = ["History"]

_PEOPLE: Final = 4096
_AUDIENCES: Final = 64


class History:
    """Keeps at most *size* events of each type.

    Of those that fell out it remembers, for each audience, the number of the last one, so that a
    reader who was away is told of a gap, and not of one in what others were told.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[str, deque[Event]] = {}
        self._people = _Lost(_PEOPLE)
        self._others = _Lost(_AUDIENCES)

    def add(self, event: Event) -> None:
        """Keep *event*, which is younger than all others."""
        kept = self._kept.setdefault(event.type, deque())
        kept.append(event)
        if len(kept) > self._size:
            self._lose(kept.popleft())

    def events(self, type_: str | None = None, *, after: int = 0) -> list[Event]:
        """Return the events of one type, or of all, that follow number *after*, oldest first."""
        chosen: Iterable[deque[Event]] = (
            self._kept.values() if type_ is None else [self._kept.get(type_, deque())]
        )
        # From the young end, since a reader who resumes has missed few of many.
        young = [
            list(takewhile(lambda event: event.cursor.seq > after, reversed(kept)))
            for kept in chosen
        ]
        return list(
            merge(*(reversed(found) for found in young), key=lambda found: found.cursor.seq)
        )

    def clear(self, type_: str | None = None) -> int:
        """Forget the events of one type, or of all, and return how many there were."""
        chosen = list(self._kept) if type_ is None else [type_]
        cleared = [event for name in chosen for event in self._kept.pop(name, ())]
        for event in cleared:
            self._lose(event)
        return len(cleared)

    def has_lost(self, person: Person, permits: Permits, *, after: int) -> bool:
        """Tell whether something for *person* fell out that came after number *after*."""
        if self._people.last(OnePerson(person.id)) > after:
            return True
        if self._others.forgotten > after:
            return True
        return any(
            seq > after and reaches(audience, person, permits) for audience, seq in self._others
        )

    def _lose(self, event: Event) -> None:
        lost = self._people if isinstance(event.audience, OnePerson) else self._others
        lost.note(event.audience, event.cursor.seq)


class _Lost:
    """The last number lost for each audience; for those beyond *room*, one number for all."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._last: dict[Audience, int] = {}
        self.forgotten = 0

    def note(self, audience: Audience, seq: int) -> None:
        # Taken out and put back, so that the first one is the one not lost for the longest time.
        before = self._last.pop(audience, 0)
        self._last[audience] = max(before, seq)
        if len(self._last) > self._room:
            oldest = next(iter(self._last))
            self.forgotten = max(self.forgotten, self._last.pop(oldest))

    def last(self, audience: Audience) -> int:
        return max(self._last.get(audience, 0), self.forgotten)

    def __iter__(self) -> Iterator[tuple[Audience, int]]:
        return iter(self._last.items())
