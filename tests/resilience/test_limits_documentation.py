"""The page on limits: its examples run, and its defaults are the code's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mainhub.resilience import Limit, MemoryLimits
from mainhub.settings import Service, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLES[number]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 2


def test_the_defaults_are_the_codes() -> None:
    limit = Limit()
    seconds = f"{limit.period.total_seconds():g} s"
    assert f"| `limit`, `period` | {limit.limit}, {seconds} |" in PAGE
    assert limit.at_once == limit.limit
    assert limit.block_for is None
    assert f"| `name` | `{limit.name}` |" in PAGE
    assert f"{MemoryLimits()._most:,} keys at most" in PAGE
    limits = Settings.model_fields["limits"].get_default(call_default_factory=True)
    for name in ("calls", "publishing", "sign_ins"):
        found = getattr(limits, name)
        told = f"{found.limit} in {found.period.total_seconds():g} s |"
        assert re.search(rf"\| `limits\.{name}` \|.*\| {re.escape(told)}", PAGE), name
    each = Service.model_fields["limit"].get_default(call_default_factory=True)
    assert f"| person and service | {each.limit} in {each.period.total_seconds():g} s |" in PAGE
