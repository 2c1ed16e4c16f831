"""Files stay short, well named and honest about what they catch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from house import shape

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PLACES = [ROOT / name for name in ("src", "browser", "tools", "tests", "examples", "bench")]

TRY = "try:\n    print()\n"
LONG_FUNCTION = "def long() -> None:\n" + "    print()\n" * 50

FAULTS = [
    (shape.too_long_files, "long.py", "\n" * 401),
    (shape.too_long_files, "browser/long.ts", "//\n" * 401),
    (shape.too_long_functions, "long.py", LONG_FUNCTION),
    (shape.too_long_functions, "long.py", "async " + LONG_FUNCTION),
    (shape.vague_names, "cache/utils.py", ""),
    (shape.vague_names, "browser/common/types.ts", ""),
    (shape.vague_names, "Base.ts", ""),
    (shape.vague_names, "helpers.test.ts", ""),
    (shape.doors_without_words, "room/__init__.py", "__all__ = []\n"),
    (shape.doors_without_words, "room/__init__.py", '"""Says what it is for."""\n'),
    (shape.broad_handlers, "a.py", TRY + "except Exception:\n    pass\n"),
    (shape.broad_handlers, "a.py", TRY + "except:\n    pass\n"),
    (
        shape.broad_handlers,
        "a.py",
        TRY + "except (OSError, BaseException):\n    pass\n",
    ),
    (shape.broad_handlers, "a.py", TRY + "except Exception:  # edge:\n    pass\n"),
]
SOUND = [
    (shape.too_long_files, "long.py", "\n" * 400),
    (shape.too_long_functions, "long.py", LONG_FUNCTION.replace("    print()\n", "", 1)),
    (shape.vague_names, "database.py", ""),
    (shape.doors_without_words, "room/__init__.py", '"""Says it."""\n\n__all__: list[str] = []\n'),
    (
        shape.broad_handlers,
        "a.py",
        TRY + "except Exception:  # edge: a task\n    pass\n",
    ),
    (shape.broad_handlers, "a.py", TRY + "except BaseException:\n    print()\n    raise\n"),
    (shape.broad_handlers, "a.py", TRY + "except OSError:\n    pass\n"),
]


@pytest.mark.parametrize(("rule", "file", "text"), FAULTS)
def test_sees_a_planted_fault(
    rule: Callable[[Path], list[str]], file: str, text: str, tmp_path: Path
) -> None:
    plant(tmp_path / file, text)
    assert len(rule(tmp_path)) == 1


@pytest.mark.parametrize(("rule", "file", "text"), SOUND)
def test_lets_sound_files_pass(
    rule: Callable[[Path], list[str]], file: str, text: str, tmp_path: Path
) -> None:
    plant(tmp_path / file, text)
    assert rule(tmp_path) == []


@pytest.mark.parametrize(
    "rule",
    [shape.too_long_files, shape.too_long_functions, shape.vague_names],
    ids=lambda rule: rule.__name__,
)
def test_our_files_are_in_shape(rule: Callable[[Path], list[str]]) -> None:
    assert [offence for place in PLACES for offence in rule(place)] == []


def test_every_room_says_what_it_is_for() -> None:
    assert shape.doors_without_words(ROOT / "src" / "mainhub") == []


def test_everything_is_caught_at_the_edges_only() -> None:
    assert shape.broad_handlers(ROOT / "src") == []


def plant(file: Path, text: str) -> None:
    """Write *text* into *file*, making its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
