"""What protects a way to something that may fail: the same tables wherever there is such a way.

What each value does, and why its default is what it is, stands in ``docs/resilience.md``.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from mainhub.settings.duration import Duration
from mainhub.settings.section import Count, Section

__all__ = [
    "Breaker",
    "Bulkhead",
    "CallLimit",
    "DatabaseBreaker",
    "Limit",
    "Limits",
    "ProviderBreaker",
    "ProviderRetry",
    "Retry",
    "SignInLimit",
]

_MOST_ATTEMPTS = 10


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a share such as 0.5")  # noqa: TRY004  pydantic reports ValueError only
    return value


Share = Annotated[float, BeforeValidator(_no_truth), Field(gt=0, le=1)]
"""A share: above 0, up to 1."""


class Breaker(Section):
    """When a way is closed to calls, and when it is tried again."""

    consecutive: Count = 5
    failure_rate: Share = 0.5
    min_calls: Count = 20
    window: Duration = timedelta(seconds=10)
    slow_rate: Share | None = None
    slow_after: Duration | None = None
    open_for: Duration = timedelta(seconds=60)
    open_max: Duration = timedelta(minutes=5)
    probes: Annotated[Count, Field(le=100)] = 1
    close_after: Annotated[Count, Field(le=100)] = 2

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield the key, and the reason with its remedy, of what clashes within."""
        if self.open_max < self.open_for:
            yield "open_max", "is shorter than open_for; make it as long or longer"
        if self.slow_rate is not None and self.slow_after is None:
            yield "slow_rate", "says nothing without slow_after; set that too"


class ProviderBreaker(Breaker):
    """Shorter, since nobody can sign in meanwhile."""

    open_for: Duration = timedelta(seconds=10)
    open_max: Duration = timedelta(seconds=60)


class DatabaseBreaker(Breaker):
    """Shorter still, since the hub itself stands on it."""

    open_for: Duration = timedelta(seconds=1)
    open_max: Duration = timedelta(seconds=10)
    # Requests come by the dozen, and each asks it several times.
    probes: Annotated[Count, Field(le=100)] = 10


class Retry(Section):
    """Further attempts at what may safely be asked twice."""

    attempts: Annotated[Count, Field(le=_MOST_ATTEMPTS)] = 3
    base: Duration = timedelta(milliseconds=200)
    cap: Duration = timedelta(seconds=2)
    budget: Share = 0.2

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield the key, and the reason with its remedy, of what clashes within."""
        if self.cap < self.base:
            yield "cap", "is shorter than base; make it as long or longer"


class ProviderRetry(Retry):
    """Fewer, since somebody waits for the page."""

    attempts: Annotated[Count, Field(le=_MOST_ATTEMPTS)] = 2


class Bulkhead(Section):
    """How many calls may be under way at once, and how many may wait for one of them to end."""

    limit: Count = 256
    queue: Annotated[int, BeforeValidator(_no_truth), Field(ge=0, le=100_000)] = 64


class Limit(Section):
    """So many in so long a time; *burst* at once, and a pause when it is too many if asked for."""

    limit: Count = 100
    period: Duration = timedelta(seconds=60)
    burst: Count | None = None
    block_for: Duration | None = None


class CallLimit(Limit):
    """Of one person's calls, over all services: far above what pages do by themselves."""

    limit: Count = 1200


class SignInLimit(Limit):
    """Of sign-ins begun from one address, behind which there may be a whole office."""

    limit: Count = 600


class Limits(Section):
    """How much one person, or one address, may ask for."""

    calls: CallLimit = Field(default_factory=CallLimit)
    publishing: Limit = Field(default_factory=Limit)
    sign_ins: SignInLimit = Field(default_factory=SignInLimit)
