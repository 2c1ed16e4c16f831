"""Run every check, then the tests; stop at the first that fails, with its output.

Started by ``make test``, which has prepared all that is needed. The last line is pytest's own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.browser import has_sources
from tools.steps import Command, StepFailed, Steps, become, run
from tools.targets import find_node

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
# Most tests wait for others more than they compute. A file's tests share what is slow to start, and
# tests/house/spread.py says which file follows which.
PARALLEL = ("--numprocesses", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def checks(root: Path) -> list[tuple[str, Command]]:
    """Return what is checked before the tests run, in order."""
    return [
        ("Python format", _tool(root, "ruff", "format", "--check", ".")),
        ("Python lint", _tool(root, "ruff", "check", ".")),
        *_npm(root, {"Browser lint": "lint", "Browser types": "types", "Browser tests": "test"}),
        ("Python types", _tool(root, "mypy")),
        ("Import contracts", _tool(root, "lint-imports")),
    ]


def rewriters(root: Path) -> list[tuple[str, Command]]:
    """Return what ``make format`` runs, in order."""
    return [
        ("Python lint, what can be mended", _tool(root, "ruff", "check", "--fix-only", ".")),
        ("Python format", _tool(root, "ruff", "format", ".")),
        *_npm(root, {"Browser format": "format"}),
    ]


def main(arguments: Sequence[str]) -> int:
    """Check everything and become pytest, or rewrite; return 1 at the first failure."""
    steps = Steps(ROOT)
    rewrite = arguments[:1] == ["--rewrite"]
    try:
        for title, command in rewriters(ROOT) if rewrite else checks(ROOT):
            passes(steps, title, command)
    except StepFailed as failure:
        print(failure)
        return 1
    if rewrite:
        return 0
    # pytest takes this process's place, so that nothing can follow its summary.
    return become(_tool(ROOT, "pytest", *PARALLEL, *arguments))


def passes(steps: Steps, title: str, command: Command) -> None:
    """Run one check with a progress line.

    Raises:
        StepFailed: when it fails, with its whole output.
    """
    log = steps.folder / "check.log"
    with steps.progress(title), log.open("wb") as output:
        code = run(command, output=output)
        if code:
            told = log.read_text(errors="replace").strip()
            raise StepFailed(f"\n{told}\n\n{title} failed ({code}): {' '.join(command.arguments)}")


def _tool(root: Path, name: str, *arguments: str) -> Command:
    return Command((str(root / ".venv" / "bin" / name), *arguments), root)


def _npm(root: Path, scripts: dict[str, str]) -> list[tuple[str, Command]]:
    if not has_sources(root):
        return []
    node = find_node(Steps(root))
    return [
        (title, node.run_npm(root / "browser", "run", script)) for title, script in scripts.items()
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
