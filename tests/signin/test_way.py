from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.signin.way import Way

NAMES = st.text("abcXYZ0189_-", min_size=8, max_size=64)
WAYS = st.builds(
    lambda tab, popup, step_up: Way(popup, tab if popup else "", step_up),
    st.one_of(st.just(""), NAMES),
    st.booleans(),
    st.booleans(),
)


@given(way=WAYS, secret=st.text("abcXYZ0189_-", min_size=1, max_size=64))
def test_a_cookie_gives_back_what_was_written(way: Way, secret: str) -> None:
    value = way.written_beside(secret)
    assert Way.read_beside(value) == (secret, way)
    # What a cookie may hold (RFC 6265, section 4.1.1), and never much of it.
    assert not set(value) & set(' ",;\\')
    assert len(value) <= len(secret) + 68


@given(value=st.text(max_size=200))
def test_a_strange_cookie_is_some_way_or_other(value: str) -> None:
    secret, way = Way.read_beside(value)
    assert secret == value.partition(".")[0]
    assert Way.of(popup="1" if way.popup else None, tab=way.tab, step_up=way.step_up) == way


@given(way=WAYS)
def test_an_address_carries_it_on(way: Way) -> None:
    asked = {name: values[0] for name, values in parse_qs(way.query.removeprefix("&")).items()}
    carried = Way.of(popup=asked.get("popup"), tab=asked.get("tab"), step_up=way.step_up)
    assert carried == way


@pytest.mark.parametrize("popup", [None, "", "0", "true", "11", "1 "])
def test_only_one_spelling_asks_for_a_popup(popup: str | None) -> None:
    assert Way.of(popup=popup, tab="the-tab-that-asks") == Way()
