"""Every action is described in ``docs/audit.md``."""

from __future__ import annotations

import re
from pathlib import Path

from mainhub.audit import ACTIONS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def described(text: str) -> set[str]:
    """Return the actions that have a row of a table in *text*."""
    return set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", text, re.MULTILINE))


def test_finds_only_what_has_a_row() -> None:
    assert described("| `a.b` | x |\n`c.d`\n| c.d | `e.f` |\n") == {"a.b"}


def test_every_action_is_described_and_nothing_else() -> None:
    assert described((DOCS / "audit.md").read_text()) == set(ACTIONS)
