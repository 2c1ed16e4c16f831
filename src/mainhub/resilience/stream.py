"""An answer that is read after the call has returned: it is not over when its head has come."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from mainhub.resilience.breaker import CircuitBreaker
from mainhub.resilience.bulkhead import Bulkhead
from mainhub.resilience.figures import Figures
from mainhub.resilience.judging import Outcome, is_failure

__all__ = ["KeptPlace", "KeptTicket", "Stream"]

T = TypeVar("T")
# An answer that flows for so long says that the other side works, whatever comes later.
_SETTLED: Final = timedelta(seconds=5)


class KeptTicket:
    """Stands in for a breaker while an answer is opened, and keeps the ticket of a good opening."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker
        self._ticket: int | None = None
        self._took = 0.0
        self._settled = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the breaker has
        return getattr(self._breaker, name)

    def leave(self, ticket: int, outcome: Outcome, took: float = 0.0) -> None:
        """Pass on how an opening failed; keep the ticket of one that did not."""
        if outcome is Outcome.OK:
            self._ticket, self._took = ticket, took
        else:
            self._breaker.leave(ticket, outcome, took)

    def leave_at_once(self, ticket: int, outcome: Outcome, took: float = 0.0) -> None:
        """Pass on how an attempt went that is not the one to be read."""
        self._breaker.leave(ticket, outcome, took)

    def settle(self, error: BaseException | None) -> Outcome:
        """Tell the breaker how the answer ended; return what that says of the other side."""
        outcome = Outcome.OK
        if error is not None:
            outcome = self._breaker.judge(error)
        # A second word on the same call counts where it is a bad one.
        if self._ticket is not None and (not self._settled or outcome is Outcome.FAIL):
            self._settled = True
            self._breaker.leave(self._ticket, outcome, self._took)
        return outcome


class KeptPlace:
    """Stands in for a bulkhead while an answer is opened, and keeps the place after that."""

    def __init__(self, bulkhead: Bulkhead) -> None:
        self._bulkhead = bulkhead
        self._kept = False
        self.try_enter = bulkhead.try_enter
        self.enter = bulkhead.enter

    def leave(self) -> None:
        """Keep the place."""
        self._kept = True

    def give_back(self) -> None:
        """Give it back, once."""
        if self._kept:
            self._kept = False
            self._bulkhead.leave()


class Stream(Generic[T]):
    """An answer, from its opening to its end; used once, as a context manager.

    Attributes:
        opening: opens it, by way of :meth:`opened`.
    """

    opening: Callable[[], Awaitable[T]]

    def __init__(
        self, *, ticket: KeptTicket | None, place: KeptPlace | None, figures: Figures
    ) -> None:
        self._ticket = ticket
        self._place = place
        self._figures = figures
        self._timer: asyncio.TimerHandle | None = None
        self._opened: list[T] = []
        self._is_real = False

    async def opened(self, fn: Callable[[], Awaitable[T]]) -> T:
        """Return what *fn* returns, and remember that it was no fallback's."""
        answer = await fn()
        self._opened = [answer]
        return answer

    async def __aenter__(self) -> T:
        try:
            answer = await self.opening()
        except BaseException:  # edge: a place is given back, whatever happened
            if self._place is not None:
                self._place.give_back()
            raise
        self._is_real = bool(self._opened) and self._opened[0] is answer
        if self._ticket is not None and self._is_real:
            self._timer = asyncio.get_running_loop().call_later(
                _SETTLED.total_seconds(), self._ticket.settle, None
            )
        return answer

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._place is not None:
            self._place.give_back()
        if not self._is_real:
            # The failure that a fallback answered is counted already.
            return
        if self._ticket is not None:
            outcome = self._ticket.settle(error)
        elif error is None:
            outcome = Outcome.OK
        else:
            bad = isinstance(error, Exception) and is_failure(error)
            outcome = Outcome.FAIL if bad else Outcome.NEUTRAL
        if outcome is Outcome.OK:
            self._figures.ok += 1
        elif outcome is Outcome.FAIL:
            self._figures.failed += 1
        else:
            self._figures.neutral += 1
