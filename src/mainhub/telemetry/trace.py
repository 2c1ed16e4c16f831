"""The trace that a request belongs to (W3C Trace Context, https://www.w3.org/TR/trace-context/)."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

__all__ = ["Trace", "current_trace", "entered", "request_trace"]

# Version 00 only, as section 3.2 gives it; a later version's longer form is taken for absent.
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: one span of this hub.

    *trace_id* is 32 hex digits, *span_id* 16 (this hub's own), *request_id* is the hub's name for
    this one request and never taken from outside. *parent_id* is the span before, if there is one.
    """

    trace_id: str
    span_id: str
    request_id: str
    sampled: bool = True
    parent_id: str | None = None

    @classmethod
    def begin(cls, traceparent: str | None = None) -> "Trace":
        """Continue the caller's trace if *traceparent* is well formed, else start one."""
        match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
        return cls(
            trace_id=match[1] if match else secrets.token_hex(16),
            span_id=secrets.token_hex(8),
            request_id=secrets.token_hex(8),
            sampled=bool(int(match[3], 16) & 1) if match else True,
            parent_id=match[2] if match else None,
        )

    def child(self) -> "Trace":
        """Return the next span within this one."""
        span_id = secrets.token_hex(8)
        return Trace(self.trace_id, span_id, self.request_id, self.sampled, self.span_id)

    @property
    def traceparent(self) -> str:
        """The header to send on, naming this hub's span as the parent."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_CURRENT: ContextVar[Trace | None] = ContextVar("mainhub_trace", default=None)


def current_trace() -> Trace:
    """Return the trace of the request being served, or a new one outside any request."""
    return _CURRENT.get() or Trace.begin()


@contextmanager
def request_trace(traceparent: str | None) -> Iterator[Trace]:
    """Open the trace of one request; all logs inside carry its ids."""
    trace = Trace.begin(traceparent)
    with entered(trace):
        yield trace


@contextmanager
def entered(trace: Trace) -> Iterator[None]:
    """Make *trace* the current one; all logs inside carry its ids."""
    before = _CURRENT.get()
    token = _CURRENT.set(trace)
    facts = None
    if before is None or before.request_id != trace.request_id:
        facts = structlog.contextvars.bind_contextvars(
            trace_id=trace.trace_id, request_id=trace.request_id
        )
    try:
        yield
    finally:
        if facts is not None:
            structlog.contextvars.reset_contextvars(**facts)
        _CURRENT.reset(token)
