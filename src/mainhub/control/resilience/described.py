"""A pipeline in the words of the control API."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from mainhub.clock import Clock
from mainhub.resilience import CircuitBreaker, Registered

__all__ = ["PipelineState", "describe"]


class WindowState(BaseModel):
    """What the breaker has counted lately."""

    seconds: float
    calls: int
    failures: int
    slow: int
    consecutive: int


class Thresholds(BaseModel):
    """When the breaker opens, and how it closes again."""

    consecutive: int | None
    failure_rate: float | None
    min_calls: int
    slow_rate: float | None
    slow_after_seconds: float | None
    open_for_seconds: float
    open_max_seconds: float
    probes: int
    close_after: int


class Totals(BaseModel):
    """Calls since the hub started."""

    calls: int
    ok: int
    failed: int
    neutral: int
    retries: int
    timeouts: int
    hedges: int
    fallbacks: int


class Places(BaseModel):
    """How many calls may be under way, and how many may wait."""

    limit: int
    queue: int


class Interval(BaseModel):
    """What happened in the few seconds that ended *at*."""

    at: datetime
    calls: int
    failures: int
    rejected: int
    state: str | None


class StateChange(BaseModel):
    """A change of the breaker's state."""

    at: datetime
    before: str
    after: str
    cause: str
    by: str | None


class PipelineState(BaseModel):
    """A way out of the hub: how it is, what it did, and what changed."""

    name: str
    kind: str
    title: str
    state: str | None
    since: datetime | None
    cause: str | None
    changed_by: str | None
    next_probe_at: datetime | None
    paused_until: datetime | None
    window: WindowState | None
    thresholds: Thresholds | None
    totals: Totals
    rejected: dict[str, int]
    in_flight: int
    queued: int
    bulkhead: Places | None
    history: list[Interval]
    transitions: list[StateChange]


def describe(entry: Registered, *, clock: Clock) -> PipelineState:
    """Return how the pipeline of *entry* is at this moment."""
    pipeline, now = entry.pipeline, clock.now()
    breaker, bulkhead, figures = pipeline.breaker, pipeline.bulkhead, pipeline.figures
    latest = entry.changes[0].transition if entry.changes else None
    return PipelineState(
        name=pipeline.name,
        kind=entry.kind,
        title=entry.title,
        state=breaker.state if breaker else None,
        since=entry.since if breaker else None,
        cause=latest.cause if latest else None,
        changed_by=latest.by if latest else None,
        next_probe_at=_after(now, breaker.retry_in if breaker else None),
        paused_until=_after(now, pipeline.paused_for),
        window=_window(breaker) if breaker else None,
        thresholds=_thresholds(breaker) if breaker else None,
        totals=Totals.model_validate(figures, from_attributes=True),
        rejected=dict(figures.rejected),
        in_flight=bulkhead.taken if bulkhead else figures.in_flight,
        queued=len(bulkhead.waiting) if bulkhead else 0,
        bulkhead=Places(limit=bulkhead.limit, queue=bulkhead.queue) if bulkhead else None,
        history=[Interval.model_validate(one, from_attributes=True) for one in entry.moments],
        transitions=[
            StateChange(
                at=one.at,
                before=one.transition.before,
                after=one.transition.after,
                cause=one.transition.cause,
                by=one.transition.by,
            )
            for one in entry.changes
        ],
    )


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _window(breaker: CircuitBreaker) -> WindowState:
    window = breaker.window
    return WindowState(
        seconds=window.seconds,
        calls=window.calls,
        failures=window.failures,
        slow=window.slow,
        consecutive=breaker.failed_in_a_row,
    )


def _thresholds(breaker: CircuitBreaker) -> Thresholds:
    return Thresholds(
        consecutive=breaker.consecutive,
        failure_rate=breaker.failure_rate,
        min_calls=breaker.min_calls,
        slow_rate=breaker.slow_rate,
        slow_after_seconds=breaker.slow_after,
        open_for_seconds=breaker.open_for,
        open_max_seconds=breaker.open_max,
        probes=breaker.probes,
        close_after=breaker.close_after,
    )
