"""Asking a second time when the first answer is late: for reads alone, and within a budget."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from mainhub.resilience import bounds
from mainhub.resilience.budget import Budget
from mainhub.resilience.figures import Figures

__all__ = ["Hedge", "race"]

T = TypeVar("T")


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


async def race(hedge: Hedge, figures: Figures, ask: Callable[[], Awaitable[T]]) -> T:
    """Return the first good answer of *ask*, which is called again whenever it is late.

    When all fail, the first failure goes on. Whoever has not answered by then is cancelled, and
    waited for.
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
                failure = failure or error
            if failure is not None and all(one.done() for one in asked):
                raise failure
            if not done and hedge.budget.spend():
                figures.hedges += 1
                asked.append(asyncio.ensure_future(ask()))
            elif not done:
                figures.rejected["budget_exhausted"] += 1
                affordable = False
    finally:
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
