"""What can end a call before, or instead of, its answer; each with a reason that can be counted."""

from typing import ClassVar, Final

from mainhub.errors import Unavailable

__all__ = [
    "REASONS",
    "AttemptTimedOut",
    "BulkheadFull",
    "CircuitOpen",
    "DeadlineExceeded",
    "RateLimited",
    "Rejected",
    "Throttled",
]

REASONS: Final = (
    "circuit_open",
    "bulkhead_full",
    "budget_exhausted",
    "deadline",
    "rate_limited",
)
"""Why a call, or a retry (``budget_exhausted``), was not made."""


class Rejected(Unavailable):
    """The call was not made, or not waited for.

    Attributes:
        reason: one of :data:`REASONS`.
        name: the pipeline or limiter that said so.
        retry_after: seconds after which it is worth trying again; ``None``: nobody can tell.
    """

    reason: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        name: str = "",
        retry_after: float | None = None,
        remedy: str | None = None,
    ) -> None:
        # Not by way of the families, which have nothing to add: refusing must cost next to nothing.
        Exception.__init__(self, message)
        self.remedy = remedy
        self.name = name
        self.retry_after = retry_after


class CircuitOpen(Rejected):
    """The circuit is open: what is behind it has failed lately and is left alone for a while."""

    reason = "circuit_open"
    kind = "circuit-open"
    headline = "It is given a rest after failures"


class BulkheadFull(Rejected):
    """As many calls as allowed are under way, and as many as allowed wait."""

    reason = "bulkhead_full"
    kind = "bulkhead-full"
    headline = "Too many calls are under way"


class DeadlineExceeded(Rejected, TimeoutError):
    """The time that the whole call had is over; also a ``TimeoutError``.

    *blames* tells whether that speaks against what was called: it had all the time that the
    pipeline gives to a call, and no caller was in more of a hurry.
    """

    blames = False

    reason = "deadline"
    kind = "deadline-exceeded"
    headline = "It took too long"


class RateLimited(Rejected):
    """Too many calls in too short a time: ours to somebody, or somebody's to us.

    *admission* is what the limiter said; ``None`` where it is another system that asked for a
    pause.
    """

    reason = "rate_limited"
    kind = "rate-limited"
    headline = "Too many requests"

    def __init__(
        self,
        message: str,
        *,
        name: str = "",
        retry_after: float | None = None,
        remedy: str | None = None,
        admission: object = None,
    ) -> None:
        super().__init__(message, name=name, retry_after=retry_after, remedy=remedy)
        self.admission = admission


class AttemptTimedOut(Unavailable, TimeoutError):
    """One attempt took longer than it may; also a ``TimeoutError``. The call may have worked."""


class Throttled(Unavailable):
    """Raise it in a call when the other side asks for a pause (429, RFC 6585, section 4).

    The pipeline then makes no call for *retry_after* seconds, and its breaker does not count it.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        # Set by the pipeline that paused, so that those around it do not.
        self.is_heeded = False
