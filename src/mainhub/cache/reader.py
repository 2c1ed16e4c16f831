"""Reading from level 2: what is there, whether it still holds, and keeping it in level 1."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from mainhub.cache.envelope import Envelope, open_envelope
from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.figures import CacheFigures
from mainhub.cache.level1 import Entry, Level1, Placeholder, TagState, Ties
from mainhub.cache.port import Coherence, Level2
from mainhub.cache.reach import Reach
from mainhub.cache.recovery import Recovery

__all__ = ["Known", "Level2Reader"]

# For how long level 1 is believed where changes are only published, which may get lost.
_PUBLISHED: Final = 2.0
_TRIES: Final = 3
# By how much the clocks of processes may differ, in milliseconds.
_SKEW: Final = 2000


@dataclass(frozen=True, slots=True)
class Known:
    """A tag as it was at one moment: its state, token, and how often it had changed."""

    state: TagState
    token: bytes
    changes: int


class Level2Reader:
    """Reads values and tokens; every method but :meth:`entry` raises ``CacheUnavailable``."""

    def __init__(
        self,
        level2: Level2,
        *,
        level1: Level1,
        reach: Reach,
        recovery: Recovery,
        figures: CacheFigures,
        now: Callable[[], float],
        wall: Callable[[], int],
        most: int,
    ) -> None:
        self.level2 = level2
        self.reach = reach
        self.recovery = recovery
        self._level1 = level1
        self._figures = figures
        self._now = now
        self._wall = wall
        self._most = most

    async def read(self, keys: Sequence[str], *, l1_ttl: float | None = None) -> dict[str, Entry]:
        """Return what *keys* hold that is still true, stale or not, and keep it in level 1."""
        await self.recovery.settle(keys)
        places = {key: self._level1.reserve(key) for key in keys}
        try:
            answers = await self.reach.call(self.level2.read, list(places))
            raw = dict(zip(places, answers, strict=True))
            return await self.take(raw, places, l1_ttl=l1_ttl)
        finally:
            for key, place in places.items():
                self._level1.leave(key, place)

    async def read_one(self, key: str, *, l1_ttl: float | None = None) -> Entry | None:
        """Do the same for one key: one question for all who ask for it at once."""
        if self.recovery:
            return (await self.read([key], l1_ttl=l1_ttl)).get(key)
        while True:
            place = self._level1.reserve(key)
            try:
                if place.waiting is None:
                    return await self._read_for_all(key, place, l1_ttl)
                answer: asyncio.Future[Entry | None] = asyncio.get_running_loop().create_future()
                place.waiting.append(answer)
                return await answer
            except _ReaderGone:
                continue
            finally:
                self._level1.leave(key, place)

    async def _read_for_all(
        self, key: str, place: Placeholder, l1_ttl: float | None
    ) -> Entry | None:
        waiting: list[asyncio.Future[Entry | None]] = []
        place.waiting = waiting
        found: Entry | None = None
        # Unless it comes to an end: then whoever read for them was cancelled.
        failure: Exception | None = _ReaderGone()
        try:
            found = await self._read_one(key, place, l1_ttl)
            failure = None
        except CacheUnavailable as error:
            failure = error
            raise
        finally:
            place.waiting = None
            for answer in waiting:
                if answer.done():
                    continue
                if failure is None:
                    answer.set_result(found)
                else:
                    answer.set_exception(failure)
        return found

    async def _read_one(self, key: str, place: Placeholder, l1_ttl: float | None) -> Entry | None:
        """Read by the shortest way if the value's tags are known."""
        (raw,) = await self.reach.call(self.level2.read, (key,))
        if raw is None:
            return None
        level1 = self._level1
        envelope = open_envelope(raw, most=self._most)
        ties = _known_ties(envelope, level1) if isinstance(envelope, Envelope) else None
        if ties is None or not isinstance(envelope, Envelope):
            found = await self.take({key: raw}, {key: place}, l1_ttl=l1_ttl)
            return found.get(key)
        entry = self.entry(envelope, ties)
        if entry is not None:
            self._bound(entry, l1_ttl)
            level1.put(key, entry, place)
        return entry

    async def take(
        self,
        raw: dict[str, bytes | None],
        places: dict[str, Placeholder],
        *,
        l1_ttl: float | None = None,
    ) -> dict[str, Entry]:
        """Return what the bytes mean that are still true; keep it where its placeholder is."""
        opened: dict[str, Envelope] = {}
        for key, found in raw.items():
            if found is not None and (envelope := await self._opened(key, found)) is not None:
                opened[key] = envelope
        names = {tag for envelope in opened.values() for tag, _ in envelope.tags}
        known = await self.known(sorted(names))
        entries = {}
        for key, envelope in opened.items():
            ties = _ties(envelope, known)
            entry = None if ties is None else self.entry(envelope, ties)
            if entry is None:
                continue
            entries[key] = entry
            self._bound(entry, l1_ttl)
            self._level1.put(key, entry, places[key])
        return entries

    async def known(self, tags: Sequence[str]) -> dict[str, Known]:
        """Return the tokens of *tags*, asking level 2 for those that are not known."""
        await self.recovery.settle((), tags)
        level1 = self._level1
        states = {tag: level1.tag(tag) for tag in tags}
        found: dict[str, Known] = {}
        for _ in range(_TRIES):
            for tag, state in states.items():
                if state.token is not None:
                    found[tag] = Known(state, state.token, state.changes)
            missing = [tag for tag in tags if tag not in found]
            if not missing:
                break
            generation = level1.generation
            changes = {tag: states[tag].changes for tag in missing}
            tokens = await self.reach.call(self.level2.tokens, missing)
            for tag, token in zip(missing, tokens, strict=True):
                state = states[tag]
                if state.changes != changes[tag]:
                    continue
                found[tag] = Known(state, token, state.changes)
                if level1.linked and level1.generation == generation:
                    state.token = token
        return found

    def entry(self, envelope: Envelope, ties: Ties) -> Entry | None:
        """Return *envelope* as level 1 keeps it, or ``None`` if its time is over.

        The clocks of writer and reader may differ: nothing is ever given more time than it had.
        """
        now, wall = self._now(), self._wall()
        age = max(0, wall - envelope.created)
        if wall < envelope.created - _SKEW:
            # A clock was set back, this one or the writer's: nobody can tell how old it is.
            age = max(0, envelope.soft_end - envelope.created)
        whole = envelope.hard_end - envelope.created
        if age >= whole:
            return None
        born = now - age / 1000
        return Entry(
            envelope.value,
            size=envelope.size,
            born=born,
            soft_until=born + (envelope.soft_end - envelope.created) / 1000,
            hard_until=born + whole / 1000,
            ties=ties,
            etag=envelope.etag,
        )

    def _bound(self, entry: Entry, l1_ttl: float | None) -> None:
        longest = inf if l1_ttl is None else l1_ttl
        if self.level2.coherence is Coherence.PUBSUB:
            longest = min(longest, _PUBLISHED)
        if longest is not inf:
            entry.end_early(self._now() + longest)

    async def _opened(self, key: str, raw: bytes) -> Envelope | None:
        """Return what is in *raw*; what cannot be read is counted and deleted."""
        found = open_envelope(raw, most=self._most)
        if isinstance(found, Envelope):
            return found
        self._figures.refuse(found)
        try:
            await self.reach.call(self.level2.delete, [key])
        except CacheUnavailable:
            self.recovery.add(keys=[key])
        return None


class _ReaderGone(Exception):
    """Whoever read for others was cancelled."""


def _known_ties(envelope: Envelope, level1: Level1) -> Ties | None:
    """Return what the value depends on if all of it is known to be as it was."""
    ties = []
    for tag, token in envelope.tags:
        state = level1.tags.get(tag)
        if state is None or state.token != token:
            return None
        ties.append((state, state.changes))
    return tuple(ties)


def _ties(envelope: Envelope, known: dict[str, Known]) -> Ties | None:
    """Return what the value depends on; ``None`` if any of it has changed since."""
    ties = []
    for tag, token in envelope.tags:
        now = known.get(tag)
        if now is None or now.token != token or now.state.changes != now.changes:
            return None
        ties.append((now.state, now.changes))
    return tuple(ties)
