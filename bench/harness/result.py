"""Rows of a result, and the file that they are kept in."""

from __future__ import annotations

import re
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.harness.contender import Comparison

__all__ = ["Row", "is_met", "rows", "write"]

_GOAL: Final = re.compile(r"(ratio|value) (>=|<=) (\d+(?:\.\d+)?)")
_DIGITS: Final = 6


@dataclass(frozen=True)
class Row:
    """One comparison with one peer.

    Attributes:
        name: what is compared.
        value: ours, in *unit*: the median of the rounds.
        unit: what the figures are in.
        peer: with whom.
        peer_value: the peer's.
        ratio: how many times better than the peer we are: above 1 we are, whatever the unit. It
            is the median of what each round says, since a machine that changes its pace between
            two rounds changes it for both.
        goal: what we want, as text; empty if nothing in particular.
        met: whether *goal* is reached; without one, there is nothing to miss.
    """

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float
    goal: str
    met: bool


def is_met(goal: str, *, ratio: float, value: float) -> bool:
    """Tell whether *goal* is reached, ``ratio >= 15`` or ``value <= 1.5``; an empty one always is.

    Raises:
        ValueError: it is written in some other way.
    """
    if not goal:
        return True
    read = _GOAL.fullmatch(goal)
    if read is None:
        raise ValueError(f"goal {goal!r}: write it like 'ratio >= 15' or 'value <= 1.5'")
    what, relation, bound = read.groups()
    found = ratio if what == "ratio" else value
    return found >= float(bound) if relation == ">=" else found <= float(bound)


def rows(comparison: Comparison, figures: Mapping[str, Sequence[float]]) -> list[Row]:
    """Return a row for each goal, and for each peer without one."""
    ours = figures[comparison.ours.name]
    value = statistics.median(ours)
    made = []
    for against in comparison.others:
        theirs = figures[against.peer.name]
        pairs = zip(theirs, ours, strict=True)
        if not comparison.unit.less_is_better:
            pairs = zip(ours, theirs, strict=True)
        ratio = statistics.median(first / second for first, second in pairs)
        made += [
            Row(
                name=comparison.name,
                value=_short(value),
                unit=comparison.unit.symbol,
                peer=against.peer.name,
                peer_value=_short(statistics.median(theirs)),
                ratio=_short(ratio),
                goal=goal,
                met=is_met(goal, ratio=ratio, value=value),
            )
            for goal in against.goals or ("",)
        ]
    return made


def write(found: Iterable[Row], file: Path) -> str:
    """Write *found* as a list into *file*; return what was written."""
    text = orjson.dumps([asdict(row) for row in found], option=orjson.OPT_INDENT_2).decode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")
    return text


def _short(figure: float) -> float:
    return float(f"{figure:.{_DIGITS}g}")
