"""The named pipelines of a process: what there is, how it has been, and what changed."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mainhub.clock import Clock, SystemClock
from mainhub.errors import Conflict, NotFound
from mainhub.resilience import bounds
from mainhub.resilience.pipeline import Pipeline
from mainhub.resilience.transition import State, Transition
from mainhub.telemetry import get_logger

__all__ = ["Changed", "Moment", "Pipelines", "Registered", "UnknownPipeline"]

log = get_logger("resilience")

_KEPT_CHANGES: Final = 20
_KEPT_MOMENTS: Final = 120


class UnknownPipeline(NotFound):
    """There is no pipeline of that name."""

    kind = "unknown-pipeline"
    headline = "There is no such pipeline"


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened in the interval that ended *at*, and the state that it ended in."""

    at: datetime
    calls: int
    failures: int
    rejected: int
    state: State | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A transition, and when it was."""

    at: datetime
    transition: Transition


class Registered:
    """A pipeline with its history.

    Attributes:
        pipeline: the pipeline.
        kind: what sort of thing is behind it, such as ``service``.
        title: what people call that.
        since: when its breaker came into its state.
        changes: its latest transitions, newest first.
        moments: the latest intervals, oldest first.
    """

    def __init__(self, pipeline: Pipeline, kind: str, title: str, since: datetime) -> None:
        self.pipeline = pipeline
        self.kind = kind
        self.title = title
        self.since = since
        self.changes: deque[Changed] = deque(maxlen=_KEPT_CHANGES)
        self.moments: deque[Moment] = deque(maxlen=_KEPT_MOMENTS)
        self._seen = (0, 0, 0)

    def look(self, at: datetime) -> None:
        """Add the interval that ends *at*."""
        figures, breaker = self.pipeline.figures, self.pipeline.breaker
        now = (figures.calls, figures.failed, figures.refused)
        calls, failures, rejected = (new - old for new, old in zip(now, self._seen, strict=True))
        self._seen = now
        state = breaker.state if breaker else None
        # An answer that broke off after its interval was counted takes nothing back.
        self.moments.append(Moment(at, calls, max(0, failures), max(0, rejected), state))


class Pipelines:
    """The pipelines by name; there are few, and never more than *most*.

    Args:
        every: the length of an interval of their history.
        most: how many there may be.
        clock: the time of day.

    Raises:
        ValueError, TypeError: an argument makes no sense; the message says what to write.
    """

    def __init__(
        self,
        *,
        every: timedelta = timedelta(seconds=5),
        most: int = 256,
        clock: Clock | None = None,
    ) -> None:
        self.every = every
        self._seconds = bounds.seconds(every, "every")
        self._most = bounds.count(most, "most")
        self._clock = clock or SystemClock()
        self._known: dict[str, Registered] = {}
        self._listeners: list[Callable[[Registered, Transition], object]] = []

    def add(self, pipeline: Pipeline, *, kind: str = "other", title: str = "") -> Pipeline:
        """Register *pipeline* and return it.

        Raises:
            Conflict: the name is taken, or there are too many.
        """
        if not isinstance(pipeline, Pipeline):
            raise TypeError(f"{pipeline!r} is no pipeline: write Pipeline('erp', ...)")
        if pipeline.name in self._known:
            raise Conflict(f"there is a pipeline named {pipeline.name} already")
        if len(self._known) >= self._most:
            raise Conflict(f"there are {self._most} pipelines, and no more are kept")
        entry = Registered(pipeline, kind, title or pipeline.name, self._clock.now())
        self._known[pipeline.name] = entry
        if pipeline.breaker is not None:
            pipeline.breaker.listen(lambda told: self._changed(entry, told))
        return pipeline

    def get(self, name: str) -> Registered:
        """Return the pipeline called *name*.

        Raises:
            UnknownPipeline: there is none.
        """
        found = self._known.get(name)
        if found is None:
            raise UnknownPipeline("there is no pipeline of that name")
        return found

    def __iter__(self) -> Iterator[Registered]:
        return iter(tuple(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def listen(self, listener: Callable[[Registered, Transition], object]) -> None:
        """Tell *listener* of each transition of a breaker."""
        self._listeners.append(listener)

    def look(self) -> None:
        """Add an interval to the history of each."""
        now = self._clock.now()
        for entry in self._known.values():
            entry.look(now)

    async def watch(self, until: asyncio.Event) -> None:
        """Keep the history until the event is set; its owner runs this as a task."""
        while not until.is_set():
            try:
                await asyncio.wait_for(until.wait(), self._seconds)
            except TimeoutError:
                self.look()

    def _changed(self, entry: Registered, told: Transition) -> None:
        entry.since = self._clock.now()
        entry.changes.appendleft(Changed(entry.since, told))
        for listener in tuple(self._listeners):
            try:
                listener(entry, told)
            except Exception:  # edge: a listener is a plug-in
                log.exception("resilience.listener_failed", pipeline=entry.pipeline.name)
