"""An event loop whose time passes only when there is nothing else to do, and then at once."""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from typing_extensions import override

from mainhub.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

START = 1000.0


class VirtualTime(asyncio.SelectorEventLoop):
    """Everything takes the time it would take, none of it for real; a hang is an error."""

    def __init__(self) -> None:
        self.at = START
        super().__init__(_Selector(self._pass))

    @override
    def time(self) -> float:
        return self.at

    def _pass(self, seconds: float | None) -> None:
        if seconds is None:
            raise AssertionError("nothing will ever happen again: something hangs")
        self.at += seconds


class LoopClock(Clock):
    """Tells the running loop's time."""

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.monotonic(), UTC)

    @override
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run *main* to its end, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTime) as runner:
        runner.run(main)


class _Selector(selectors.DefaultSelector):
    """Looks without waiting; whoever would wait passes the time instead."""

    def __init__(self, wait: Callable[[float | None], None]) -> None:
        super().__init__()
        self._wait = wait

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            self._wait(timeout)
        return ready
