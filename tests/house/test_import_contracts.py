"""Every import contract of ``pyproject.toml`` holds, and each has been seen to fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

FLOORS = "Each floor stands only on the floors below it; rooms never know each other"
SIMULATOR = "The simulated world is another company's software: only the command line starts it"
ADAPTERS = "Only the composition root picks an adapter"
DRIVERS = "A driver is imported only by what is named after it"
FRAMEWORKS = "HTTP frameworks stay in routes, web, the composition root and the simulated world"
CYCLES = "No import cycles anywhere"


class Violation(NamedTuple):
    """A file planted into a copy of the package, and the contract that it must break."""

    contract: str
    file: str
    text: str


VIOLATIONS = [
    Violation(FLOORS, "sessions/planted.py", "import mainhub.settings\nimport mainhub.app\n"),
    Violation(FLOORS, "signin/planted.py", "import mainhub.gateway\n"),
    Violation(FLOORS, "novel/__init__.py", ""),
    Violation(SIMULATOR, "app/planted.py", "import mainhub.simulator\n"),
    Violation(ADAPTERS, "signin/planted.py", "import mainhub.sessions.sql\n"),
    Violation(DRIVERS, "web/planted.py", "import aiohttp\n"),
    Violation(DRIVERS, "sessions/planted.py", "import aiosqlite\n"),
    Violation(FRAMEWORKS, "sessions/planted.py", "import starlette.requests\n"),
    Violation(CYCLES, "web/planted.py", "import mainhub.web.planted_too\n"),
]


def test_every_contract_holds(tmp_path: Path) -> None:
    copied(tmp_path)
    assert broken(tmp_path) == set()


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: violation.file)
def test_a_planted_violation_breaks_its_contract(violation: Violation, tmp_path: Path) -> None:
    package = copied(tmp_path)
    planted = package / violation.file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(violation.text)
    if violation.contract == CYCLES:
        (package / "web" / "planted_too.py").write_text("import mainhub.web.planted\n")
    assert violation.contract in broken(tmp_path)


def test_each_contract_has_a_violation() -> None:
    assert {violation.contract for violation in VIOLATIONS} == contracts()


def copied(folder: Path) -> Path:
    """Copy the package and its contracts into *folder* and return the package there."""
    package = folder / "src" / "mainhub"
    without = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(ROOT / "src" / "mainhub", package, ignore=without)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return package


def broken(folder: Path) -> set[str]:
    """Return the names of the contracts that the package in *folder* breaks."""
    answer = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = set(re.findall(r"^(.+) BROKEN(?: \(.*\))?$", answer.stdout, re.MULTILINE))
    # A run that could not read the contracts proves nothing.
    assert found or answer.returncode == 0, answer.stdout + answer.stderr
    return found


def contracts() -> set[str]:
    """Return the names of all contracts."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {contract["name"] for contract in tool["contracts"]}
