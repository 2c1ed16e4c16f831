from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.identity import Person
from mainhub.sessions import Device, KeyRing, SealBroken, Token, Tokens
from mainhub.sessions.sealed import open_summary, open_tokens, seal_summary, seal_tokens

RING = KeyRing(["k" * 32])
texts = st.text(max_size=30)
times = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
    timezones=st.just(UTC),
)
tokens = st.builds(
    Tokens,
    refresh=st.none() | texts,
    access=st.dictionaries(texts, st.builds(Token, texts, times), max_size=3),
    sid=st.none() | texts,
    login_hint=st.none() | texts,
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


@given(tokens, texts, st.integers(1, 1 << 31))
def test_tokens_return_as_they_were(given_tokens: Tokens, session_id: str, number: int) -> None:
    sealed = seal_tokens(RING, given_tokens, session_id=session_id, id_hash="h", generation=number)
    opened = open_tokens(RING, sealed, session_id=session_id, id_hash="h", generation=number)
    assert opened == given_tokens


@given(people, st.builds(Device, texts, texts))
def test_a_summary_returns_as_it_was(person: Person, device: Device) -> None:
    sealed = seal_summary(RING, person, device, id_hash="h", generation=1)
    assert open_summary(RING, sealed, id_hash="h", generation=1) == (person, device)


@pytest.mark.parametrize(
    "wrong", [{"session_id": "other"}, {"session_id": ""}, {"id_hash": "i"}, {"generation": 2}]
)
def test_tokens_open_only_with_the_id_row_and_generation(wrong: dict[str, str]) -> None:
    right = {"session_id": "id", "id_hash": "h", "generation": 1}
    sealed = seal_tokens(RING, Tokens("r"), session_id="id", id_hash="h", generation=1)
    with pytest.raises(SealBroken):
        open_tokens(RING, sealed, **(right | wrong))  # type: ignore[arg-type] # from a table


def test_rows_and_generations_are_told_apart() -> None:
    sealed = seal_tokens(RING, Tokens("r"), session_id="id", id_hash="h/1", generation=1)
    with pytest.raises(SealBroken):
        open_tokens(RING, sealed, session_id="id", id_hash="h", generation=11)
