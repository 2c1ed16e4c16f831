"""An answer that is read after the call has returned: it is not over when its head has come."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from mainhub.resilience.breaker import CircuitBreaker
from mainhub.resilience.bulkhead import Bulkhead
from mainhub.resilience.figures import Figures
from mainhub.resilience.judging import Outcome

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
    """An answer, from its opening to its end; used once, as a context manager."""

    def __init__(
        self,
        opening: Callable[[], Awaitable[T]],
        *,
        ticket: KeptTicket | None,
        place: KeptPlace | None,
        figures: Figures,
    ) -> None:
        self._opening = opening
        self._ticket = ticket
        self._place = place
        self._figures = figures
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> T:
        try:
            answer = await self._opening()
        except BaseException:  # edge: a place is given back, whatever happened
            if self._place is not None:
                self._place.give_back()
            raise
        if self._ticket is not None:
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
        if self._ticket is not None and self._ticket.settle(error) is Outcome.FAIL:
            self._figures.ok -= 1
            self._figures.failed += 1
