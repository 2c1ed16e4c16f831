"""Callers who go on asking while something is wrong, and what became of them."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mainhub.cache import MISSING, Fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from mainhub.cache import Cache

__all__ = ["CALLERS", "SourceDown", "WarmLoad", "within"]

CALLERS: Final = 20
_KEYS: Final = 40
_PATIENCE: Final = 30.0
_BEAT: Final = 0.02


class SourceDown(Exception):
    """The source did not answer, as one call in five."""


@dataclass
class WarmLoad:
    """Twenty callers of forty warm keys, whose source fails one time in five.

    It fails only those who have an older value. A process has none of a key whose change it heard
    of and did not get to read again, its own among them: it may have been a deletion.

    Attributes:
        took: how long each call took, in seconds.
        failed: what calls raised.
        wrong: values that were none of the source's.
        asked: how often the source was asked.
        bare: how often by somebody without an older value.
        stood_still: the longest time in seconds in which nothing of this process had a turn.
    """

    cache: Cache
    took: list[float] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)
    wrong: list[object] = field(default_factory=list)
    asked: int = 0
    bare: int = 0
    stood_still: float = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(5)  # noqa: S311 - the same in every run
        self._over = False

    async def warm(self) -> None:
        """Have every key once."""
        for number in range(_KEYS):
            await self._call(number, fails=False)
        self.took.clear()
        self.asked = self.bare = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let the callers call until this ends."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            for caller in range(CALLERS):
                group.create_task(self._caller(caller))
            try:
                yield
            finally:
                self._over = True

    async def some(self, seconds: float) -> None:
        """Return when the callers have called for so long, and each of them at least once."""
        loop = asyncio.get_running_loop()
        until, calls = loop.time() + seconds, len(self.took) + 2 * CALLERS
        await within(_PATIENCE, lambda: loop.time() > until and len(self.took) > calls)

    def late(self, limit: float) -> float:
        """Return the share of calls that took longer, and longer than everything stood still."""
        limit += self.stood_still
        return sum(took > limit for took in self.took) / len(self.took)

    def told(self) -> str:
        """Return the figures for people."""
        ordered = sorted(self.took)
        p99 = ordered[int(len(ordered) * 0.99)]
        return (
            f"{len(ordered)} calls, p99 {p99 * 1e3:.1f} ms, longest {ordered[-1] * 1e3:.1f} ms, "
            f"{self.bare} of {self.asked} fills without an older value, "
            f"{self.stood_still * 1e3:.1f} ms without a turn"
        )

    async def _watch(self) -> None:
        """Note for how long the machine gave this process no turn: nobody waited for Redis then."""
        while not self._over:
            before = time.monotonic()
            await asyncio.sleep(_BEAT)
            self.stood_still = max(self.stood_still, time.monotonic() - before - _BEAT)

    async def _caller(self, caller: int) -> None:
        turn = caller
        while not self._over:
            turn += 7
            await self._call(turn % _KEYS, fails=self._chance.random() < 0.2)
            # Or hits, which wait for nothing, would let nobody else have a turn.
            await asyncio.sleep(0.002)

    async def _call(self, number: int, *, fails: bool) -> None:
        async def factory(fill: Fill) -> dict[str, int]:
            self.asked += 1
            self.bare += fill.stale is MISSING
            await asyncio.sleep(0.001)
            if fails and fill.stale is not MISSING:
                raise SourceDown
            return {"number": number}

        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            value = await self.cache.get_or_set(
                f"key:{number}",
                factory,
                ttl=timedelta(seconds=0.2),
                stale_ttl=timedelta(hours=1),
                stale_retry=timedelta(seconds=0.1),
                tags=[f"tag:{number % 4}"],
            )
        except Exception as error:  # noqa: BLE001 - it is counted
            self.failed.append(error)
        else:
            if value != {"number": number}:
                self.wrong.append(value)
        self.took.append(loop.time() - began)


async def within(seconds: float, condition: Callable[[], bool]) -> float:
    """Wait until *condition* holds; return how long that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0.005)
    return loop.time() - began
