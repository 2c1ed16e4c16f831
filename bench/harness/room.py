"""The command line of a room's bench, the table that it prints and the file that it writes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench.harness.measuring import FULL, QUICK, measure
from bench.harness.proof import ProofFailed
from bench.harness.result import Row, rows, write

if TYPE_CHECKING:
    from bench.harness.contender import Comparison
    from bench.harness.measuring import Pace

__all__ = ["carry_out"]

Comparisons = Callable[[], AbstractAsyncContextManager[Sequence["Comparison"]]]
"""Makes what is compared, within the event loop, and puts it away again."""

RESULTS: Final = Path(__file__).resolve().parents[1] / "results"
OPTIONS: Final = ("--quick", "--json")
# Wide enough for every row, where the output is not a terminal that knows better.
_WIDTH: Final = 132
_UNPROVEN: Final = 1
_WRONG_USE: Final = 2
_SMALL: Final = 10
_LARGE: Final = 1000


def carry_out(
    room: str, comparisons: Comparisons, arguments: Sequence[str], results: Path = RESULTS
) -> int:
    """Measure *room*, show the table and write ``results/ROOM.json``; return the exit code.

    It is 0 whether goals are met or not: a machine may be slow. It is 1 if a contender does not do
    what is compared. With ``--quick`` few rounds are run, which is enough to see that it works;
    with ``--json`` the result is printed as it is written, and not as a table.
    """
    unknown = [word for word in arguments if word not in OPTIONS]
    if unknown:
        told = f"{' '.join(unknown)}: not known; write {' or '.join(OPTIONS)}"
        print(told, file=sys.stderr)
        return _WRONG_USE
    as_json = "--json" in arguments
    pace = QUICK if "--quick" in arguments else FULL
    try:
        found = asyncio.run(_measured(comparisons, pace))
    except ProofFailed as failure:
        print(failure, file=sys.stderr)
        return _UNPROVEN
    text = write(found, results / f"{room}.json")
    if as_json:
        print(text)
    else:
        console = Console()
        (console if console.is_terminal else Console(width=_WIDTH)).print(table(room, found))
    return 0


async def _measured(comparisons: Comparisons, pace: Pace) -> list[Row]:
    found: list[Row] = []
    async with comparisons() as compared:
        for comparison in compared:
            found += rows(comparison, await measure(comparison, pace))
    return found


def table(room: str, found: Sequence[Row]) -> Table:
    """Return the table that people read."""
    columns = {"compared": "left", "ours": "right", "unit": "left", "peer": "left"}
    columns |= {"peer's": "right", "ratio": "right", "goal": "left", "met": "left"}
    made = Table(title=f"{room}: medians; ratio says how many times better we are", box=None)
    for column, justify in columns.items():
        made.add_column(column, justify=justify)  # type: ignore[arg-type] # both are known to Rich
    before = ""
    for row in found:
        again = row.name == before
        before = row.name
        made.add_row(
            "" if again else row.name,
            "" if again else _figure(row.value),
            "" if again else row.unit,
            row.peer,
            _figure(row.peer_value),
            _figure(row.ratio),
            row.goal or "–",  # noqa: RUF001 - a dash, as in every table
            _verdict(row),
        )
    return made


def _verdict(row: Row) -> str:
    if not row.goal:
        return ""
    return "[green]yes[/]" if row.met else "[bold red]NO[/]"


def _figure(number: float) -> str:
    """Return *number* with as many digits as mean something."""
    if number < _SMALL:
        return f"{number:.2f}"
    return f"{number:.1f}" if number < _LARGE else f"{number:,.0f}"
