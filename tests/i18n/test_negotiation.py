from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.i18n import negotiate


@pytest.mark.parametrize(
    ("chosen", "accepted", "locale"),
    [
        ("fr", "en", "fr"),
        ("en", "fr", "en"),
        (None, "fr", "fr"),
        (None, "fr-CA", "fr"),
        (None, "FR-be", "fr"),
        (None, "en-GB,fr;q=0.9", "en"),
        (None, "en;q=0.4, fr;q=0.8", "fr"),
        (None, "fr;q=0.5,en;q=0.5", "fr"),
        (None, "de-DE,de;q=0.9,fr;q=0.3,en;q=0.2", "fr"),
        (None, "de", "en"),
        (None, "fr;q=0", "en"),
        (None, "fr;q=0,en;q=0.1", "en"),
        (None, "*", "en"),
        (None, "", "en"),
        (None, None, "en"),
        (None, "fr;q=x,en;q=0.1", "en"),
        (None, ";;;,,q=,fr", "fr"),
        (None, "fr ; q=0.9", "fr"),
        ("de", "fr", "fr"),
        ("", "fr", "fr"),
        ("FR", "en", "en"),
    ],
)
def test_the_choice_counts_then_the_browsers_order(
    chosen: str | None, accepted: str | None, locale: str
) -> None:
    assert negotiate(chosen, accepted) == locale


pieces = st.sampled_from(["fr", "en", "-", ",", ";", "q=", "q=nan", "q=inf", "0.5", "-1", "*", " "])


@given(st.none() | st.text(), st.none() | st.text() | st.lists(pieces).map("".join))
def test_any_header_gives_one_of_our_languages(chosen: str | None, accepted: str | None) -> None:
    assert negotiate(chosen, accepted) in {"fr", "en"}
