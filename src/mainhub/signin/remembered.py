"""A provider's document: fetched once for all who ask, fresh for an hour, good for a day."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from mainhub.clock import Clock
from mainhub.resilience import on_its_own
from mainhub.signin.failures import ProviderUnavailable
from mainhub.telemetry import get_logger

__all__ = ["Remembered"]

log = get_logger("signin")

_T = TypeVar("_T")
# Seconds, measured by a clock that never goes back.
_FRESH: Final = 3600.0
_STALE: Final = 24 * 3600.0
_APART: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Kept(Generic[_T]):
    value: _T
    at: float


class Remembered(Generic[_T]):
    """What *fetch* returns, kept; *name* says what it is when fetching fails.

    While a provider hangs, everybody waits for one fetch, not each for their own behind the others.
    """

    def __init__(self, name: str, fetch: Callable[[], Awaitable[_T]], *, clock: Clock) -> None:
        self._name = name
        self._fetch = fetch
        self._clock = clock
        self._kept: _Kept[_T] | None = None
        self._tried_again: float | None = None
        self._failing = False
        self._under_way: asyncio.Task[_T] | None = None

    async def get(self, *, newer: bool = False) -> _T:
        """Return the document, at most an hour old unless fetching fails; then at most a day.

        *newer* asks for one that was not seen before, and gets no old one in its place. What is
        kept is fetched again at most once in 30 s, whoever asks how often, so that a flood of
        unknown key ids costs a provider nothing, nor a failing provider everybody its time-out.

        Raises:
            ProviderUnavailable: there is none that could be used.
        """
        kept, now = self._kept, self._clock.monotonic()
        if kept is not None and not newer and now - kept.at < _FRESH:
            return kept.value
        if kept is not None and self._under_way is None:
            tried = self._tried_again
            if tried is not None and now - tried < _APART and now - kept.at < _STALE:
                if newer and self._failing:
                    raise ProviderUnavailable(f"{self._name} could not be fetched again")
                return kept.value
            self._tried_again = now
        try:
            return await asyncio.shield(self._fetching())
        except ProviderUnavailable as error:
            if newer or kept is None or now - kept.at >= _STALE:
                raise
            log.warning("signin.stale", document=self._name, caused_by=str(error))
            return kept.value

    async def aclose(self) -> None:
        """Give up the fetch under way, if there is one."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait([self._under_way])

    def _fetching(self) -> asyncio.Task[_T]:
        if self._under_way is None:
            self._under_way = on_its_own(self._fetched())
            self._under_way.add_done_callback(self._done)
        return self._under_way

    async def _fetched(self) -> _T:
        self._failing = True
        value = await self._fetch()
        self._failing = False
        self._kept = _Kept(value, self._clock.monotonic())
        return value

    def _done(self, task: asyncio.Task[_T]) -> None:
        self._under_way = None
        if not task.cancelled():
            # Looked at, or asyncio would complain when everybody who waited has gone.
            task.exception()
