from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from gateway.served import eventually
from mainhub.clock import Clock, SystemClock
from mainhub.errors import Invalid, Unavailable
from mainhub.health import (
    Check,
    Checks,
    Criticality,
    Finding,
    Kind,
    Result,
    State,
    answers,
    overall,
)
from telemetry.log_capture import CapturedLog, captured_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainhub.health import Probe

pytestmark = pytest.mark.anyio
START = datetime(2026, 1, 1, tzinfo=UTC)
FINE = Finding(State.FINE)
FAILED = Finding(State.FAILED, "It is away.", "Wait.")
C = Criticality


class StillClock(Clock):
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @override
    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    @override
    def monotonic(self) -> float:
        return self.seconds


class Scripted:
    """A probe that finds what a test says."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = list(findings)
        self.asked = 0

    async def __call__(self) -> Finding:
        self.asked += 1
        return self.findings.pop(0) if len(self.findings) > 1 else self.findings[0]


@pytest.fixture(autouse=True)
def log() -> Iterator[CapturedLog]:
    with captured_log() as log:
        yield log


def check(
    name: str, probe: Probe, criticality: Criticality = C.CRITICAL, **how: timedelta
) -> Check:
    return Check(name, name.title(), Kind.SERVICE, criticality, probe, **how)


def state(checks: Checks, name: str) -> State:
    return next(r.finding.state for r in checks.report().results if r.check.name == name)


async def test_knows_nothing_before_the_first_look() -> None:
    checks = Checks([check("db", Scripted(FINE))], clock=StillClock())
    report = checks.report()
    (result,) = report.results
    assert (report.status, report.checked_at) == (State.DEGRADED, None)
    assert (result.finding.state, result.since) == (State.UNKNOWN, START)


async def test_looks_at_once_and_again_and_tells_a_change(log: CapturedLog) -> None:
    probe = Scripted(FINE, FAILED, FINE)
    soon = timedelta(milliseconds=5)
    async with Checks([check("db", probe, every=soon)], clock=SystemClock()) as checks:
        await eventually(lambda: probe.asked >= 4)
    assert state(checks, "db") is State.FINE
    changes = [(line["state"], line["before"]) for line in log.lines]
    assert changes == [("failed", "fine"), ("fine", "failed")]
    asked = probe.asked
    await asyncio.sleep(0)
    assert probe.asked == asked, "it goes on although nobody has it open"


async def test_remembers_since_when_and_when_next() -> None:
    clock = StillClock()
    probe = Scripted(FINE, FAILED)
    checks = Checks([check("db", probe, every=timedelta(seconds=80))], clock=clock)
    await checks.fresh()
    pauses = []
    for at in (10, 20, 30, 40, 50, 60):
        clock.seconds = at
        (result,) = (await checks.fresh()).results
        assert result.next_at is not None
        pauses.append((result.next_at - clock.now()).total_seconds())
        assert result.since == START + timedelta(seconds=10)
        assert result.checked_at == clock.now()
    assert pauses == [10, 20, 40, 80, 80, 80], "sooner, then more patient, never beyond the usual"


async def test_who_asks_at_once_gets_the_same_look() -> None:
    asked = 0
    go = asyncio.Event()

    async def slow() -> Finding:
        nonlocal asked
        asked += 1
        await go.wait()
        return FINE

    checks = Checks([check("db", slow)], clock=StillClock())
    waiting = [asyncio.create_task(checks.fresh()) for _ in range(5)]
    await eventually(lambda: asked == 1)
    waiting[0].cancel()
    go.set()
    reports = await asyncio.gather(*waiting[1:])
    assert asked == 1
    assert {report.status for report in reports} == {State.FINE}


async def hangs() -> Finding:
    await asyncio.Event().wait()
    return FINE


async def raises() -> Finding:
    raise RuntimeError("s3cret")


async def gives_up() -> Finding:
    raise asyncio.CancelledError


async def finds_nothing() -> Finding:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize("probe", [hangs, raises, gives_up, finds_nothing])
async def test_a_probe_that_misbehaves_fails_alone(probe: Probe) -> None:
    soon = timedelta(milliseconds=20)
    bad, good = check("bad", probe, timeout=soon), check("good", Scripted(FINE))
    checks = Checks([bad, good], clock=StillClock())
    for _ in range(2):
        async with asyncio.timeout(5):
            report = await checks.fresh()
        assert [r.finding.state for r in report.results] == [State.FAILED, State.FINE]
        assert "s3cret" not in str(report)


async def test_a_probe_that_never_lets_go_is_not_started_again() -> None:
    started = 0
    release = asyncio.Event()

    async def stubborn() -> Finding:
        nonlocal started
        started += 1
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()
        return FINE

    checks = Checks(
        [check("bad", stubborn, timeout=timedelta(milliseconds=10))], clock=StillClock()
    )
    async with asyncio.timeout(5):
        await checks.fresh()
        (result,) = (await checks.fresh()).results
    assert started == 1
    assert result.finding.detail == "An earlier look has not come back yet."
    release.set()
    async with asyncio.timeout(5):
        while (await checks.fresh()).status is not State.FINE:
            pass


async def test_an_end_waits_for_no_probe() -> None:
    async with asyncio.timeout(5):
        async with Checks([check("bad", hangs)], clock=SystemClock()):
            await asyncio.sleep(0)


async def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid):
        Checks([check("db", hangs), check("db", hangs)], clock=StillClock())


async def test_a_failure_is_told_in_its_own_words() -> None:
    async def away() -> None:
        raise Unavailable("The database is away.", remedy="Start it.")

    async def there() -> int:
        return 1

    assert await answers(there)() == FINE
    assert await answers(away)() == Finding(State.FAILED, "The database is away.", "Start it.")


@pytest.mark.parametrize(
    ("criticality", "found", "meant"),
    [
        (C.CRITICAL, State.FAILED, State.FAILED),
        (C.CRITICAL, State.DEGRADED, State.DEGRADED),
        (C.CRITICAL, State.UNKNOWN, State.DEGRADED),
        (C.IMPORTANT, State.FAILED, State.DEGRADED),
        (C.IMPORTANT, State.DEGRADED, State.DEGRADED),
        (C.IMPORTANT, State.UNKNOWN, State.FINE),
        (C.OPTIONAL, State.FAILED, State.DEGRADED),
        (C.OPTIONAL, State.DEGRADED, State.FINE),
        (C.OPTIONAL, State.UNKNOWN, State.FINE),
    ],
)
def test_what_a_state_means_for_the_hub(
    criticality: Criticality, found: State, meant: State
) -> None:
    result = Result(check("x", hangs, criticality), Finding(found), START)
    fine = Result(check("y", hangs), FINE, START)
    assert overall([fine, result]) is overall([result, fine]) is meant


@given(st.lists(st.tuples(st.sampled_from(Criticality), st.sampled_from(State))))
def test_only_what_is_critical_makes_the_hub_fail(
    found: list[tuple[Criticality, State]],
) -> None:
    results = [Result(check("x", hangs, how), Finding(what), START) for how, what in found]
    assert (overall(results) is State.FAILED) is ((C.CRITICAL, State.FAILED) in found)


def test_nothing_to_look_at_is_fine() -> None:
    assert overall([]) is State.FINE
