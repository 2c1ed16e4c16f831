"""The way to level 2: bounded in time, left alone while it fails, never an error of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.figures import CacheFigures
from mainhub.clock import Clock
from mainhub.errors import Invalid, Unavailable
from mainhub.resilience import CircuitBreaker, Pipeline, Rejected, Timeout
from mainhub.telemetry import get_logger

__all__ = ["Reach", "usual_way", "way_to_level2"]

log = get_logger("cache")

P = ParamSpec("P")
T = TypeVar("T")


def usual_way(clock: Clock | None = None) -> Pipeline:
    """Return a way on which nobody waits for more than 50 ms, and that is looked at each second."""
    return way_to_level2("cache", clock)


def way_to_level2(name: str, clock: Clock | None = None) -> Pipeline:
    """Return such a way under the name *name*.

    No few failures in a row open its circuit: a process that is busy for a moment misses many
    answers at once, though the server is well. A server that is silent loses its link anyway.
    """
    second = timedelta(seconds=1)
    breaker = CircuitBreaker(
        consecutive=None,
        failure_rate=0.5,
        min_calls=20,
        window=timedelta(seconds=2),
        open_for=second,
        open_max=second,
        close_after=1,
        clock=clock,
    )
    return Pipeline(name, breaker=breaker, timeout=Timeout(timedelta(milliseconds=40)))


class Reach:
    """Makes every call to level 2.

    Attributes:
        answered: called after each answer.
        back: called after the first answer that follows a failure.
        returns: how often there was such an answer.
    """

    def __init__(self, way: Pipeline, figures: CacheFigures) -> None:
        self.way = way
        self.answered: Callable[[], None] = _nothing
        self.back: Callable[[], None] = _nothing
        self.returns = 0
        self._is_away = False
        self._figures = figures

    async def call(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *fn* of level 2 returns.

        Raises:
            CacheUnavailable: it does not answer, whatever the reason.
        """
        try:
            result = await self.way.call(fn, *args, **kwargs)
        except Rejected as error:
            self._is_away = True
            raise CacheUnavailable("level 2 is left alone") from error
        except (Unavailable, OSError, Invalid) as error:
            self._failed()
            raise CacheUnavailable("level 2 does not answer") from error
        except Exception as error:  # edge: an adapter is a plug-in, and a cache no cause of errors
            self._failed()
            log.exception("cache.level2_failed")
            raise CacheUnavailable("level 2 failed") from error
        if self._is_away:
            self._is_away = False
            self.returns += 1
            self.back()
        self.answered()
        return result

    def _failed(self) -> None:
        self._figures.l2_errors += 1
        self._is_away = True

    @property
    def is_well(self) -> bool:
        """Whether calls are let through, as far as is known."""
        return self.way.breaker is None or self.way.breaker.lets_retry

    async def pages(self, scan: AsyncIterator[list[str]]) -> AsyncIterator[list[str]]:
        """Yield what *scan* of level 2 yields, each within the time of one call.

        Raises:
            CacheUnavailable: it does not answer, whatever the reason.
        """
        while (page := await self.call(_next, scan)) is not None:
            yield page


async def _next(scan: AsyncIterator[list[str]]) -> list[str] | None:
    return await anext(scan, None)


def _nothing() -> None:
    """Do nothing."""
