"""In which order the files of tests run: those that keep a processor busy, far apart.

Files run side by side. Several of those that start browsers and whole hubs at the same time wait
for one another; beside files that wait for time to pass, they need no longer than alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    import pytest

__all__ = ["merged", "spread"]

_T = TypeVar("_T")
_BUSY: Final = ("tests/e2e/", "tests/cli/")


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return *items* with the busy files evenly among the others; a file's own order stays."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.location[0], []).append(item)
    busy = [found for name, found in files.items() if name.startswith(_BUSY)]
    other = [found for name, found in files.items() if not name.startswith(_BUSY)]
    return [item for found in merged(busy, other) for item in found]


def merged(few: list[_T], many: list[_T]) -> list[_T]:
    """Return both, each in its own order, with *few* at even distances, the first one in front."""
    places = [(at / max(len(few), 1), 0, one) for at, one in enumerate(few)]
    places += [(at / max(len(many), 1), 1, one) for at, one in enumerate(many)]
    return [one for _, _, one in sorted(places, key=lambda place: place[:2])]
