"""One attempt of a pipeline, around a block instead of a function."""

import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mainhub.resilience.context import CONTEXT, Surroundings
from mainhub.resilience.judging import Outcome
from mainhub.resilience.settling import Settling

if TYPE_CHECKING:
    from contextvars import Token

    from mainhub.resilience.timers import Alarm

__all__ = ["Attempt"]


class Attempt:
    """Bulkhead, breaker and time-outs around a block; used once."""

    __slots__ = (
        "_alarm",
        "_began",
        "_entered",
        "_interrupt",
        "_pipeline",
        "_ticket",
        "_token",
    )

    def __init__(self, pipeline: Settling, *, interrupt: bool) -> None:
        self._pipeline = pipeline
        self._interrupt = interrupt
        self._entered = False
        self._ticket: int | None = None
        self._alarm: Alarm | None = None
        self._token: Token[Surroundings | None] | None = None
        self._began = 0.0

    async def __aenter__(self) -> Self:
        pipeline = self._pipeline
        pipeline.figures.calls += 1
        try:
            end, self._token = pipeline._inherit(CONTEXT.get(), retries=False)
            await pipeline._queue(end)
            self._entered = pipeline.bulkhead is not None
            self._ticket = 0 if pipeline.breaker is None else pipeline.breaker.enter()
            if self._interrupt and (end is not None or pipeline.timeout is not None):
                self._alarm = pipeline._arm(end)
            self._began = time.monotonic()
        except BaseException as error:  # edge: a call that was not made is counted, too
            self._release()
            pipeline._count(error, made=False)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pipeline = self._pipeline
        ticket = self._ticket or 0
        try:
            if error is None:
                if self._alarm is not None:
                    self._alarm.put_off()
                if pipeline.breaker is not None:
                    pipeline.breaker.leave(ticket, Outcome.OK, time.monotonic() - self._began)
                pipeline.figures.ok += 1
                return
            named = pipeline._settle(error, ticket, self._alarm, self._began)
            pipeline._count(named, made=True)
        finally:
            self._release()
        if named is not error:
            raise named

    def _release(self) -> None:
        if self._entered and self._pipeline.bulkhead is not None:
            self._pipeline.bulkhead.leave()
        self._entered = False
        if self._token is not None:
            # Closed in another task, a generator by the collector perhaps, there is nothing to put
            # back: that context is not this one.
            with suppress(ValueError):
                CONTEXT.reset(self._token)
            self._token = None
