"""What the documentation leaves out: rules over a folder of Markdown files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


def undocumented_commands(docs: Path, commands: Iterable[str]) -> list[str]:
    """Return those of *commands*, such as ``mainhub config show``, that *docs* never name."""
    text = _text(docs)
    return [name for name in commands if not re.search(rf"\b{re.escape(name)}(?![\w-])", text)]


def undocumented_urls(docs: Path, urls: Iterable[str]) -> list[str]:
    """Return those of *urls*, paths with ``{...}`` where they vary, that *docs* never name."""
    text = _text(docs)
    return [
        url for url in urls if not re.search(rf"(?<![\w/}}]){re.escape(url)}(?![\w/{{-])", text)
    ]


def undocumented_settings(docs: Path, settings: Iterable[str]) -> list[str]:
    """Return those of *settings*, such as ``gateway.services.NAME.prefix``, that *docs* leave out.

    A setting is documented where its whole name stands in backticks, or its last part does so in a
    chapter whose heading holds its section in brackets: ``## [gateway.services.NAME]``.
    """
    text = _text(docs)
    return [name for name in settings if f"`{name}`" not in text and not _in_chapter(text, name)]


def commands(group: object, name: str) -> Iterator[str]:
    """Yield the full names of all commands below *group*, as Typer made it, that do something."""
    below = getattr(group, "commands", None)
    if below is None:
        yield name
        return
    for part, command in below.items():
        if not command.hidden:
            yield from commands(command, f"{name} {part}")


def _in_chapter(text: str, name: str) -> bool:
    section, _, key = name.rpartition(".")
    starts = [heading for heading in HEADING.finditer(text) if f"[{section}]" in heading.group()]
    for heading in starts:
        following = HEADING.search(text, heading.end())
        if f"`{key}`" in text[heading.end() : following.start() if following else None]:
            return True
    return False


def _text(docs: Path) -> str:
    return "\n".join(file.read_text() for file in sorted(docs.rglob("*.md")))
