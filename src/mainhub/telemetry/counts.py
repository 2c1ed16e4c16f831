"""What happens in rooms that count nothing themselves; ``app`` ties these to their callbacks."""

from collections.abc import Callable, Container

from mainhub.telemetry.metric import OTHER
from mainhub.telemetry.metrics import Metrics
from mainhub.telemetry.table import (
    AUDIT_ENTRIES,
    EVENTS_EMITTED,
    FRONTEND_ERRORS,
    SESSIONS_ENDED,
    SESSIONS_OPENED,
    SIGN_INS,
    STREAMS_ENDED,
    STREAMS_OPEN,
)

__all__ = ["Counts"]


class Counts:
    """One method for each thing that happens."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._opened = metrics.counter(SESSIONS_OPENED)
        self._ended = metrics.counter(SESSIONS_ENDED)
        self._sign_ins = metrics.counter(SIGN_INS)
        self._emitted = metrics.counter(EVENTS_EMITTED)
        self._streams_ended = metrics.counter(STREAMS_ENDED)
        self._frontend_errors = metrics.counter(FRONTEND_ERRORS)
        self._audited = metrics.counter(AUDIT_ENTRIES)

    def session_opened(self) -> None:
        """Count a session that began."""
        self._opened.add()

    def session_ended(self, reason: str) -> None:
        """Count a session that ended for *reason*."""
        self._ended.add(reason=reason)

    def sign_in(self, provider: str, outcome: str) -> None:
        """Count a sign-in at *provider*, a name from settings: done, refused or failed."""
        self._sign_ins.add(provider=provider, outcome=outcome)

    def event(self, kind: str) -> None:
        """Count an event of type *kind*, which the catalogue knows."""
        self._emitted.add(type=kind)

    def streams(self, read: Callable[[], int]) -> None:
        """Ask *read* how many streams are open; it may be asked from another thread."""
        self._metrics.gauge(STREAMS_OPEN, lambda: [(read(), {})])

    def stream_ended(self, reason: str) -> None:
        """Count a stream that ended for *reason*."""
        self._streams_ended.add(reason=reason)

    def frontend_error(self, app: object, registered: Container[str]) -> None:
        """Count an error that a page told of *app*; pages may say any name."""
        known = isinstance(app, str) and app in registered
        self._frontend_errors.add(app=str(app) if known else OTHER)

    def audited(self, action: str, outcome: str) -> None:
        """Count an entry of the audit record."""
        self._audited.add(action=action, outcome=outcome)
