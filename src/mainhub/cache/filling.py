"""Filling: one factory call for all who ask, in this process and in all that share level 2."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, Final

from mainhub.cache.claim import FillClaim
from mainhub.cache.envelope import Envelope, seal
from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.figures import CacheFigures
from mainhub.cache.flight import Factory, Filled, Flight, Purpose, takes_fill
from mainhub.cache.level1 import Entry, Level1
from mainhub.cache.making import Made, call_factory
from mainhub.cache.port import Claim
from mainhub.cache.reader import Known, Level2Reader
from mainhub.cache.resting import Resting

__all__ = ["Filling"]

# For how long a process believes what it made while level 2 was away.
ALONE: Final = 2.0
_POLL: Final = 0.1
# What is newer by less was made at the same time, as far as clocks can tell.
_NEWER: Final = 0.002


class Filling:
    """How a value is made and kept so that nothing is kept that was taken back meanwhile.

    Attributes:
        resting: keys whose factory failed lately.
    """

    def __init__(
        self,
        *,
        level1: Level1,
        reader: Level2Reader | None,
        figures: CacheFigures,
        now: Callable[[], float],
        wall: Callable[[], int],
        most: int,
        compress_above: int,
    ) -> None:
        self.resting = Resting(now)
        self._level1 = level1
        self._reader = reader
        self._figures = figures
        self._now = now
        self._wall = wall
        self._most = most
        self._compress_above = compress_above

    async def fill(self, flight: Flight, factory: Factory) -> Filled:
        """Return how it ends.

        Raises:
            Exception: whatever the factory raised.
        """
        if self._reader is None:
            self._figures.misses += flight.purpose == Purpose.FILL
            flight.look_over()
            return await self._alone(flight, factory)
        try:
            found = await self._reader.read([flight.key], l1_ttl=flight.options.l1_ttl)
        except CacheUnavailable:
            self._figures.unavailable += 1
            self._figures.misses += flight.purpose == Purpose.FILL
            flight.look_over()
            return await self._alone(flight, factory)
        entry = found.get(flight.key)
        if entry is not None and self._does(entry, flight):
            self._count_hit(entry, flight)
            return Filled(entry.value)
        self._figures.misses += flight.purpose == Purpose.FILL
        # What only this process remembers may have been taken back; it is for emergencies.
        flight.stale = entry
        flight.last = entry or flight.last
        flight.look_over()
        if entry is not None and flight.purpose == Purpose.FILL and self.resting.has(flight.key):
            self._figures.stale += 1
            return Filled(entry.value)
        return await self._together(flight, factory, self._reader)

    def _does(self, entry: Entry, flight: Flight) -> bool:
        """Tell whether *entry* of level 2 makes the factory unnecessary."""
        if self._now() >= entry.soft_until or flight.purpose == Purpose.REFRESH:
            return False
        if flight.purpose == Purpose.EAGER:
            # Somebody else's, which is newer; times are whole milliseconds there.
            return flight.last is None or entry.born > flight.last.born + _NEWER
        return True

    def _count_hit(self, entry: Entry, flight: Flight) -> None:
        if flight.purpose == Purpose.FILL:
            self._figures.l2_hits += 1
            self._figures.negative_hits += entry.value is None

    async def _alone(self, flight: Flight, factory: Factory, *, keep: bool = True) -> Filled:
        """Fill without level 2; where there is one, believe the value for a moment only."""
        level1 = self._level1
        states = {tag: level1.tag(tag) for tag in flight.options.tags}
        changes = {tag: state.changes for tag, state in states.items()}
        revocations, returns = level1.revocations, self._returns
        made = await self._made(flight, factory)
        if made is None:
            return Filled()
        kept = keep and not flight.is_void and not flight.is_doubtful
        # If level 2 was back meanwhile, what others changed there was not heard of.
        kept = kept and returns == self._returns
        ties = []
        for tag in made.tags:
            state = states.get(tag) or level1.tag(tag)
            known = changes.get(tag)
            # A tag that the factory added may have changed while it ran.
            kept = kept and (known is not None or revocations == level1.revocations)
            ties.append((state, state.changes if known is None else known))
        kept = kept and all(state.changes == known for state, known in ties)
        if kept:
            self._keep(flight.key, made, tuple(ties), alone=self._reader is not None)
        else:
            self._figures.not_kept += 1
        return Filled(made.value)

    @property
    def _returns(self) -> int:
        return 0 if self._reader is None else self._reader.reach.returns

    def _keep(self, key: str, made: Made, ties: tuple[Any, ...], *, alone: bool) -> None:
        now = self._now()
        entry = Entry(
            made.value,
            size=len(made.body),
            born=now,
            soft_until=now + made.ttl,
            hard_until=now + made.ttl + made.stale_ttl,
            ties=ties,
            etag=made.etag,
        )
        if alone:
            entry.end_early(now + ALONE)
            self._level1.store_alone(key, entry)
        else:
            self._level1.store(key, entry)

    async def _made(self, flight: Flight, factory: Factory) -> Made | None:
        made = await call_factory(flight, factory, most=self._most)
        self.resting.end(flight.key)
        self._figures.fills += 1
        return made

    async def _together(self, flight: Flight, factory: Factory, reader: Level2Reader) -> Filled:
        """Fill as the only process that does, or be given what another one fills."""
        claim = FillClaim(reader.level2, reader.reach, flight.key, flight.own)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(claim.end)
            try:
                waking = reader.level2.waking(flight.key)
                event = await reader.reach.call(stack.enter_async_context, waking)
            except CacheUnavailable:
                return await self._alone(flight, factory)
            # What is waited for passes by the loop's clock.
            loop = asyncio.get_running_loop()
            until = loop.time() + flight.options.hard_timeout
            while True:
                event.clear()
                try:
                    told, entry = await self._claimed(claim, flight, reader)
                except CacheUnavailable:
                    return await self._alone(flight, factory)
                if entry is not None and self._does(entry, flight):
                    self._count_hit(entry, flight)
                    return Filled(entry.value)
                if told.ours:
                    return await self._ours(flight, factory, reader, claim)
                if flight.purpose == Purpose.EAGER:
                    return Filled(again=True)
                if (left := until - loop.time()) <= 0:
                    return await self._alone(flight, factory, keep=False)
                await _wait_for(event, min(left, _POLL))

    async def _claimed(
        self, claim: FillClaim, flight: Flight, reader: Level2Reader
    ) -> tuple[Claim, Entry | None]:
        key = flight.key
        place = self._level1.reserve(key)
        try:
            told = await claim.ask()
            if told.found is None:
                return told, None
            found = await reader.take({key: told.found}, {key: place}, l1_ttl=flight.options.l1_ttl)
            return told, found.get(key)
        finally:
            self._level1.leave(key, place)

    async def _ours(
        self, flight: Flight, factory: Factory, reader: Level2Reader, claim: FillClaim
    ) -> Filled:
        """Make the value, and keep it if nothing has changed meanwhile."""
        adapts = takes_fill(factory)
        try:
            known = await reader.known(flight.options.tags)
            epoch = await reader.reach.call(reader.level2.epoch) if adapts else b""
        except CacheUnavailable:
            return await self._alone(flight, factory)
        made = await self._made(flight, factory)
        if made is None:
            return Filled()
        added = [tag for tag in made.tags if tag not in known]
        try:
            if added:
                known |= await reader.known(added)
                if await reader.reach.call(reader.level2.epoch) != epoch:
                    flight.is_void = True
            await self._publish(flight, made, known, reader, claim)
        except CacheUnavailable:
            self._keep_alone(flight, made, known)
        return Filled(made.value)

    async def _publish(
        self,
        flight: Flight,
        made: Made,
        known: dict[str, Known],
        reader: Level2Reader,
        claim: FillClaim,
    ) -> None:
        key = flight.key
        ties = tuple((known[tag].state, known[tag].changes) for tag in made.tags if tag in known)
        if flight.is_void or len(ties) < len(made.tags):
            self._figures.not_kept += 1
            return
        raw, ttl = self.sealed(made, known)
        moment = reader.recovery.moment
        if not await claim.fill(raw, ttl):
            self._figures.not_kept += 1
            return
        reader.recovery.forget([key], moment=moment)
        # The change that was heard of was our own: whatever came before would have ended the claim.
        flight.is_doubtful = False
        place = self._level1.reserve(key)
        try:
            # Read again, so that changes from now on are heard.
            await reader.read([key], l1_ttl=flight.options.l1_ttl)
        finally:
            flight.is_doubtful = place.is_changed
            self._level1.leave(key, place)

    def _keep_alone(self, flight: Flight, made: Made, known: dict[str, Known]) -> None:
        ties = tuple((known[tag].state, known[tag].changes) for tag in made.tags if tag in known)
        if flight.is_void or flight.is_doubtful or len(ties) < len(made.tags):
            self._figures.not_kept += 1
            return
        if all(state.changes == changes for state, changes in ties):
            self._keep(flight.key, made, ties, alone=True)

    def sealed(self, made: Made, known: dict[str, Known]) -> tuple[bytes, timedelta]:
        """Return *made* as level 2 keeps it, and for how long."""
        created = self._wall()
        soft = created + max(1, round(made.ttl * 1000))
        hard = soft + round(made.stale_ttl * 1000)
        envelope = Envelope(
            made.value,
            len(made.body),
            created,
            soft,
            hard,
            made.etag,
            tuple((tag, known[tag].token) for tag in made.tags),
        )
        raw = seal(envelope, made.body, compress_above=self._compress_above)
        return raw, timedelta(milliseconds=hard - created)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
