"""Every metric and each of its labels is described in ``docs/telemetry.md``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mainhub.telemetry import Label, Metric, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "telemetry.md"
ROW = re.compile(r"^\| `(mainhub_\w+)` \| (\w+) \|([^|]*)\| (.*) \|$", re.MULTILINE)
DECLARED = re.compile(r"^[A-Z_]+: Final = Metric\(", re.MULTILINE)


def undocumented(text: str, metrics: tuple[Metric, ...]) -> list[str]:
    """Return what *text* leaves out of *metrics*, or has too much."""
    rows = {found[1]: found for found in ROW.finditer(text)}
    wrong = [f"{name} does not exist" for name in rows if name not in {m.name for m in metrics}]
    for metric in metrics:
        row = rows.get(metric.name)
        if row is None:
            wrong.append(f"{metric.name} is missing")
            continue
        labels = [f"`{label.name}`" for label in metric.labels]
        if (row[2], row[3].strip()) != (metric.kind, ", ".join(labels)):
            wrong.append(f"{metric.name}: kind or labels differ")
        # Words that an operator filters by are spelt out, unless a status or method says them.
        values = [] if metric.name.startswith("mainhub_http") else _spelt(metric)
        wrong += [f"{metric.name}: {value}" for value in values if f"`{value}`" not in row[4]]
    return wrong


def _spelt(metric: Metric) -> list[str]:
    # The duration repeats the outcomes of the calls; levels are those of every log.
    if metric in {table.GATEWAY_DURATION, table.LOG_LINES, table.HEALTH_STATE}:
        return []
    return [value for label in metric.labels for value in label.values]


def test_every_metric_is_described() -> None:
    assert undocumented(PAGE.read_text(), table.METRICS) == []


def test_every_metric_that_is_declared_is_listed() -> None:
    assert table.__file__
    assert len(DECLARED.findall(Path(table.__file__).read_text())) == len(table.METRICS)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("| `mainhub_x_total` | counter | `a` | X: `one`. |", []),
        ("| `mainhub_x_total` | gauge | `a` | X: `one`. |", ["kind or labels differ"]),
        ("| `mainhub_x_total` | counter | | X: `one`. |", ["kind or labels differ"]),
        ("| `mainhub_x_total` | counter | `a` | X. |", ["mainhub_x_total: one"]),
        ("", ["is missing"]),
        ("| `mainhub_y_total` | counter | | Y. |", ["does not exist", "is missing"]),
    ],
)
def test_finds_what_is_left_out(row: str, wrong: list[str]) -> None:
    metric = Metric("mainhub_x_total", "counter", "1", (Label("a", ("one",)),), "X.")
    found = undocumented(row, (metric,))
    assert len(found) == len(wrong)
    assert all(part in text for part, text in zip(wrong, found, strict=True))
