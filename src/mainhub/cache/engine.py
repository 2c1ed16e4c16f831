"""What a cache consists of, put together; its regions share it."""

import time
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.figures import CacheFigures
from mainhub.cache.fill import Filler
from mainhub.cache.filling import Filling
from mainhub.cache.level1 import Level1
from mainhub.cache.lookup import Looker
from mainhub.cache.port import Level2, Listener
from mainhub.cache.reach import Reach, usual_way
from mainhub.cache.reader import Level2Reader
from mainhub.cache.recovery import Recovery
from mainhub.cache.writer import Writer
from mainhub.clock import Clock
from mainhub.resilience import Pipeline

__all__ = ["Engine"]


class Engine:
    """Both levels and all that goes between them."""

    def __init__(
        self,
        level2: Level2 | None,
        *,
        max_entries: int,
        max_bytes: int,
        compress_above: int,
        max_value_bytes: int,
        way: Pipeline | None,
        clock: Clock | None,
    ) -> None:
        self.now: Callable[[], float] = time.monotonic if clock is None else clock.monotonic
        wall = _system_wall if clock is None else _wall_of(clock)
        self.figures = CacheFigures()
        self.level1 = Level1(
            max_entries=max_entries,
            max_bytes=max_bytes,
            figures=self.figures,
            linked=level2 is None,
        )
        self.level2 = level2
        self.reader: Level2Reader | None = None
        self.recovery: Recovery | None = None
        self.reach: Reach | None = None
        self.is_open = level2 is None
        if level2 is not None:
            self.reader = self._reading(level2, way or usual_way(clock), wall, max_value_bytes)
        shared: dict[str, Any] = {
            "level1": self.level1,
            "reader": self.reader,
            "figures": self.figures,
            "now": self.now,
        }
        bounds: dict[str, Any] = {
            "wall": wall,
            "most": max_value_bytes,
            "compress_above": compress_above,
        }
        filling = Filling(**shared, **bounds)
        self.filler = Filler(
            level1=self.level1, filling=filling, figures=self.figures, now=self.now
        )
        self.looker = Looker(**shared)
        self.writer = Writer(filler=self.filler, filling=filling, **shared, **bounds)
        self.hear = Hearing(self)

    def _reading(
        self, level2: Level2, way: Pipeline, wall: Callable[[], int], most: int
    ) -> Level2Reader:
        self.reach = Reach(way, self.figures)
        self.recovery = Recovery(level2, self.reach, self.figures)
        self.reach.answered = self.recovery.nudge
        self.reach.back = self.level1.end_alone
        return Level2Reader(
            level2,
            level1=self.level1,
            reach=self.reach,
            recovery=self.recovery,
            figures=self.figures,
            now=self.now,
            wall=wall,
            most=most,
        )

    def require_open(self) -> None:
        """See to it that changes are heard before anything is read.

        Raises:
            CacheArgumentInvalid: the cache has not been entered.
        """
        if not self.is_open:
            raise CacheArgumentInvalid(
                "this cache has a level 2 and is not open: write `async with cache:` around its use"
            )


class Hearing(Listener):
    """Lets level 1 and what is under way know of what has changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def changed(self, key: str) -> None:
        self._engine.level1.drop(key)
        self._engine.filler.detach(key)

    @override
    def tag_changed(self, tag: str) -> None:
        self._engine.level1.revoke(tag)
        self._engine.filler.void_where(lambda flight: tag in flight.tags)

    @override
    def linked(self) -> None:
        self._engine.level1.relink(linked=True)
        if self._engine.recovery is not None:
            self._engine.recovery.nudge()

    @override
    def unlinked(self) -> None:
        self._engine.level1.relink(linked=False)


def _system_wall() -> int:
    return time.time_ns() // 1_000_000


def _wall_of(clock: Clock) -> Callable[[], int]:
    return lambda: int(clock.now().timestamp() * 1000)
