"""One call under a breaker, around a block."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from mainhub.resilience.judging import Outcome

__all__ = ["Guarded"]


class Guarded:
    """Enters a breaker and leaves it again, whatever happens; used once."""

    __slots__ = ("_began", "_enter", "_judge", "_leave", "_now", "_ticket")

    def __init__(
        self,
        enter: Callable[[], int],
        leave: Callable[[int, Outcome, float], None],
        judge: Callable[[BaseException], Outcome],
        now: Callable[[], float],
    ) -> None:
        self._enter = enter
        self._leave = leave
        self._judge = judge
        self._now = now
        self._ticket = 0
        self._began = 0.0

    async def __aenter__(self) -> Self:
        self._ticket = self._enter()
        self._began = self._now()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        outcome = Outcome.OK if error is None else self._judge(error)
        self._leave(self._ticket, outcome, self._now() - self._began)
