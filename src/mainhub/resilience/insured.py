"""A shared count that may be away: then each process enforces its share of the limit by itself.

Never unlimited, and never waited for: what is away answers in no time from the second call on.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from typing_extensions import override

from mainhub.errors import Unavailable
from mainhub.resilience.context import CONTEXT, on_its_own
from mainhub.resilience.gcra import checked_cost
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.memory import MemoryLimits
from mainhub.resilience.pipeline import Pipeline
from mainhub.resilience.port import LimitStore
from mainhub.resilience.timeout import Timeout
from mainhub.telemetry import get_logger

__all__ = ["InsuredLimits"]

log = get_logger("resilience")

_PROBE: Final = "probe"
_SOONEST: Final = 0.1
_LATEST: Final = 2.0
_REMINDED: Final = 0.2


class InsuredLimits(LimitStore):
    """Asks *shared* within a budget of time, and counts in this process while that is away.

    Whoever asks while it goes away waits for *budget* at most; everybody after that is answered
    from this process at once, while one probe at a time looks whether it is back.

    Args:
        shared: the count that all processes share.
        nodes: how many processes there are, as far as it was last known; the local limit is the
            whole divided by that.
        budget: how long an answer may take.
        local: the count in this process.
        way: the pipeline that *shared* is asked through, for who wants to see how it fares; its
            attempt time-out is the budget then.

    Attributes:
        is_local: whether this process counts by itself at present.
        answered_locally: how many times it did.
    """

    def __init__(
        self,
        shared: LimitStore,
        *,
        nodes: Callable[[], int] = lambda: 1,
        budget: timedelta = timedelta(milliseconds=50),
        local: MemoryLimits | None = None,
        way: Pipeline | None = None,
    ) -> None:
        self._shared = shared
        self._nodes = nodes
        self._way = way or Pipeline("limits", timeout=Timeout(budget))
        self._local = MemoryLimits() if local is None else local
        self._shares: dict[tuple[Limit, int, int], Limit] = {}
        self._closed = False
        self._probing: asyncio.Task[None] | None = None
        self.is_local = False
        self.answered_locally = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @override
    async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
        if not self.is_local:
            # The budget alone bounds this: a caller in a hurry could not tell whether it is away.
            token = CONTEXT.set(None)
            try:
                return await self._way.call(self._shared.take, key, limit, cost)
            except (Unavailable, OSError) as error:
                self._lost(error)
            finally:
                CONTEXT.reset(token)
        if cost != 1:
            checked_cost(cost, limit)
        self.answered_locally += 1
        return self._local.take_now(key, self._share(limit, cost), cost)

    @override
    async def aclose(self) -> None:
        self._closed = True
        # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
        while self._probing is not None and not self._probing.done():
            self._probing.cancel()
            await asyncio.wait([self._probing], timeout=_REMINDED)
        await self._shared.aclose()

    def _share(self, limit: Limit, cost: int) -> Limit:
        """Return the limit of this process by itself.

        What costs more than its whole burst is admitted to a key that is as good as new, and paid
        for at the rate of the share like anything else.
        """
        nodes = max(1, self._nodes())
        least = cost if cost > limit.at_once // nodes else 1
        key = (limit, nodes, least)
        found = self._shares.get(key)
        if found is None:
            if len(self._shares) > _MOST_SHARES:
                self._shares.clear()
            found = self._shares[key] = limit.share(nodes, least=least)
        return found

    def _lost(self, error: BaseException) -> None:
        if self.is_local:
            return
        self.is_local = True
        log.warning("limits.local", nodes=max(1, self._nodes()), caused_by=repr(error))
        if self._closed:
            return
        self._probing = on_its_own(self._until_back(), name="limits.probe")

    async def _until_back(self) -> None:
        """Look from time to time; nobody waits for this."""
        wait = _SOONEST
        while True:
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LATEST)
            try:
                await self._way.call(self._shared.take, _PROBE, _ASKED)
            except Exception as error:  # edge: whatever it is, it is looked at again
                if not isinstance(error, Unavailable | OSError):
                    log.exception("limits.probe_failed")
                continue
            self.is_local = False
            log.info("limits.shared")
            return


_MOST_SHARES: Final = 1000
# A key of its own, so that looking takes nothing from anybody.
_ASKED: Final = Limit(1000, timedelta(seconds=1))
