"""What of a token endpoint's answer is kept: a bearer token that can be sent, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.signin.kept_tokens import good
from mainhub.signin.token_answer import access_tokens

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RIGHT = {"access_token": "eyJ.a.b", "token_type": "Bearer", "expires_in": 3600}


def kept(**changes: object) -> bool:
    return bool(access_tokens(RIGHT | changes, asked=("orders",), now=NOW))


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_keeps_a_bearer_token(kind: str) -> None:
    assert kept(token_type=kind)


@pytest.mark.parametrize("kind", ["DPoP", "mac", "", "Bearer ", None, 7])
def test_keeps_no_token_of_another_kind(kind: object) -> None:
    assert not kept(token_type=kind)


@pytest.mark.parametrize("value", ["a b", "a\r\nX-Admin: yes", "é", "a\x00", "", 7, None, ["a"]])
def test_keeps_nothing_that_cannot_be_sent(value: object) -> None:
    assert not kept(access_token=value)


@given(st.text(), st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_whatever_is_kept_can_be_sent(value: str, seconds: object) -> None:
    found = access_tokens(
        RIGHT | {"access_token": value, "expires_in": seconds}, asked=("orders",), now=NOW
    )
    for token in found.values():
        assert token.value.isascii()
        assert token.value.isprintable()
        assert NOW <= token.expires_at <= NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("lives", "after", "usable"),
    [
        (3600, 3539, True),
        (3600, 3540, False),
        (120, 59, True),
        (120, 60, False),
        (90, 44, True),
        (90, 45, False),
        (10, 4, True),
        (10, 5, False),
        (0, 0, False),
    ],
)
def test_is_handed_out_until_a_minute_or_half_of_its_time_is_left(
    lives: int, after: int, *, usable: bool
) -> None:
    (token,) = access_tokens(RIGHT | {"expires_in": lives}, asked=("orders",), now=NOW).values()
    assert (good(token, NOW + timedelta(seconds=after)) is not None) is usable
