from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.identity import Person
from mainhub.sessions import Device, KeyRing, Purpose, SealBroken, Token, Tokens
from mainhub.sessions.sealed import (
    Sealing,
    Summary,
    open_summary,
    open_tokens,
    seal_summary,
    seal_tokens,
)

RING = KeyRing(["k" * 32])
PERSON = Person("tid.oid", "Linus", None, ("Employee",), "tid", "entra")
texts = st.text(max_size=30)
times = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
    timezones=st.just(UTC),
)
tokens = st.builds(
    Tokens,
    refresh=st.none() | texts,
    access=st.dictionaries(texts, st.builds(Token, texts, times, st.none() | times), max_size=3),
    sid=st.none() | texts,
    login_hint=st.none() | texts,
    family=st.none() | texts,
    vouched_at=st.none() | times,
)
people = st.builds(
    Person,
    id=texts,
    name=texts,
    email=st.none() | texts,
    roles=st.lists(texts, min_size=1, max_size=3).map(tuple),
    tenant_id=st.none() | texts,
    provider=texts,
)


BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ENDS = BEGAN + timedelta(hours=12)
ROW = Sealing("h", 1, BEGAN, ENDS)
SUMMARY = Summary(PERSON, Device("Firefox", "203.0.113.7"))


@given(tokens, texts, st.integers(1, 1 << 31))
def test_tokens_return_as_they_were(given_tokens: Tokens, session_id: str, number: int) -> None:
    row = replace(ROW, generation=number)
    sealed = seal_tokens(RING, given_tokens, session_id=session_id, row=row)
    assert open_tokens(RING, sealed, session_id=session_id, row=row) == given_tokens


@given(people, st.builds(Device, texts, texts), times, times)
def test_a_summary_returns_as_it_was(
    person: Person, device: Device, began: datetime, ends: datetime
) -> None:
    row = Sealing("h", 1, began, ends)
    held = Summary(person, device, "sid", "family")
    assert open_summary(RING, seal_summary(RING, held, row=row), row=row) == held


@pytest.mark.parametrize("session_id", ["other", ""])
def test_tokens_open_only_with_the_id(session_id: str) -> None:
    sealed = seal_tokens(RING, Tokens("r"), session_id="id", row=ROW)
    with pytest.raises(SealBroken):
        open_tokens(RING, sealed, session_id=session_id, row=ROW)


@pytest.mark.parametrize("wrong", [replace(ROW, id_hash="i"), replace(ROW, generation=2)])
def test_tokens_open_only_in_their_row_and_generation(wrong: Sealing) -> None:
    sealed = seal_tokens(RING, Tokens("r"), session_id="id", row=ROW)
    with pytest.raises(SealBroken):
        open_tokens(RING, sealed, session_id="id", row=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ROW, id_hash="i"),
        replace(ROW, generation=2),
        replace(ROW, created_at=BEGAN + timedelta(microseconds=1)),
        replace(ROW, expires_at=ENDS + timedelta(days=400)),
    ],
)
def test_a_summary_opens_only_in_its_row_and_for_its_time(wrong: Sealing) -> None:
    sealed = seal_summary(RING, SUMMARY, row=ROW)
    with pytest.raises(SealBroken):
        open_summary(RING, sealed, row=wrong)


def test_a_summary_of_before_times_were_sealed_opens() -> None:
    plain = orjson.dumps({"person": PERSON, "device": Device("Firefox", "203.0.113.7")})
    sealed = RING.seal(plain, purpose=Purpose.SESSION_SUMMARY, context=ROW.context)
    assert open_summary(RING, sealed, row=ROW).person == PERSON


def test_tokens_are_no_summary_and_a_summary_is_no_tokens() -> None:
    tokens = seal_tokens(RING, Tokens("r"), session_id="id", row=ROW)
    with pytest.raises(SealBroken):
        open_summary(RING, tokens, row=ROW)
    summary = seal_summary(RING, SUMMARY, row=ROW)
    with pytest.raises(SealBroken):
        open_tokens(RING, summary, session_id="id", row=ROW)


@given(st.binary(max_size=60) | st.sampled_from([b"null", b"[]", b"{}", b'{"person": 1}']))
def test_what_is_sealed_but_no_session_is_broken_and_nothing_else(plain: bytes) -> None:
    summary = RING.seal(plain, purpose=Purpose.SESSION_SUMMARY, context=ROW.context)
    with pytest.raises(SealBroken):
        open_summary(RING, summary, row=ROW)
    tokens = RING.seal(plain, purpose=Purpose.SESSION_TOKENS, context=ROW.context, secret="id")
    with pytest.raises(SealBroken):
        open_tokens(RING, tokens, session_id="id", row=ROW)


def test_rows_and_generations_are_told_apart() -> None:
    sealed = seal_tokens(RING, Tokens("r"), session_id="id", row=replace(ROW, id_hash="h/1"))
    with pytest.raises(SealBroken):
        open_tokens(RING, sealed, session_id="id", row=replace(ROW, generation=11))
