"""What is looked at: a check, and what a look found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mainhub.errors import MainHubError

__all__ = ["Check", "Criticality", "Finding", "Kind", "Probe", "Result", "State", "answers"]


class State(StrEnum):
    """How something is."""

    FINE = "fine"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Criticality(StrEnum):
    """What it means for the hub when something fails."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    OPTIONAL = "optional"


class Kind(StrEnum):
    """What sort of thing is looked at."""

    DATABASE = "database"
    IDENTITY = "identity"
    SERVICE = "service"
    REDIS = "redis"
    EVENTS = "events"
    TELEMETRY = "telemetry"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found. *detail* and *remedy* are for administrators and hold no secret."""

    state: State
    detail: str | None = None
    remedy: str | None = None


Probe = Callable[[], Awaitable[Finding]]
"""One look. It may raise anything, hang, or come late: the check around it deals with that."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that is looked at regularly.

    Attributes:
        name: lower-case letters, digits and dashes; unique.
        title: what people call it.
        kind: what sort of thing it is.
        criticality: what its failure means for the hub.
        probe: looks once.
        timeout: longer than this, and the look has failed.
        every: the time between two looks while all is well; failing ones are looked at sooner.
    """

    name: str
    title: str
    kind: Kind
    criticality: Criticality
    probe: Probe
    timeout: timedelta = timedelta(seconds=5)
    every: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of *check*: *since* when it is in its state, and when it was looked at last."""

    check: Check
    finding: Finding
    since: datetime
    checked_at: datetime | None = None
    next_at: datetime | None = None
    took: timedelta | None = None


def answers(ask: Callable[[], Awaitable[object]], *, remedy: str | None = None) -> Probe:
    """Return a probe that finds all well if *ask* returns, whatever it returns.

    A failure that MainHub names is told in its words; *remedy* stands in where it has none.
    """

    async def probe() -> Finding:
        try:
            await ask()
        except MainHubError as error:
            return Finding(State.FAILED, str(error), error.remedy or remedy)
        return Finding(State.FINE)

    return probe
