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

__all__ = ["Reach", "usual_way"]

log = get_logger("cache")

P = ParamSpec("P")
T = TypeVar("T")


def usual_way(clock: Clock | None = None) -> Pipeline:
    """Return a way on which nobody waits for more than 50 ms, and that is looked at each second."""
    second = timedelta(seconds=1)
    return Pipeline(
        "cache",
        breaker=CircuitBreaker(
            consecutive=3, open_for=second, open_max=second, close_after=1, clock=clock
        ),
        timeout=Timeout(timedelta(milliseconds=40)),
    )


class Reach:
    """Makes every call to level 2.

    Attributes:
        answered: called after each answer.
    """

    def __init__(self, way: Pipeline, figures: CacheFigures) -> None:
        self.way = way
        self.answered: Callable[[], None] = _nothing
        self._figures = figures

    async def call(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *fn* of level 2 returns.

        Raises:
            CacheUnavailable: it does not answer, whatever the reason.
        """
        try:
            result = await self.way.call(fn, *args, **kwargs)
        except Rejected as error:
            raise CacheUnavailable("level 2 is left alone") from error
        except (Unavailable, OSError, Invalid) as error:
            self._figures.l2_errors += 1
            raise CacheUnavailable("level 2 does not answer") from error
        except Exception as error:  # edge: an adapter is a plug-in, and a cache no cause of errors
            self._figures.l2_errors += 1
            log.exception("cache.level2_failed")
            raise CacheUnavailable("level 2 failed") from error
        self.answered()
        return result

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
