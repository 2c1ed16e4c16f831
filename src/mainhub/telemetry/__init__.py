"""What MainHub tells about itself: logs, traces and metrics that name the same request.

For: every room, which logs an event and its facts (``get_logger``), opens a span around what takes
time (``span``) and counts with the instruments that it is given (``Metrics``); and the edge of a
process, which configures logs once (``configure``), starts the rest (``start``) and opens a span
per request (``request_span``). Not for: records that must last (``audit``), nor for anything
secret: what looks like a token is masked before it is written, as a second line of defence behind
not logging it.

Invariants: nothing happens on import and nothing is kept per module but the place in the trace;
names and labels come from code and settings, never from a caller; whoever collects all this may be
slow or away without the hub becoming so.
"""

from mainhub.telemetry import table
from mainhub.telemetry.counts import Counts
from mainhub.telemetry.logs import LogFormat, LogLevel, configure, get_logger, set_level
from mainhub.telemetry.metric import OTHER, Label, Metric
from mainhub.telemetry.metrics import Counter, Histogram, Level, Metrics, Reading
from mainhub.telemetry.options import TelemetryOptions
from mainhub.telemetry.recorder import Recorder
from mainhub.telemetry.span import Fact, Span, request_span, span
from mainhub.telemetry.start import start
from mainhub.telemetry.trace import Trace, current_trace, request_trace

__all__ = [
    "OTHER",
    "Counter",
    "Counts",
    "Fact",
    "Histogram",
    "Label",
    "Level",
    "LogFormat",
    "LogLevel",
    "Metric",
    "Metrics",
    "Reading",
    "Recorder",
    "Span",
    "TelemetryOptions",
    "Trace",
    "configure",
    "current_trace",
    "get_logger",
    "request_span",
    "request_trace",
    "set_level",
    "span",
    "start",
    "table",
]
