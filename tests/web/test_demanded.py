"""Claims that a service or a provider demands of a person, as they come in."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web import read_claims, read_encoded_claims

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), JSON, min_size=1, max_size=4))
def test_an_object_is_read_in_every_spelling(claims: dict[str, object]) -> None:
    text = orjson.dumps(claims)
    if len(text) > 3000:
        return
    read = read_claims(text)
    assert read is not None
    assert orjson.loads(read) == claims
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        written = encode(text).decode()
        assert read_encoded_claims(written) == read
        assert read_encoded_claims(written.rstrip("=")) == read


@given(st.text() | st.binary())
def test_nothing_else_is_read_and_nothing_fails(outside: str | bytes) -> None:
    read = read_claims(outside)
    assert read is None or isinstance(orjson.loads(read), dict)
    if isinstance(outside, str):
        read = read_encoded_claims(outside)
        assert read is None or isinstance(orjson.loads(read), dict)


@pytest.mark.parametrize("depth", [254, 300, 700])
@pytest.mark.parametrize("opening", ["[]", "{}"])
def test_what_is_nested_more_deeply_than_can_be_written_is_not_read(
    depth: int, opening: str
) -> None:
    before, after = ("[", "]") if opening == "[]" else ('{"":', "}")
    text = '{"a":' + before * depth + "1" + after * depth + "}"
    assert read_claims(text) is None
    assert read_encoded_claims(base64.b64encode(text.encode()).decode()) is None


@pytest.mark.parametrize("read", [read_claims, read_encoded_claims])
def test_it_is_bounded(read: Callable[[str], str | None]) -> None:
    text = '{"a": "' + "x" * 5000 + '"}'
    assert read(text) is None
    assert read(base64.b64encode(text.encode()).decode()) is None
    assert read("") is None
