"""Examining the whole once, for an operator: what is wrong, why, and what to do about it.

Checks look at what runs, again and again; an examination looks deeper, once, and asks nobody to run
anything. Rooms make their own; whoever has all of them has them examined together.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from mainhub.errors import MainHubError
from mainhub.telemetry import get_logger

__all__ = ["Diagnosis", "Examination", "Examine", "Examined", "Verdict", "examine", "worst"]

log = get_logger("health")

_AT_ONCE: Final = 8


class Verdict(StrEnum):
    """How something is, from good to bad."""

    FINE = "fine"
    UNKNOWN = "unknown"
    """It cannot be found out from here; the remedy says how to find out."""
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at.

    Attributes:
        what: what was looked at, or found, in one sentence.
        verdict: how it is.
        cause: why it is not well.
        remedy: what to do, or where to look.
        link: a page that explains more: an address, or a path within the documentation.

    None of it may hold a secret.
    """

    what: str
    verdict: Verdict = Verdict.FINE
    cause: str | None = None
    remedy: str | None = None
    link: str | None = None


Examine = Callable[[], AsyncIterator[Diagnosis]]
"""Yields what it finds as it finds it; it may raise anything, or hang."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Something to be looked into: *name* to choose it by, *title* for people."""

    name: str
    title: str
    look: Examine
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, in the order in which it was, and how long it took."""

    examination: Examination
    diagnoses: tuple[Diagnosis, ...]
    took: timedelta

    @property
    def verdict(self) -> Verdict:
        """The worst of what was found."""
        return worst(one.verdict for one in self.diagnoses)


async def examine(
    examinations: Sequence[Examination], *, done: Callable[[Examined], None] | None = None
) -> list[Examined]:
    """Look into all of *examinations*, several at once, and return what was found in their order.

    One that raises or hangs is a finding and disturbs no other. *done* is told of each as it ends.
    """
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(examination: Examination) -> Examined:
        async with turns:
            examined = await _examined(examination)
        if done is not None:
            done(examined)
        return examined

    return list(await asyncio.gather(*map(one, examinations)))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of *verdicts*; none at all is fine."""
    return max(verdicts, key=list(Verdict).index, default=Verdict.FINE)


async def _examined(examination: Examination) -> Examined:
    loop = asyncio.get_running_loop()
    began = loop.time()
    found: list[Diagnosis] = []
    try:
        async with asyncio.timeout(examination.timeout.total_seconds()):
            async for diagnosis in examination.look():
                found.append(diagnosis)  # noqa: PERF401 - what was found before a failure counts
    except TimeoutError:
        found.append(
            Diagnosis(
                "It was not finished.",
                Verdict.FAILED,
                f"nothing more was heard within {examination.timeout.total_seconds():g} s",
                "Look at what answers slowly, then run mainhub doctor again.",
            )
        )
    except MainHubError as error:
        found.append(
            Diagnosis("It could not be finished.", Verdict.FAILED, str(error), error.remedy)
        )
    except Exception as error:  # edge: a fault of an examination is a finding like any other
        log.debug("doctor.examination_failed", name=examination.name, exc_info=True)
        found.append(
            Diagnosis(
                "The examination itself has a fault.",
                Verdict.FAILED,
                type(error).__name__,
                "Please report it with the version of MainHub; the other results hold.",
            )
        )
    took = timedelta(seconds=loop.time() - began)
    return Examined(examination, tuple(found), took)
