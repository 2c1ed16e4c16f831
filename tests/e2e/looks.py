"""The looks in which a page is seen: language, colours, width."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}

# Each pair of a language, colours and a width is among these: what goes wrong in a look goes wrong
# by one of the three, or by two of them together. All eight are seen at the first visit.
each_look = pytest.mark.parametrize(
    ("locale", "theme", "viewport"),
    [
        ("fr", "light", WIDE),
        ("fr", "dark", NARROW),
        ("en", "light", NARROW),
        ("en", "dark", WIDE),
    ],
    ids=["fr-light-wide", "fr-dark-narrow", "en-light-narrow", "en-dark-wide"],
)


def assert_accessible(page: Page) -> None:
    """No violation that axe-core knows, and nothing wider than the window."""
    assert AXE.exists(), "axe-core is missing; run: make test"
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [
        f"{violation['id']}: {node['html']} ({node['failureSummary']})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert told == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"] if page.viewport_size else True
