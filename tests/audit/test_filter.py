from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.audit import Filter
from mainhub.audit.filter import FILTERS
from mainhub.errors import Invalid


def test_reads_what_is_given_and_nothing_else() -> None:
    wanted = Filter.read(
        {"action": "signin.done", "since": "2026-11-20T10:00:00+01:00", "person": " Ada ", "x": "y"}
    )
    nine = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert wanted == Filter(action="signin.done", since=nine, person="Ada")
    assert wanted.shown() == {"action": "signin.done", "since": nine, "person": "Ada"}
    assert Filter.read({"action": "", "outcome": None}) == Filter()


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("action", "signin.don", "Did you mean signin.done?"),
        ("action", "' OR 1=1 --", "Give one of access.granted"),
        ("outcome", "DONE", "done, refused, failed"),
        ("since", "yesterday", "2026-11-20T09:00:00Z"),
        ("since", "2026-11-20T09:00:00", "with its zone"),
        ("since", "2026-11-20", "with its zone"),
        ("until", "0001-01-01T00:00:00+23:59", "with its zone"),
        ("until", "9999-12-31T23:59:59-23:59", "with its zone"),
        ("since", "2026-11-20T09:00:00 01:00", "with its zone"),
        ("trace", "0AF7651916CD43DD8448EB211C80319C", "32 hex digits"),
        ("trace", "0af7", "32 hex digits"),
        ("person", "a\x00b", "printable"),
        ("target", "x" * 513, "printable"),
    ],
)
def test_says_what_is_wrong_and_how_to_write_it(name: str, text: str, remedy: str) -> None:
    with pytest.raises(Invalid) as raised:
        Filter.read({name: text})
    assert name in str(raised.value)
    assert remedy in str(raised.value.remedy)
    assert text not in str(raised.value)


@given(st.dictionaries(st.sampled_from(FILTERS), st.text()))
def test_any_text_is_read_or_refused(given_texts: dict[str, str]) -> None:
    with suppress(Invalid):
        Filter.read(given_texts)
