"""Spans: what a request spent its time on, told by name, kind and a few facts.

A span's name and facts come from code and settings, never from what a caller sent: no query, token,
cookie, e-mail or address of a person. A failure is told by its type alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from opentelemetry.trace import Span as SdkSpan
from opentelemetry.trace import Status, StatusCode

from mainhub.telemetry.recorder import Recorder
from mainhub.telemetry.trace import Trace, current_trace, entered

__all__ = ["Fact", "Kind", "Span", "request_span", "span"]

Kind = Literal["internal", "client", "server"]
Fact = str | int | float | bool
_RECORDER: ContextVar[Recorder | None] = ContextVar("mainhub_recorder", default=None)


class Span:
    """One span while it lasts; where nothing is recorded, all of it costs nothing.

    Attributes:
        trace: its place in the trace; ``trace.traceparent`` is what to send on.
    """

    __slots__ = ("_failed", "_recorded", "trace")

    def __init__(self, trace: Trace, recorded: SdkSpan | None = None) -> None:
        self.trace = trace
        self._recorded = recorded
        self._failed = False

    @property
    def is_recorded(self) -> bool:
        """Whether what is told here is kept."""
        return self._recorded is not None

    def rename(self, name: str) -> None:
        """Call the span *name*, once that is known."""
        if self._recorded is not None:
            self._recorded.update_name(name)

    def tell(self, **facts: Fact | None) -> None:
        """Add *facts*, named by semantic conventions; ``None`` is left out."""
        if self._recorded is not None:
            for name, value in facts.items():
                if value is not None:
                    self._recorded.set_attribute(name, value)

    def fail(self, kind: str) -> None:
        """Mark the span as failed by *kind*: a type or a status, no message. The first counts."""
        if self._recorded is not None and not self._failed:
            self._failed = True
            self._recorded.set_attribute("error.type", kind)
            self._recorded.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        """End the span; it is exported if it is recorded."""
        if self._recorded is not None:
            self._recorded.end()


@contextmanager
def span(name: str, kind: Kind = "internal", **facts: Fact) -> Iterator[Span]:
    """Open a span within the current one; an exception that passes through marks it as failed."""
    before = current_trace()
    recorder = _RECORDER.get()
    if recorder is None:
        child = before.child()
        with entered(child):
            yield Span(child)
        return
    recorded = recorder.begin(name, kind, recorder.within(before), facts)
    opened = Span(recorder.placed(before, recorded, parent_id=before.span_id), recorded)
    with entered(opened.trace), _ended(opened):
        yield opened


@contextmanager
def request_span(
    name: str, traceparent: str | None, recorder: Recorder | None, **facts: Fact
) -> Iterator[Span]:
    """Open the span of one request that came in, in the caller's trace if it is well formed.

    *recorder* records it and all spans within it; without one there are ids only.
    """
    trace = Trace.begin(traceparent)
    opened = Span(trace)
    if recorder is not None:
        recorded = recorder.begin(name, "server", recorder.first(trace), facts)
        opened = Span(recorder.placed(trace, recorded, parent_id=trace.parent_id), recorded)
    token = _RECORDER.set(recorder)
    try:
        with entered(opened.trace), _ended(opened):
            yield opened
    finally:
        _RECORDER.reset(token)


@contextmanager
def _ended(opened: Span) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        opened.fail(type(error).__name__)
        raise
    finally:
        opened.end()
