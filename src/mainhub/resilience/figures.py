"""What a pipeline has done: plain numbers that somebody may read, at no cost for the calls."""

from mainhub.resilience.failures import REASONS

__all__ = ["Figures"]


class Figures:
    """Totals since the start; those of calls add up once none is under way.

    Attributes:
        calls: begun.
        ok: came back with an answer.
        failed: came back with a failure, after all attempts.
        neutral: were cancelled, cut short by the caller's deadline, or the caller's own fault.
        retries: further attempts made.
        timeouts: attempts that took too long.
        hedges: further attempts made because the first was late.
        fallbacks: failures that a fallback answered.
        rejected: calls that were not made by reason; for ``budget_exhausted``, retries.
        paused_until: until when, by the loop's clock, the other side asked for a pause.
    """

    __slots__ = (
        "calls",
        "failed",
        "fallbacks",
        "hedges",
        "neutral",
        "ok",
        "paused_until",
        "rejected",
        "retries",
        "timeouts",
    )

    def __init__(self) -> None:
        self.calls = self.ok = self.failed = self.neutral = 0
        self.retries = self.timeouts = self.hedges = self.fallbacks = 0
        self.rejected = dict.fromkeys(REASONS, 0)
        self.paused_until: float | None = None

    @property
    def refused(self) -> int:
        """Calls that were not made."""
        return sum(self.rejected.values()) - self.rejected["budget_exhausted"]

    @property
    def in_flight(self) -> int:
        """Calls that have begun and not ended."""
        return self.calls - self.ok - self.failed - self.neutral - self.refused
