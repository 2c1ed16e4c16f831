from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.events import BadCursor, Cursor

HEX = st.text("0123456789abcdef", min_size=8, max_size=8)


@given(HEX, st.integers(0, 10**16 - 1))
def test_a_cursor_is_read_as_it_was_written(epoch: str, seq: int) -> None:
    cursor = Cursor(epoch, seq)
    assert Cursor.parse(str(cursor)) == cursor


@given(st.text() | st.from_regex(r"[0-9a-f]{7,9}-[0-9]{1,40}", fullmatch=True))
def test_whatever_is_read_is_what_was_written(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except BadCursor as error:
        told = error
    else:
        assert str(cursor) == text
        return
    assert told.remedy


@pytest.mark.parametrize(
    "text",
    ["", "0a1b2c3d", "0a1b2c3d-", "0a1b2c3d--1", "0a1b2c3d-01", "0A1B2C3D-1", "0a1b2c3d-1\n"],
)
def test_refuses_what_is_no_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.parse(text)
