"""The bench measures what has proven itself, by turns, and says truthfully what came out."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench.harness import (
    CALLS_PER_CALL,
    MICROSECONDS,
    PER_SECOND,
    QUICK,
    Against,
    Comparison,
    Contender,
    Pace,
    ProofFailed,
    Upstream,
    UpstreamFailed,
    carry_out,
    expect,
    fixed,
    in_turns,
    is_met,
    measure,
    repeated,
    rows,
    shared_out,
)
from tools import system, targets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = Pace(rounds=5, seconds=0.001)

pytestmark = pytest.mark.anyio


class Runner:
    """Somebody who takes part, whose figures are known beforehand."""

    def __init__(self, name: str, *took: float, diary: list[str] | None = None) -> None:
        self.name = name
        self.took = took
        self.diary = [] if diary is None else diary
        self.turns = 0

    async def work(self, times: int) -> float:
        assert not gc.isenabled()
        self.diary.append(self.name)
        self.turns += 1
        return times * self.took[(self.turns - 1) % len(self.took)]

    async def prove(self) -> None:
        self.diary.append(f"{self.name} proves itself")

    @property
    def contender(self) -> Contender:
        return Contender(self.name, self.work, self.prove)


def compared(*others: Against, took: float = 2e-6) -> Comparison:
    ours = Runner("MainHub", took).contender
    return Comparison("calls", MICROSECONDS, ours, others, times=10)


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        ("ratio >= 15", True),
        ("ratio >= 15.1", False),
        ("ratio <= 20", True),
        ("value <= 1.5", True),
        ("value <= 1.4", False),
        ("value >= 2", False),
        ("", True),
    ],
)
def test_a_goal_is_computed_from_its_text(goal: str, *, met: bool) -> None:
    assert is_met(goal, ratio=15.0, value=1.5) is met


@pytest.mark.parametrize("goal", ["ratio > 15", "faster", "ratio >= -1", "value <= 1.5 µs"])
def test_a_goal_that_nobody_can_compute_is_refused(goal: str) -> None:
    with pytest.raises(ValueError, match="write it like 'ratio >= 15'"):
        is_met(goal, ratio=15.0, value=1.5)


@pytest.mark.parametrize(
    ("unit", "ours", "theirs"),
    [(MICROSECONDS, 2.0, 30.0), (CALLS_PER_CALL, 2.0, 30.0), (PER_SECOND, 30.0, 2.0)],
)
def test_a_ratio_above_one_means_that_ours_is_better(
    unit: object, ours: float, theirs: float
) -> None:
    comparison = Comparison(
        "calls",
        unit,  # type: ignore[arg-type]  # parametrized
        Runner("MainHub", 1.0).contender,
        (Against(Runner("peer", 1.0).contender, ("ratio >= 15",)),),
    )
    [row] = rows(comparison, {"MainHub": [ours] * 3, "peer": [theirs] * 3})
    assert row.ratio == 15.0
    assert row.met


async def test_contenders_take_turns_and_nobody_is_always_first() -> None:
    diary: list[str] = []
    comparison = Comparison(
        "calls",
        MICROSECONDS,
        Runner("a", 1.0, diary=diary).contender,
        (
            Against(Runner("b", 1.0, diary=diary).contender),
            Against(Runner("c", 1.0, diary=diary).contender),
        ),
        times=1,
    )
    await measure(comparison, ROUNDS)
    assert diary[:3] == [f"{name} proves itself" for name in "abc"]
    assert "".join(diary[3:]) == "abcbcacab"
    assert gc.isenabled()


async def test_medians_are_kept_of_what_varies() -> None:
    slow = Runner("peer", 9e-6, 5e-6, 1e-6)
    comparison = compared(Against(slow.contender))
    [row] = rows(comparison, await measure(comparison, QUICK))
    assert (row.value, row.peer_value, row.ratio) == (2.0, 5.0, 2.5)


def test_a_machine_that_changes_its_pace_changes_no_ratio() -> None:
    comparison = compared(Against(Runner("peer", 1.0).contender))
    [row] = rows(comparison, {"MainHub": [1.0, 2.0, 2.0, 1.0], "peer": [7.0, 14.0, 14.0, 8.0]})
    assert row.ratio == 7.0


async def test_as_much_is_done_as_fits_into_its_time() -> None:
    done: list[int] = []

    async def work(times: int) -> float:
        done.append(times)
        return await repeated(fixed)(times)

    async def prove() -> None:
        pass

    comparison = Comparison("calls", MICROSECONDS, Contender("MainHub", work, prove), ())
    await measure(comparison, ROUNDS)
    warming, measured = done[:-5], done[-5:]
    # How many fit depends on who else is at work; that it is the same in each round does not.
    assert len(set(measured)) == 1
    assert measured[0] >= 1
    assert warming


async def test_others_get_a_turn_between_calls() -> None:
    upstream = Upstream()
    seen: list[int] = []

    async def watch() -> None:
        while upstream.calls < 10:
            await asyncio.sleep(0)
            seen.append(upstream.calls)

    await asyncio.gather(watch(), in_turns(upstream.call, 4)(10))
    assert seen == [4, 8, 10]


async def test_work_is_shared_out_to_the_last_call() -> None:
    upstream = Upstream()
    await shared_out(upstream.call, 4)(10)
    assert upstream.calls == 10


async def test_an_upstream_fails_as_often_as_it_is_told() -> None:
    upstream = Upstream(failures=2)
    for _ in range(2):
        with pytest.raises(UpstreamFailed):
            await upstream()
    assert await upstream() == 1


def test_every_goal_is_a_row_and_a_peer_without_one_is_a_row(tmp_path: Path) -> None:
    floor = Runner("await f()", 1e-6).contender
    peer = Runner("peer", 30e-6).contender

    @contextlib.asynccontextmanager
    async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
        yield [
            compared(Against(floor, ("value <= 1.5",)), Against(peer, ("ratio >= 15",))),
            compared(Against(peer), took=60e-6),
        ]

    assert carry_out("room", comparisons, ["--quick"], tmp_path) == 0
    found = json.loads((tmp_path / "room.json").read_text())
    keys = ["name", "value", "unit", "peer", "peer_value", "ratio", "goal", "met"]
    assert [list(row) for row in found] == [keys] * 3
    assert [row["goal"] for row in found] == ["value <= 1.5", "ratio >= 15", ""]
    assert [row["met"] for row in found] == [False, True, True]
    assert [row["ratio"] for row in found] == [0.5, 15.0, 0.5]
    assert found[0]["unit"] == "µs"


def test_who_does_not_do_what_is_compared_is_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    idle = Runner("peer", 1e-9)

    async def prove() -> None:
        expect(holds=False, contender="peer", promise="a failed call is tried again")

    @contextlib.asynccontextmanager
    async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
        yield [compared(Against(Contender("peer", idle.work, prove)))]

    assert carry_out("room", comparisons, [], tmp_path) == 1
    assert "peer does not do what is compared: a failed call" in capsys.readouterr().err
    assert idle.turns == 0
    assert not (tmp_path / "room.json").exists()


def test_the_result_is_printed_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextlib.asynccontextmanager
    async def comparisons() -> AsyncIterator[Sequence[Comparison]]:
        yield [compared(Against(Runner("peer", 4e-6).contender))]

    assert carry_out("room", comparisons, ["--json"], tmp_path) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "room.json").read_text())


def test_an_unknown_option_or_room_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out("room", contextlib.nullcontext, ["--fast"]) == 2  # type: ignore[arg-type]
    assert "--fast: not known; write --quick or --json" in capsys.readouterr().err
    told = subprocess.run(
        [sys.executable, "-m", "bench", "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "No bench of nothing; there is: cache, hostile, resilience, signin" in told.stderr


def test_what_the_bench_needs_of_the_system_is_known() -> None:
    assert {need.package for need in system.NEEDS} >= targets.BENCH_NEEDS


def test_a_proof_that_fails_says_of_whom_and_of_what() -> None:
    expect(1, "peer", "it answers")
    with pytest.raises(ProofFailed, match=r"^peer does not do what is compared: it answers$"):
        expect(0, "peer", "it answers")
