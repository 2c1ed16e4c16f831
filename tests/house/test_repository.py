"""Nothing is committed that belongs to one machine, or that can be built."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from house import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[2]
RULES = [
    repository.machine_paths,
    repository.registry_hosts,
    repository.unfinished,
    repository.built_files,
]

# In pieces, so that this file holds none of what it plants.
FAULTS = [
    (repository.machine_paths, "docs/a.md", "see /wor" + "k/main/README.md"),
    (repository.machine_paths, "a.py", "STATE = '/roo" + "t/state'"),
    (repository.machine_paths, "a.py", "STATE = '/home" + "/ada/state'"),
    (repository.registry_hosts, "browser/.npmrc", "registry=https://registry.npmjs" + ".org/"),
    (
        repository.registry_hosts,
        "requirements/dev.txt",
        "https://files.pythonhosted" + ".org/a",
    ),
    (
        repository.registry_hosts,
        "package-lock.json",
        '"resolved' + '": "http://mirror.test/a"',
    ),
    (repository.unfinished, "a.py", "# TO" + "DO: say who and when"),
    (repository.unfinished, "a.ts", "// FIX" + "ME"),
    (repository.built_files, "src/mainhub/static/boot-1.js", ""),
    (repository.built_files, "browser/node_modules/lit/index.js", ""),
    (repository.built_files, "uv.lock", ""),
]
SOUND = [
    (repository.machine_paths, "a.py", "PATH = '/var/lib/mainhub/framework/x'"),
    (repository.registry_hosts, "package-lock.json", '"resolved' + '": "frontends/dashboard"'),
    (repository.unfinished, "a.py", "# TO" + "DO: see #12"),
    (repository.built_files, "browser/build.mjs", ""),
]


@pytest.mark.parametrize(("rule", "name", "text"), FAULTS)
def test_sees_a_planted_fault(
    rule: Callable[[Path, Iterable[str]], list[str]], name: str, text: str, tmp_path: Path
) -> None:
    planted(tmp_path, name, text)
    assert len(rule(tmp_path, repository.tracked(tmp_path))) == 1


@pytest.mark.parametrize(("rule", "name", "text"), SOUND)
def test_lets_sound_files_pass(
    rule: Callable[[Path, Iterable[str]], list[str]], name: str, text: str, tmp_path: Path
) -> None:
    planted(tmp_path, name, text)
    assert rule(tmp_path, repository.tracked(tmp_path)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_our_repository_is_sound(rule: Callable[[Path, Iterable[str]], list[str]]) -> None:
    assert rule(ROOT, repository.tracked(ROOT)) == []


def planted(root: Path, name: str, text: str) -> None:
    """Make *root* a repository that tracks one file."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    for arguments in (["init", "--quiet"], ["add", "--force", "--", name]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
