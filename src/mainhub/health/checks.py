"""All checks: looked at in the background, remembered, asked as often as anybody likes."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from mainhub.clock import Clock
from mainhub.errors import Invalid
from mainhub.health.check import Check, Criticality, Finding, Result, State
from mainhub.health.look import Look
from mainhub.telemetry import Metrics, get_logger, request_trace, table

__all__ = ["Checks", "Report", "overall"]

log = get_logger("health")

_SOONER: Final = 8
_LAST_LOOKS: Final = timedelta(seconds=2)
_SHORTEST: Final = timedelta(seconds=1)
_WORSE: Final = {State.FINE: 0, State.DEGRADED: 1, State.FAILED: 2}


@dataclass(frozen=True, slots=True)
class Report:
    """How the hub is, and each thing that it stands on."""

    status: State
    checked_at: datetime | None
    results: tuple[Result, ...]


class Checks:
    """Looks at *checks* while it is entered as an async context manager.

    What failed is looked at again after an eighth of its usual time, then after twice as long each
    time until the usual one is reached. One look at a time per check: who asks meanwhile waits for
    that one.

    Raises:
        Invalid: two checks have one name.
    """

    def __init__(
        self, checks: Iterable[Check], *, clock: Clock, metrics: Metrics | None = None
    ) -> None:
        self._clock = clock
        self._results: dict[str, Result] = {}
        self._looks: dict[str, Look] = {}
        self._failures: dict[str, int] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._watches: list[asyncio.Task[None]] = []
        for check in checks:
            if check.name in self._results:
                raise Invalid(f"there are two checks named {check.name}")
            self._results[check.name] = Result(check, Finding(State.UNKNOWN), clock.now())
            self._looks[check.name] = Look(check)
        (metrics or Metrics.unread()).gauge(table.HEALTH_STATE, self._readings)

    async def __aenter__(self) -> Self:
        self._watches = [
            asyncio.create_task(self._watch(name), name=f"health-watch-{name}")
            for name in self._results
        ]
        return self

    async def __aexit__(self, *_failure: object) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        if running := list(self._running.values()):
            # A driver that is interrupted in a call leaves its connection, and its thread, behind.
            await asyncio.wait(running, timeout=_LAST_LOOKS.total_seconds())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._watches = []
        for look in self._looks.values():
            await look.aclose()

    def report(self) -> Report:
        """Return what was found last; nothing is asked for it."""
        results = tuple(self._results.values())
        times = [result.checked_at for result in results if result.checked_at is not None]
        return Report(overall(results), max(times, default=None), results)

    async def fresh(self) -> Report:
        """Look at everything now, all at once, and return what was found."""
        await asyncio.gather(*(self._look(name) for name in self._results))
        return self.report()

    async def _watch(self, name: str) -> None:
        while True:
            await self._look(name)
            await asyncio.sleep(self._pause(name).total_seconds())

    async def _look(self, name: str) -> None:
        running = self._running.get(name)
        if running is None:
            running = asyncio.create_task(self._run(name), name=f"health-run-{name}")
            self._running[name] = running
            running.add_done_callback(lambda _: self._running.pop(name, None))
        # Others wait for the same look: one of them leaving must not end it.
        await asyncio.shield(running)

    async def _run(self, name: str) -> None:
        began = self._clock.monotonic()
        with request_trace(None):
            finding = await self._looks[name].once()
            took = timedelta(seconds=self._clock.monotonic() - began)
            self._found(name, finding, took)

    def _found(self, name: str, finding: Finding, took: timedelta) -> None:
        before, now = self._results[name], self._clock.now()
        fine = finding.state is State.FINE
        self._failures[name] = 0 if fine else self._failures.get(name, 0) + 1
        changed = finding.state is not before.finding.state
        self._results[name] = replace(
            before,
            finding=finding,
            since=now if changed else before.since,
            checked_at=now,
            next_at=now + self._pause(name),
            took=took,
        )
        if changed and not (fine and before.finding.state is State.UNKNOWN):
            (log.info if fine else log.warning)(
                "health.changed",
                check=name,
                state=str(finding.state),
                before=str(before.finding.state),
                detail=finding.detail,
            )

    def _pause(self, name: str) -> timedelta:
        usual = self._results[name].check.every
        failures = self._failures.get(name, 0)
        if not failures:
            return usual
        soonest = max(_SHORTEST, usual / _SOONER)
        # The exponent is bounded, since a year of failures would be a number of its own.
        return min(usual, soonest * (1 << min(failures - 1, 10)))

    def _readings(self) -> Iterable[tuple[float, Mapping[str, str]]]:
        return [
            (float(result.finding.state is state), {"check": name, "state": str(state)})
            for name, result in list(self._results.items())
            for state in State
        ]


def overall(results: Iterable[Result]) -> State:
    """Return how the hub is: the worst that one of *results* means for it."""
    return max((_meaning(result) for result in results), key=_WORSE.__getitem__, default=State.FINE)


def _meaning(result: Result) -> State:
    state, criticality = result.finding.state, result.check.criticality
    if state is State.UNKNOWN:
        # Not looked at yet: nothing bad is known, but of what is critical that is not enough.
        return State.DEGRADED if criticality is Criticality.CRITICAL else State.FINE
    if criticality is Criticality.CRITICAL:
        return state
    if criticality is Criticality.IMPORTANT:
        return min(state, State.DEGRADED, key=_WORSE.__getitem__)
    return State.DEGRADED if state is State.FAILED else State.FINE
