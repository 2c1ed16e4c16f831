"""A cache under load while its server has a bad day: who failed, and how long anybody waited."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cache.level2_contract import came
from mainhub.cache import MISSING, Fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mainhub.cache import Cache

CALLERS, KEYS = 20, 30
# So short that level 2 and the factory are asked all the time.
TTL = timedelta(milliseconds=50)
# Far beyond what is promised (a tenth of it): this machine may stand still.
LONG = 1.0
# What of all calls may take longer on such a machine.
FEW = 0.01


class Load:
    """Callers who ask for warm keys without end, one factory call in five failing.

    It fails only those who have an older value: a process has none of a key whose change it heard
    of and did not get to read again, its own among them.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.failed: list[BaseException] = []
        self.took: list[float] = []
        self.over = False
        self.asked = self.bare = 0
        self._chance = random.Random(7)  # noqa: S311 - the same each time

    async def factory(self, fill: Fill) -> int:
        self.asked += 1
        self.bare += fill.stale is MISSING
        await asyncio.sleep(0.002)
        if self._chance.random() < 0.2 and fill.stale is not MISSING:
            raise OSError("the source is unwell")
        return 1

    async def ask(self, key: str) -> Any:
        return await self.cache.get_or_set(
            key,
            self.factory,
            ttl=TTL,
            stale_ttl=timedelta(minutes=5),
            jitter=0.5,
        )

    async def caller(self) -> None:
        while not self.over:
            key = f"k{self._chance.randrange(KEYS)}"
            began = time.perf_counter()
            try:
                assert await self.ask(key) == 1
            except Exception as error:  # noqa: BLE001 # edge: whatever it is, it is counted
                self.failed.append(error)
            self.took.append(time.perf_counter() - began)
            await asyncio.sleep(0.001)

    def slow(self, seconds: float) -> float:
        """Return which share of the calls took longer."""
        return sum(one > seconds for one in self.took) / len(self.took)

    def judge(self) -> None:
        """See that nobody failed, and that hardly any key was left without an older value."""
        assert self.failed == []
        assert self.bare <= max(4, 0.1 * self.asked)
        assert self.slow(LONG) <= FEW


@asynccontextmanager
async def load(cache: Cache) -> AsyncIterator[Load]:
    """Keep *cache*, whose keys are warm before anything else happens, busy."""
    await linked(cache)
    made = Load(cache)
    for number in range(KEYS):
        await cache.set(f"k{number}", 1, ttl=TTL, stale_ttl=timedelta(minutes=5))
    await cache.get_many([f"k{number}" for number in range(KEYS)])
    callers = [asyncio.create_task(made.caller()) for _ in range(CALLERS)]
    await asked(made, 500)
    yield made
    made.over = True
    await asyncio.gather(*callers)


async def asked(made: Load, more: int) -> None:
    """Wait until *more* calls have been made."""
    enough = len(made.took) + more
    await came(lambda: len(made.took) >= enough)


async def linked(cache: Cache) -> None:
    """Wait until level 2 is used."""
    await came(lambda: cache.state is not None and cache.state.linked)


async def unlinked(cache: Cache) -> None:
    """Wait until it is known that level 2 is not to be believed."""
    await came(lambda: cache.state is not None and not cache.state.linked)


async def well(made: Load) -> None:
    """Wait until all is as before: linked, its circuit closed, nothing left to tell, hits again."""
    cache = made.cache
    await linked(cache)
    await came(
        lambda: (
            cache.pending == 0
            and cache.way is not None
            and cache.way.breaker is not None
            and cache.way.breaker.state.value == "closed"
        )
    )
    hits = cache.figures.l2_hits + cache.figures.fills
    await came(lambda: cache.figures.l2_hits + cache.figures.fills > hits)
