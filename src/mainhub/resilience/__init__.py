"""Whatever is called can refuse, hang, drip, lie or storm; here is what to do about it.

For: everything that MainHub calls, and other services, which import this room as a library. A
:class:`Pipeline` is a named way to something that may fail; each part of it also works by itself.
Not for: HTTP (``outbound``, ``gateway``), nor for deciding what is fetched instead (the caller's
fallback does).

Invariants: nothing is awaited between looking and counting, so that one event loop needs no lock;
every way out of a call is told to its breaker; what was cancelled, or cut short by the caller's own
deadline, speaks against nobody; waits and durations are of clocks that never go back.
"""

from mainhub.resilience.breaker import CircuitBreaker
from mainhub.resilience.budget import Budget
from mainhub.resilience.bulkhead import Bulkhead
from mainhub.resilience.context import on_its_own
from mainhub.resilience.deadline import HEADER as DEADLINE_HEADER
from mainhub.resilience.deadline import Deadline
from mainhub.resilience.failures import (
    REASONS,
    AttemptTimedOut,
    BulkheadFull,
    CircuitOpen,
    DeadlineExceeded,
    RateLimited,
    Rejected,
    Throttled,
)
from mainhub.resilience.figures import Figures
from mainhub.resilience.hedge import Hedge
from mainhub.resilience.insured import InsuredLimits
from mainhub.resilience.judging import Errors, Outcome, is_failure
from mainhub.resilience.layer import (
    ATTEMPT_HEADER,
    attempt_header,
    attempt_number,
    attempting,
    parse_attempt,
)
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.limiter import RateLimiter, limit_headers
from mainhub.resilience.memory import MemoryLimits
from mainhub.resilience.pipeline import Pipeline
from mainhub.resilience.port import LimitStore
from mainhub.resilience.registry import Changed, Moment, Pipelines, Registered, UnknownPipeline
from mainhub.resilience.retry import BadResult, Retry, Retrying, is_idempotent
from mainhub.resilience.retry_after import parse_retry_after
from mainhub.resilience.timeout import Timeout
from mainhub.resilience.transition import Cause, State, Transition

__all__ = [
    "ATTEMPT_HEADER",
    "DEADLINE_HEADER",
    "REASONS",
    "Admission",
    "AttemptTimedOut",
    "BadResult",
    "Budget",
    "Bulkhead",
    "BulkheadFull",
    "Cause",
    "Changed",
    "CircuitBreaker",
    "CircuitOpen",
    "Deadline",
    "DeadlineExceeded",
    "Errors",
    "Figures",
    "Hedge",
    "InsuredLimits",
    "Limit",
    "LimitStore",
    "MemoryLimits",
    "Moment",
    "Outcome",
    "Pipeline",
    "Pipelines",
    "RateLimited",
    "RateLimiter",
    "Registered",
    "Rejected",
    "Retry",
    "Retrying",
    "State",
    "Throttled",
    "Timeout",
    "Transition",
    "UnknownPipeline",
    "attempt_header",
    "attempt_number",
    "attempting",
    "is_failure",
    "is_idempotent",
    "limit_headers",
    "on_its_own",
    "parse_attempt",
    "parse_retry_after",
]
