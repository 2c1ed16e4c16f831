"""Every type of event, and every field of its data, is described in ``docs/events.md``."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainhub.events import SYSTEM, EventType, Field

TEXT = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")


def undocumented(kind: EventType, text: str) -> list[str]:
    """Return what the table's row for *kind* leaves out."""
    rows = [line for line in text.splitlines() if line.startswith(f"| `{kind.name}` |")]
    if len(rows) != 1:
        return [kind.name]
    names = [field.name for field in kind.fields or ()]
    words = [word for field in kind.fields or () for word in field.choices]
    missing = [name for name in names if f"`{name}`" not in rows[0]]
    return missing + [
        word for word in (*words, *kind.roles, *kind.publish) if not _said(word, rows)
    ]


def _said(word: str, rows: list[str]) -> bool:
    return ("everyone" if word == "*" else word) in rows[0]


@pytest.mark.parametrize("kind", SYSTEM, ids=lambda kind: kind.name)
def test_every_type_and_field_is_documented(kind: EventType) -> None:
    assert undocumented(kind, TEXT) == []


def test_documents_no_type_that_does_not_exist() -> None:
    table = TEXT.partition("## The hub's own types")[2].partition("##")[0]
    named = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert named == [kind.name for kind in SYSTEM]


def test_misses_what_is_left_out() -> None:
    row = "| `a:b` | hub | everyone | never | `shown` |\n"
    fields = (Field("shown", "text", "x"), Field("hidden", "text", "x"))
    kind = EventType("a:b", "x", "hub", "everyone", fields=fields)
    assert undocumented(kind, row) == ["hidden"]
    assert undocumented(kind, row.replace("a:b", "a:c")) == ["a:b"]
