"""Asking a second time when the first answer is late: for reads alone, and within a budget."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from mainhub.resilience import bounds
from mainhub.resilience.budget import Budget
from mainhub.resilience.failures import Rejected
from mainhub.resilience.figures import Figures

__all__ = ["Hedge", "race"]

T = TypeVar("T")
_REAPED: Final = 0.05


class Hedge:
    """When to ask again, and how often; the first good answer counts, the others are cancelled.

    Only for calls that change nothing: both may reach the other side.

    Args:
        after: how long the answer may take before somebody else is asked, too: the time within
            which nearly all answers come.
        most: how many are asked besides the first.
        budget: what bounds them, as it bounds retries.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    def __init__(self, after: timedelta, *, most: int = 1, budget: Budget | None = None) -> None:
        self.after = bounds.seconds(after, "after")
        self.most = bounds.count(most, "most")
        self.budget = Budget(0.1) if budget is None else budget
        if not isinstance(self.budget, Budget):
            raise TypeError(f"budget={budget!r}: write budget=Budget(0.1)")


async def race(hedge: Hedge, figures: Figures, ask: Callable[[], Awaitable[T]]) -> T:
    """Return the first good answer of *ask*, which is called again whenever it is late.

    When all fail, the first failure goes on. Whoever has not answered by then is cancelled.
    """
    hedge.budget.earned += 1
    asked: list[asyncio.Future[T]] = [asyncio.ensure_future(ask())]
    failure: BaseException | None = None
    affordable = True
    try:
        while True:
            under_way = [one for one in asked if not one.done()]
            may_ask = affordable and len(asked) <= hedge.most and failure is None
            patience = hedge.after if may_ask else None
            done, _ = await asyncio.wait(
                under_way, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            for one in done:
                error = one.exception()
                if error is None:
                    return one.result()
                failure = _more_telling(failure, error)
            if failure is not None and all(one.done() for one in asked):
                raise failure
            if not done and hedge.budget.spend():
                figures.hedges += 1
                asked.append(asyncio.ensure_future(ask()))
            elif not done:
                figures.rejected["budget_exhausted"] += 1
                affordable = False
    finally:
        late = [one for one in asked if not one.done()]
        for one in late:
            one.cancel()
        if late:
            # They end by themselves; an answer that is there does not wait for long.
            await asyncio.wait(late, timeout=_REAPED)
        for one in asked:
            one.add_done_callback(_looked_at)


def _more_telling(failure: BaseException | None, error: BaseException) -> BaseException:
    """Return *error*, unless a *failure* before it says more than a refusal to call once more."""
    return error if failure is None or isinstance(failure, Rejected) else failure


def _looked_at(one: "asyncio.Future[Any]") -> None:
    # Or asyncio would complain of a failure that nobody waits for.
    if not one.cancelled():
        one.exception()
