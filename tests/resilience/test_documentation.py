"""The examples of the documentation run, each as a program of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("resilience.md",)
EXAMPLES = [
    pytest.param(block, id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_default_in_the_tables_is_the_codes() -> None:
    """A default that changes must change here, too."""
    from mainhub.resilience import Budget, CircuitBreaker, Retry

    breaker, retry = CircuitBreaker(), Retry()
    text = (DOCS / "resilience.md").read_text(encoding="utf-8")
    told = {
        "`consecutive`": str(breaker.consecutive),
        "`failure_rate`, `min_calls`, `window`": (
            f"{breaker.failure_rate} of {breaker.min_calls} or more in {breaker.window.seconds:g} s"
        ),
        "`open_for`, `open_max`, `growth`, `jitter`": (
            f"{breaker.open_for:g} s, {breaker.open_max / 60:g} min, {breaker.growth:g}, "
            f"±{breaker.jitter:.0%}".replace("%", " %")
        ),
        "`probes`, `probe_lease`": f"{breaker.probes}, {breaker.probe_lease:g} s",
        "`close_after`": str(breaker.close_after),
        "`attempts`": str(retry.attempts),
        "`base`, `factor`, `cap`": f"{retry.base:g} s, {retry.factor:g}, {retry.cap:g} s",
        "`longest_wait`": f"{retry.longest_wait / 60:g} min",
    }
    for names, default in told.items():
        assert f"| {names} | {default} |" in text, names
    assert isinstance(retry.budget, Budget)
    assert (retry.budget.ratio, retry.budget.floor) == (0.2, 1.0)
