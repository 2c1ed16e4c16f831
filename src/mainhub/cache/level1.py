"""Level 1: values in this process, the least recently used let go first.

An entry is fresh only while nothing has changed that it depends on; a hit finds that out by
comparing one number, since whatever changes makes all entries be looked at again.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from mainhub.cache.figures import CacheFigures
from mainhub.cache.keys import EVERYTHING

if TYPE_CHECKING:
    import asyncio

__all__ = ["Entry", "Level1", "Placeholder", "Standing", "TagState"]

_LOOKED_AT: Final = 20_000


class Standing(Enum):
    """How far an entry can be believed."""

    FRESH = "fresh"
    STALE = "stale"
    """Its time is over; only ``stale_ttl`` lets it be given."""
    SUSPECT = "suspect"
    """Within its time, but changes of it may have gone unheard."""


class TagState:
    """What is known of a tag: its token if that is heard of, and how often it has changed."""

    __slots__ = ("__weakref__", "changes", "name", "token")

    def __init__(self, name: str) -> None:
        self.name = name
        self.token: bytes | None = None
        self.changes = 0


Ties = tuple[tuple[TagState, int], ...]
"""The tags of a value, each with the number of its changes when the value was made."""


class Entry:
    """A value with its times, by the monotonic clock, in seconds."""

    __slots__ = (
        "born",
        "eager",
        "etag",
        "fresh_until",
        "generation",
        "hard_until",
        "hits",
        "quick_until",
        "serial",
        "size",
        "soft_until",
        "ties",
        "ttl",
        "value",
    )

    def __init__(
        self,
        value: Any,
        *,
        size: int,
        born: float,
        soft_until: float,
        hard_until: float,
        ties: Ties,
        etag: str | None = None,
    ) -> None:
        self.value = value
        self.size = size
        self.born = born
        self.ttl = soft_until - born
        self.soft_until = soft_until
        self.hard_until = hard_until
        self.fresh_until = soft_until
        # Until when a hit needs no second look.
        self.quick_until = -inf if value is None else soft_until
        self.eager = False
        self.ties = ties
        self.etag = etag
        self.hits = 0
        self.serial = -1
        self.generation = -1

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of its tags, without those that the cache itself puts on."""
        return tuple(state.name for state, _ in self.ties if not state.name.startswith("*"))

    def end_early(self, at: float, *, share: float | None = None) -> None:
        """Be fresh until *at* at most; from *share* of its time on a hit looks twice."""
        self.fresh_until = min(self.fresh_until, at)
        quick = self.fresh_until
        if share is not None:
            self.eager = True
            quick = min(quick, self.born + share * self.ttl)
        self.quick_until = -inf if self.value is None else quick


class Placeholder:
    """Stands for a value that has been asked for; gone as soon as the key changes.

    Attributes:
        is_changed: whether it is gone because the key has changed, and not the link.
        waiting: those who wait for the one who reads the key; ``None`` while nobody does.
    """

    __slots__ = ("is_changed", "readers", "waiting")

    def __init__(self) -> None:
        self.is_changed = False
        self.readers = 0
        self.waiting: list[asyncio.Future[Entry | None]] | None = None


