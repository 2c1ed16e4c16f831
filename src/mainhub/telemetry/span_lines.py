"""Spans as log lines: one for each that has ended."""

from collections.abc import Sequence
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode
from opentelemetry.trace.span import format_span_id, format_trace_id
from typing_extensions import override

from mainhub.telemetry.logs import get_logger

__all__ = ["SpanLines"]

log = get_logger("telemetry")

_NANOSECONDS: Final = 1_000_000


class SpanLines(SpanExporter):
    """Writes a line ``span`` with name, kind, ids, duration and facts."""

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            context = span.get_span_context()
            if context is None:
                continue
            ended, began = span.end_time or 0, span.start_time or 0
            log.info(
                "span",
                name=span.name,
                kind=span.kind.name.lower(),
                trace_id=format_trace_id(context.trace_id),
                span_id=format_span_id(context.span_id),
                parent_id=format_span_id(span.parent.span_id) if span.parent else None,
                ms=round((ended - began) / _NANOSECONDS, 1),
                failed=span.status.status_code is StatusCode.ERROR,
                facts=dict(span.attributes or {}),
            )
        return SpanExportResult.SUCCESS

    @override
    def shutdown(self) -> None:
        pass
