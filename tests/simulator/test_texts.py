from __future__ import annotations

import pytest
from starlette.requests import Request

from mainhub.simulator.texts import TEXTS, locale_of


def request(accept: str | None) -> Request:
    headers = [] if accept is None else [(b"accept-language", accept.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "ui_locales", "expected"),
    [
        (None, None, "fr"),
        ("", None, "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", None, "fr"),
        ("en-US,en;q=0.9,fr;q=0.8", None, "en"),
        ("en;q=0.5,fr;q=0.9", None, "fr"),
        ("de-DE,de;q=0.9", None, "en"),
        ("de,fr;q=0.3", None, "fr"),
        ("fr;q=0,en;q=0.1", None, "en"),
        ("en;q=nonsense", None, "en"),
        ("fr", "en", "en"),
        ("en", "fr-FR en", "fr"),
        ("en", "de", "en"),
    ],
)
def test_speaks_what_is_asked_for_first_then_what_the_browser_prefers(
    accept: str | None, ui_locales: str | None, expected: str
) -> None:
    assert locale_of(request(accept), ui_locales) == expected


def test_both_languages_say_everything() -> None:
    assert set(TEXTS["fr"]) == set(TEXTS["en"])
