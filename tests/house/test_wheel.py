"""What ``pip install`` brings works without Node, and is all that is needed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "mainhub"
# Of each kind at least one must stand in the tree, or the test would prove nothing.
TRAVELLING = (
    "py.typed",
    "static/manifest.json",
    "static/*.js",
    "storage/migrations/env.py",
    "storage/migrations/versions/*.py",
    "**/templates/*.html",
    "**/*.py",
)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    # `make test` has built the browser part; a test takes it as it is.
    skip = {**os.environ, "MAINHUB_BROWSER_BUILD": "skip"}
    done = subprocess.run(build, cwd=ROOT, env=skip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize("kind", TRAVELLING)
def test_the_wheel_holds_all_that_stands_in_the_tree(kind: str, packed: list[str]) -> None:
    standing = {f"mainhub/{file.relative_to(PACKAGE)}" for file in PACKAGE.glob(kind)}
    assert standing
    assert standing - set(packed) == set()


def test_the_wheel_holds_nothing_else(packed: list[str]) -> None:
    assert foreign(packed) == []


@pytest.mark.parametrize(
    "name",
    ["browser/shell/boot.ts", "tests/conftest.py", "mainhub/a.ts", "mainhub/node_modules/a.js"],
)
def test_sees_what_does_not_belong_into_a_wheel(name: str) -> None:
    assert foreign(["mainhub/__init__.py", "mainhub-0.1.0.dist-info/RECORD", name]) == [name]


def foreign(names: list[str]) -> list[str]:
    """Return the names that no wheel of ours may hold."""
    return [
        name
        for name in names
        if not name.startswith(("mainhub/", "mainhub-"))
        or name.endswith((".ts", ".pyc"))
        or "node_modules" in name
    ]
