from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.audit.plain import MASK, MOST_BYTES, line, plain

MAKEABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner)
    ),
    max_leaves=40,
)
SECRET_NAMES = [
    "client_secret",
    "secret_keys",
    "Authorization",
    "Set-Cookie",
    "refreshToken",
    "access_tokens",
    "password",
    "DB_PASSWD",
    "api-key",
    "code_verifier",
    "client_assertion",
    "code",
]
SECRET_TEXTS = [
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "Bearer abc.def-123",
    "postgresql://hub:hunter22@db.example/mainhub",
    "/auth/callback?state=x&code=hunter22&y=1",
    "client_secret=hunter22",
]


@given(MAKEABLE)
def test_whatever_is_made_plain_is_bounded_json(value: object) -> None:
    made = plain(value)
    written = orjson.dumps(made)
    assert len(written) <= MOST_BYTES
    assert json.loads(json.dumps(made)) == orjson.loads(written)
    assert "\\u0000" not in written.decode()


@given(st.text(), st.integers(2, 60))
def test_a_line_is_one_line_of_the_asked_length(text: str, longest: int) -> None:
    made = line(text, longest)
    assert len(made) <= longest
    assert len(made.splitlines()) <= 1
    made.encode()
    assert not set(made) & set("\x00\x1b\n\r\u202e\u2066\u2028")


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_what_is_named_like_a_secret_is_masked_at_any_depth(name: str) -> None:
    value: Any = {"outer": [{name: "hunter22"}], name: {"deeper": "hunter22"}}
    assert plain(value) == {"outer": [{name: MASK}], name: MASK}


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    made = line(text, 1000)
    assert MASK in made
    for secret in ("hunter22", "c2lnbmF0dXJl", "abc.def"):
        assert secret not in made


def test_a_secret_name_is_judged_before_it_is_cut() -> None:
    assert list(plain({"x" * 150 + "password": "hunter22"}).values()) == [MASK]  # type: ignore[union-attr]


def test_plain_values_stay_what_they_are() -> None:
    value = {"roles": ["Admin", "*"], "active": False, "position": 10, "share": 0.5, "url": None}
    assert plain(value) == value
    assert plain(datetime(2026, 11, 20, tzinfo=UTC)) == "2026-11-20T00:00:00Z"
    assert plain({"é": "où\u00a0?"}) == {"é": "où\u00a0?"}


def test_what_is_too_large_is_cut_and_says_so() -> None:
    made = plain({str(number): "x" * 900 for number in range(50)})
    assert isinstance(made, dict)
    assert list(made) == ["cut"]
    assert str(made["cut"]).startswith('{"0":"xxx')
    endless: list[object] = []
    endless.append(endless)
    assert len(orjson.dumps(plain(endless))) < 100
    assert len(orjson.dumps(plain("\\" * 100_000))) < 3000
