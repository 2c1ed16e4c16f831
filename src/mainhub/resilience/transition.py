"""The states of a circuit breaker, and what leads from one to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Cause", "Listener", "State", "Transition"]


class State(StrEnum):
    """How a breaker treats calls."""

    CLOSED = "closed"
    """Calls pass, results are counted."""
    OPEN = "open"
    """No call passes."""
    HALF_OPEN = "half-open"
    """A few calls pass, to see how things are."""
    ISOLATED = "isolated"
    """No call passes until somebody closes it: an operator's decision."""
    DISABLED = "disabled"
    """Every call passes and nothing is counted: an operator's decision."""


class Cause(StrEnum):
    """Why a breaker went from one state to another."""

    CONSECUTIVE_FAILURES = "consecutive-failures"
    FAILURE_RATE = "failure-rate"
    SLOW_RATE = "slow-rate"
    OPEN_TIME_OVER = "open-time-over"
    PROBE_FAILED = "probe-failed"
    PROBES_SUCCEEDED = "probes-succeeded"
    BY_HAND = "by-hand"
    SHARED = "shared"
    """Another process told of its own transition."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state.

    Attributes:
        breaker: the breaker's name.
        before: the state that it left.
        after: the state that it is in now.
        cause: why.
        retry_in: seconds until it lets a probe through; ``None`` in any state but OPEN.
        by: who did it, where somebody did.
    """

    breaker: str
    before: State
    after: State
    cause: Cause
    retry_in: float | None = None
    by: str | None = None


Listener = Callable[[Transition], object]
"""Told of each transition, at once; whatever it raises is logged and goes no further."""
