"""Who asks for a value, and the one fill that all in this process wait for."""

import asyncio
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

from mainhub.cache.failures import (
    CacheArgumentInvalid,
    CacheUnavailable,
    CacheValueInvalid,
    FactoryTimedOut,
)
from mainhub.cache.figures import CacheFigures
from mainhub.cache.filling import Filling
from mainhub.cache.flight import Factory, Filled, Flight, Purpose, takes_fill
from mainhub.cache.level1 import Entry, Level1, Standing
from mainhub.cache.options import Options
from mainhub.resilience import on_its_own
from mainhub.telemetry import get_logger

__all__ = ["Filler"]

log = get_logger("cache")


class Filler:
    """Gives values, and fills what is not there; owns all fills that are under way."""

    def __init__(
        self,
        *,
        level1: Level1,
        filling: Filling,
        figures: CacheFigures,
        now: Callable[[], float],
    ) -> None:
        self._level1 = level1
        self._filling = filling
        self._resting = filling.resting
        self._figures = figures
        self._now = now
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    @property
    def under_way(self) -> int:
        """How many fills there are just now."""
        return len(self._flights)

    async def get_or_set(self, key: str, factory: Factory, options: Options) -> Any:
        """Return the value of *key*, which *factory* makes if there is none."""
        while True:
            old = None
            seen = self._level1.look(key, self._now())
            if seen is not None:
                old, standing = seen
                if standing is Standing.FRESH:
                    if options.eager_refresh is not None:
                        self._look_ahead(key, old, factory, options)
                    return self._level1.hit(key, old)
                if self._resting.has(key):
                    self._figures.stale += 1
                    return old.value
            flight = self._flights.get(key)
            if flight is None:
                takes_fill(factory)
                flight = self._start(key, factory, options, Purpose.FILL, old)
            else:
                self._figures.coalesced += 1
            with flight.waited_for():
                filled = await self._wait(flight, options)
            if not filled.again:
                return filled.give()

    async def refresh(self, key: str, factory: Factory, options: Options) -> Any:
        """Return a new value of *key*, whatever there is."""
        takes_fill(factory)
        self.void(key)
        seen = self._level1.look(key, self._now())
        old = None if seen is None else seen[0]
        flight = self._start(key, factory, options, Purpose.REFRESH, old)
        with flight.waited_for():
            return (await self._wait(flight, options)).give()

    def void(self, key: str) -> None:
        """Keep nothing of what is under way for *key*: it has changed."""
        flight = self._flights.pop(key, None)
        if flight is not None:
            flight.is_void = True
        self._resting.end(key)

    def detach(self, key: str) -> None:
        """Give what is under way for *key* to nobody else: level 2 says that it has changed."""
        flight = self._flights.pop(key, None)
        if flight is not None:
            flight.is_doubtful = True

    def void_where(self, concerns: Callable[[Flight], bool]) -> None:
        """Keep nothing of the fills that *concerns* tells."""
        for flight in [flight for flight in self._flights.values() if concerns(flight)]:
            self.void(flight.key)

    async def aclose(self) -> None:
        """End what is under way; who waits for it is told."""
        self._is_closed = True
        for flight in list(self._flights.values()):
            flight.land(Filled(error=CacheUnavailable("the cache has been closed")))
        self._flights.clear()
        left = {task for task in self._tasks if task is not asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            # A factory that does not heed it is not waited for.
            await asyncio.wait(left, timeout=1)

    def _start(
        self, key: str, factory: Factory, options: Options, purpose: str, old: Entry | None
    ) -> Flight:
        if self._is_closed:
            raise CacheUnavailable("the cache has been closed")
        flight = Flight(key, options, purpose=purpose, old=old, own=self._own)
        self._flights[key] = flight
        flight.task = on_its_own(self._run(flight, factory), name="cache.fill")
        self._own(flight.task)
        flight.task.add_done_callback(partial(self._landed, flight))
        return flight

    def _own(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Whoever waits has been told; nobody else has to be.
            task.exception()

    def _landed(self, flight: Flight, task: "asyncio.Task[Filled]") -> None:
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        if task.cancelled():
            flight.land(Filled(error=CacheUnavailable("the cache has been closed")))
        elif (error := task.exception()) is not None:
            flight.land(Filled(error=error, trace=error.__traceback__))
        else:
            flight.land(task.result())

    async def _wait(self, flight: Flight, options: Options) -> Filled:
        """Wait as long as this caller would; nobody else is affected."""
        done = flight.done
        began = asyncio.get_running_loop().time()
        if options.soft_timeout is not None and not done.done():
            if options.soft_timeout:
                await asyncio.wait({done}, timeout=options.soft_timeout)
            if not done.done() and not flight.looked.done():
                either: list[asyncio.Future[Any]] = [done, flight.looked]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not done.done() and flight.stale is not None:
                self._figures.stale += 1
                return Filled(flight.stale.value)
        if options.hard_timeout < flight.options.hard_timeout and not done.done():
            spent = asyncio.get_running_loop().time() - began
            await asyncio.wait({done}, timeout=max(0, options.hard_timeout - spent))
            if not done.done():
                if flight.stale is not None:
                    self._figures.stale += 1
                    return Filled(flight.stale.value)
                raise FactoryTimedOut(f"the value was not made within {options.hard_timeout:g} s")
        return await asyncio.shield(done)

    def _look_ahead(self, key: str, entry: Entry, factory: Factory, options: Options) -> None:
        """Begin to make the next value in good time."""
        share = options.eager_refresh or 0.0
        if not entry.eager:
            entry.end_early(inf, share=share)
        due = self._now() >= entry.born + share * entry.ttl
        if due and key not in self._flights and not self._resting.has(key) and not self._is_closed:
            takes_fill(factory)
            self._start(key, factory, options, Purpose.EAGER, entry)

    async def _run(self, flight: Flight, factory: Factory) -> Filled:
        try:
            return await self._filling.fill(flight, factory)
        except CacheArgumentInvalid:
            raise
        except Exception as error:  # noqa: BLE001 # edge: a factory may raise anything
            return self._failed(flight, error)

    def _failed(self, flight: Flight, error: Exception) -> Filled:
        """Give the older value, if there is one, and let the factory be for a while."""
        if isinstance(error, CacheValueInvalid):
            log.error("cache.value_invalid", key=flight.key, cause=str(error))
        if isinstance(error, FactoryTimedOut):
            self._figures.factory_timeouts += 1
        else:
            self._figures.factory_errors += 1
        old = flight.last
        if old is None or flight.is_void or self._now() >= old.hard_until:
            return Filled(error=error, trace=error.__traceback__)
        self._resting.begin(flight.key, flight.options.stale_retry)
        self._figures.stale += flight.purpose == Purpose.FILL
        return Filled(old.value)
