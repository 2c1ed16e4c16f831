"""What MainHub tells about itself: structured logs that carry request and trace.

For: every room, which logs an event and its facts (``get_logger``), and the edge of a process,
which configures output once (``configure``) and opens a trace per request (``request_trace``).
Not for: records that must last (``audit``), nor for anything secret: what looks like a token is
masked before it is written, as a second line of defence behind not logging it.
"""

from mainhub.telemetry.logs import LogFormat, LogLevel, configure, get_logger
from mainhub.telemetry.trace import Trace, current_trace, request_trace

__all__ = [
    "LogFormat",
    "LogLevel",
    "Trace",
    "configure",
    "current_trace",
    "get_logger",
    "request_trace",
]
