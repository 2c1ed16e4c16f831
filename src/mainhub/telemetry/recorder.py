"""Where spans are recorded: OpenTelemetry's tracer behind our own idea of a trace."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.trace.span import format_span_id, format_trace_id

from mainhub.telemetry.trace import Trace

__all__ = ["Recorder"]

_KINDS: Final = {
    "internal": SpanKind.INTERNAL,
    "client": SpanKind.CLIENT,
    "server": SpanKind.SERVER,
}


class Recorder:
    """Begins spans of *tracer*."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def begin(
        self,
        name: str,
        kind: str,
        context: Context,
        facts: Mapping[str, str | int | float | bool],
    ) -> Span:
        """Return a new span *name* in *context*."""
        return self._tracer.start_span(
            name,
            context,
            _KINDS[kind],
            attributes=facts,
            # An exception's text may hold anything; its type is told by whoever sees it.
            record_exception=False,
            set_status_on_exception=False,
        )

    def first(self, trace: Trace) -> Context:
        """Return the context of a request's first span: the caller's, if it sent one."""
        return self._context(trace, trace.parent_id, remote=True)

    def within(self, trace: Trace) -> Context:
        """Return the context of a span within *trace*."""
        return self._context(trace, trace.span_id, remote=False)

    @staticmethod
    def placed(trace: Trace, span: Span, *, parent_id: str | None) -> Trace:
        """Return *trace* with *span*, which follows *parent_id*, as its place."""
        context = span.get_span_context()
        return replace(
            trace,
            trace_id=format_trace_id(context.trace_id),
            span_id=format_span_id(context.span_id),
            sampled=context.trace_flags.sampled,
            parent_id=parent_id,
        )

    @staticmethod
    def _context(trace: Trace, span_id: str | None, *, remote: bool) -> Context:
        # Never the context that OpenTelemetry keeps for the process: ours says where we are.
        if span_id is None:
            return Context()
        flags = TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT)
        parent = SpanContext(int(trace.trace_id, 16), int(span_id, 16), remote, flags)
        return set_span_in_context(NonRecordingSpan(parent), Context())
