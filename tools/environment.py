"""The Python side of a working copy: ``.venv``, the pinned packages, MainHub itself.

``make bench`` has an environment of its own, ``.venv-bench``: what MainHub is compared with must
never be there when MainHub is tested.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.steps import Command, StepFailed, digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tools.steps import Steps

RUN = ("runtime.txt", "build.txt")
TEST = ("dev.txt",)
NODE = ("node.txt",)
DOCS = ("docs.txt",)
BENCH = ("bench.txt", "build.txt")

HOME = ".venv"
BENCH_HOME = ".venv-bench"

REGISTRY_REMEDY = (
    "If the package registry could not be reached: is this machine online, and does pip need"
    " a proxy or a certificate (pip config set global.proxy ..., global.cert ...)?"
    " Then run make again."
)


def python(root: Path, home: str = HOME) -> Path:
    """Return the interpreter of the working copy's own environment in the folder *home*."""
    return root / home / "bin" / "python"


def prepare(steps: Steps, requirements: Iterable[str], home: str = HOME) -> None:
    """Make the environment *home* hold *requirements* and, editable, MainHub itself."""
    _environment(steps, home)
    packages(steps, requirements, home)
    _mainhub(steps, home)


def packages(steps: Steps, requirements: Iterable[str], home: str = HOME) -> None:
    """Install *requirements*, files in ``requirements/``, checking every hash."""
    files = [steps.root / "requirements" / name for name in requirements]
    interpreter = python(steps.root, home)
    install = [str(interpreter), "-m", "pip", "install", "--no-input", "--require-hashes"]
    for file in files:
        install += ["-r", str(file)]
    steps.once(
        "python-" + "-".join(file.stem for file in files),
        "Install Python packages ({})".format(", ".join(file.stem for file in files)),
        key=digest(_identity(steps.root / home), *files),
        proof=[interpreter],
        commands=lambda: [Command(tuple(install), steps.root)],
        remedy=REGISTRY_REMEDY,
    )


def _environment(steps: Steps, home: str) -> None:
    folder = steps.root / home
    steps.once(
        home.removeprefix("."),
        f"Create the Python environment {home}",
        key=digest(sys.version, sys.base_prefix, str(folder)),
        proof=[python(steps.root, home), folder / "pyvenv.cfg"],
        commands=lambda: [Command(tuple(_create(folder)), steps.root)],
        remedy=f"Remove {home} and run make again.",
    )


def _create(folder: Path) -> list[str]:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise StepFailed("Python's venv module is missing. On Debian: apt-get install python3-venv")
    # An environment that somebody made by hand is kept when it works and fits; a half-made one,
    # left by an interrupted run, is made from scratch.
    keep = _fits(folder / "bin" / "python")
    return [sys.executable, "-m", "venv", *([] if keep else ["--clear"]), str(folder)]


def _fits(interpreter: Path) -> bool:
    question = "import pip, sys; print(sys.version, sys.base_prefix, sep='|')"
    try:
        answer = subprocess.run(
            [interpreter, "-c", question], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout == f"{sys.version}|{sys.base_prefix}\n"


def _mainhub(steps: Steps, home: str) -> None:
    root = steps.root
    options = ["--no-input", "--no-deps", "--no-build-isolation", "--editable"]
    install = [str(python(root, home)), "-m", "pip", "install", *options, str(root)]
    steps.once(
        home.replace(".venv", "mainhub"),
        f"Install MainHub into {home} (editable)",
        key=digest(
            _identity(root / home), str(root), root / "pyproject.toml", root / "hatch_build.py"
        ),
        proof=[root / home / "bin" / "mainhub"],
        # The browser part has a step of its own.
        commands=lambda: [Command(tuple(install), root, {"MAINHUB_BROWSER_BUILD": "skip"})],
        remedy="Is pyproject.toml as it should be? Then run make again.",
    )


def _identity(folder: Path) -> str:
    """Tell one environment from another made in its place."""
    return str((folder / "pyvenv.cfg").stat().st_mtime_ns)
