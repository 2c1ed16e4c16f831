"""What may be committed: rules over a folder and the names of its tracked files."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Each pattern has one letter in brackets, so that this file does not offend itself.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|home/[a-z]\w*|Users/\w+)/")
REGISTRIES = re.compile(r"npmjs\.or[g]|pythonhoste[d]\.|pypi\.or[g]|deb\.debian\.or[g]")
FETCHED_FROM = re.compile(r'"resolve[d]": "https?:')
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E])\b(?!.*#\d)")
BUILT = ("src/mainhub/static/*", "*node_modules/*", "*.pyc", "dist/*", "site/*", ".venv/*", "*.whl")
# It names the host that each package came from; requirements/*.txt pin without one.
UNWANTED = ("uv.lock", "*/uv.lock", "yarn.lock", "*/yarn.lock")


def tracked(root: Path) -> list[str]:
    """Return the names of the files that git tracks, relative to *root*."""
    asked = ["git", "-C", str(root), "ls-files", "-z"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


def machine_paths(root: Path, names: Iterable[str]) -> list[str]:
    """Return the lines that name a folder of somebody's machine."""
    return list(_lines(root, names, MACHINE_PATHS))


def registry_hosts(root: Path, names: Iterable[str]) -> list[str]:
    """Return the lines that name a package registry's host: it is the user's own choice."""
    return [*_lines(root, names, REGISTRIES), *_lines(root, names, FETCHED_FROM)]


def unfinished(root: Path, names: Iterable[str]) -> list[str]:
    """Return the lines that put something off without the issue that will do it."""
    return list(_lines(root, names, UNFINISHED))


def built_files(root: Path, names: Iterable[str]) -> list[str]:
    """Return the tracked files that are made from others, or that name where packages came from."""
    del root
    return [name for name in names if any(fnmatch(name, kind) for kind in (*BUILT, *UNWANTED))]


def _lines(root: Path, names: Iterable[str], pattern: re.Pattern[str]) -> Iterator[str]:
    for name in names:
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                yield f"{name}:{number}: {line.strip()[:120]}"