class Level1:
    """Entries by key, bounded by number and by bytes.

    Attributes:
        serial: changes whenever an entry may have become void without being removed.
        generation: changes whenever the link to level 2 does.
        revocations: how many tags have changed.
        linked: whether changes of level 2 are heard; always so without one.
    """

    def __init__(
        self, *, max_entries: int, max_bytes: int, figures: CacheFigures, linked: bool
    ) -> None:
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        self.touch: Callable[[str], None] = self.entries.move_to_end
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.bytes = 0
        self.serial = 0
        self.generation = 0
        self.revocations = 0
        self.linked = linked
        self.tags: WeakValueDictionary[str, TagState] = WeakValueDictionary()
        # Kept, since everything depends on it.
        self._everything = self.tag(EVERYTHING)
        self._figures = figures
        self._placeholders: dict[str, Placeholder] = {}
        self._alone: set[str] = set()

    def look(self, key: str, now: float) -> tuple[Entry, Standing] | None:
        """Return the entry of *key* and how it stands; what is void is removed."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        if now >= entry.hard_until or not _tied(entry.ties):
            self.remove(key)
            return None
        if now >= entry.soft_until:
            return entry, Standing.STALE
        if entry.generation != self.generation or now >= entry.fresh_until:
            return entry, Standing.SUSPECT
        entry.serial = self.serial
        return entry, Standing.FRESH

    def recent(self, now: float) -> list[str]:
        """Return the keys that were used last, for people to look at; what is void or over goes.

        At most so many that nobody else notices; what is asked for often is among them.
        """
        kept = []
        for key in list(islice(reversed(self.entries), _LOOKED_AT)):
            entry = self.entries[key]
            if (entry.serial == self.serial and now < entry.hard_until) or self.look(key, now):
                kept.append(key)
        return kept

    def hit(self, key: str, entry: Entry) -> Any:
        """Count a hit and return the value."""
        self.touch(key)
        entry.hits += 1
        self._figures.l1_hits += 1
        if entry.value is None:
            self._figures.negative_hits += 1
        return entry.value

    def reserve(self, key: str) -> Placeholder:
        """Return a placeholder for *key*, which is about to be read."""
        place = self._placeholders.get(key)
        if place is None:
            place = self._placeholders[key] = Placeholder()
        place.readers += 1
        return place

    def leave(self, key: str, place: Placeholder) -> None:
        """Give back what :meth:`reserve` gave."""
        place.readers -= 1
        if not place.readers and self._placeholders.get(key) is place:
            del self._placeholders[key]

    def awaits(self, key: str, place: Placeholder) -> bool:
        """Tell whether *key* has not changed since *place* was reserved."""
        return self._placeholders.get(key) is place

    def put(self, key: str, entry: Entry, place: Placeholder) -> bool:
        """Keep what was read unless *key* has changed meanwhile; return whether it was."""
        if not self.linked or not self.awaits(key, place):
            return False
        self.store(key, entry)
        return True

    def store(self, key: str, entry: Entry) -> None:
        """Keep *entry* of now; what is too large for all of the room is not kept."""
        old = self.entries.pop(key, None)
        if old is not None:
            self.bytes -= old.size
            entry.hits = old.hits
        if entry.size > self.max_bytes:
            return
        entry.serial = self.serial
        entry.generation = self.generation
        self.entries[key] = entry
        self.bytes += entry.size
        while len(self.entries) > self.max_entries or self.bytes > self.max_bytes:
            let_go, gone = self.entries.popitem(last=False)
            self._alone.discard(let_go)
            self.bytes -= gone.size
            self._figures.evictions += 1

    def store_alone(self, key: str, entry: Entry) -> None:
        """Keep *entry*, which level 2 does not know, until it answers again."""
        self.store(key, entry)
        self._alone.add(key)

    def end_alone(self) -> None:
        """Suspect what level 2 does not know: what others changed of it was never heard."""
        while self._alone:
            entry = self.entries.get(self._alone.pop())
            if entry is not None:
                entry.serial = entry.generation = -1

    def remove(self, key: str) -> bool:
        """Remove the entry of *key*; return whether there was one."""
        gone = self.entries.pop(key, None)
        self._alone.discard(key)
        if gone is None:
            return False
        self.bytes -= gone.size
        return True

    def drop(self, key: str) -> bool:
        """Remove all that is known of *key*, and what is being read of it."""
        place = self._placeholders.pop(key, None)
        if place is not None:
            place.is_changed = True
        return self.remove(key)

    def tag(self, name: str) -> TagState:
        """Return the state of a tag; whoever depends on it keeps it."""
        state = self.tags.get(name)
        if state is None:
            state = self.tags[name] = TagState(name)
        return state

    def revoke(self, name: str) -> TagState | None:
        """Make void all that has the tag *name*; its token is unknown from now on."""
        self.revocations += 1
        state = self.tags.get(name)
        if state is not None:
            state.token = None
            state.changes += 1
            self.serial += 1
        return state

    def relink(self, *, linked: bool) -> None:
        """Believe nothing of before: not an entry, nor a token, nor what is being read."""
        self.linked = linked
        self.generation += 1
        self.serial += 1
        self._placeholders.clear()
        for state in list(self.tags.values()):
            state.token = None

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        return iter(tuple(self.entries.items()))

    @property
    def reserved(self) -> int:
        """How many keys are being read."""
        return len(self._placeholders)


def _tied(ties: Ties) -> bool:
    return all(state.changes == changes for state, changes in ties)
