"""``mainhub doctor``: what is wrong, why, and what to do about it."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from mainhub.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from mainhub.health import Diagnosis, Examination, Examined
    from mainhub.settings import Configuration

__all__ = ["doctor"]

_MARKS: Final = {"fine": "ok", "unknown": "?", "warning": "!", "failed": "x"}
_STYLES: Final = {"fine": "green", "unknown": "dim", "warning": "yellow", "failed": "bold red"}


def doctor(
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Settings file; ./mainhub.toml if it exists."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Look into this alone; may be given again."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Find out what is wrong with settings, sign-in and stores, and what to do about it.

    Ends with 0 if nothing has failed, 1 if something has, 2 if the settings cannot be read.
    """
    from mainhub.settings import default_config, load
    from mainhub.telemetry import configure

    found = config or default_config()
    configuration = load(config=found, environ=os.environ)
    # What goes wrong is told below, once and in full.
    configure(level="error", output="console")
    results = asyncio.run(_run(configuration, found, only or [], quiet=as_json))
    if as_json:
        sys.stdout.write(json.dumps(_plain(results), indent=2) + "\n")
    sys.exit(1 if any(one.verdict == "failed" for one in results) else 0)


async def _run(
    configuration: "Configuration", config: Path | None, only: list[str], *, quiet: bool
) -> "list[Examined]":
    from rich.console import Console

    from mainhub.app.doctor import Doctor
    from mainhub.clock import SystemClock
    from mainhub.health import examine

    console = Console(quiet=quiet, highlight=False)
    async with Doctor(configuration, clock=SystemClock(), config=config) as made:
        chosen = _chosen(made.examinations(), only)
        with console.status(f"Looking into {len(chosen)} things ..."):
            results = await examine(chosen)
    for one in results:
        _print(console, one)
    _conclude(console, results)
    return results


def _chosen(examinations: "list[Examination]", only: list[str]) -> "list[Examination]":
    names = [one.name for one in examinations]
    unknown = [name for name in only if name not in names]
    if unknown:
        raise Invalid(
            f"there is nothing called {', '.join(unknown)} to look into",
            remedy=f"Choose among: {', '.join(names)}",
        )
    return [one for one in examinations if not only or one.name in only]


def _print(console: "Console", examined: "Examined") -> None:
    from rich.text import Text

    console.print(Text(examined.examination.title, style="bold"))
    for one in examined.diagnoses:
        _print_diagnosis(console, one)
    console.print()


def _print_diagnosis(console: "Console", one: "Diagnosis") -> None:
    from rich.padding import Padding
    from rich.text import Text

    style = _STYLES[one.verdict]
    console.print(
        Padding(
            Text.assemble((f"{_MARKS[one.verdict]:<3}", style), _tame(one.what)),
            (0, 0, 0, 2),
            expand=False,
        )
    )
    if one.verdict == "fine":
        return
    for word, words in (("why", one.cause), ("do", one.remedy), ("see", one.link)):
        if words:
            text = Text.assemble((f"{word:<4}", "dim"), _tame(words))
            console.print(Padding(text, (0, 0, 0, 5), expand=False))


def _tame(words: str) -> str:
    """Return *words*, partly a provider's, without what moves a cursor or writes over a line."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in words)


def _conclude(console: "Console", results: "Sequence[Examined]") -> None:
    verdicts = [one.verdict for result in results for one in result.diagnoses]
    counted = {name: sum(verdict == name for verdict in verdicts) for name in _MARKS}
    told = [
        f"{counted['failed']} failed",
        f"{counted['warning']} to look at",
        f"{counted['unknown']} that cannot be told from here",
        f"{counted['fine']} fine",
    ]
    style = "failed" if counted["failed"] else "warning" if counted["warning"] else "fine"
    console.print(", ".join(told) + ".", style=_STYLES[style])


def _plain(results: "Sequence[Examined]") -> dict[str, Any]:
    from mainhub.health import worst

    return {
        "verdict": str(worst(one.verdict for one in results)),
        "examinations": [
            {
                "name": one.examination.name,
                "title": one.examination.title,
                "verdict": str(one.verdict),
                "took_ms": round(one.took.total_seconds() * 1000),
                "diagnoses": [
                    {
                        "what": each.what,
                        "verdict": str(each.verdict),
                        "cause": each.cause,
                        "remedy": each.remedy,
                        "link": each.link,
                    }
                    for each in one.diagnoses
                ],
            }
            for one in results
        ],
    }
