from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mainhub.errors import Invalid
from mainhub.sessions import KeyRing, Purpose, SealBroken

FIRST, SECOND = "1" * 32, "2" * 32
RING = KeyRing([FIRST])
purposes = st.sampled_from(Purpose)


@given(st.binary(), purposes, st.binary(), st.text())
def test_opens_what_it_sealed(plain: bytes, purpose: Purpose, context: bytes, secret: str) -> None:
    sealed = RING.seal(plain, purpose=purpose, context=context, secret=secret)
    assert RING.open(sealed, purpose=purpose, context=context, secret=secret) == plain
    assert len(sealed) == 1 + 4 + 12 + len(plain) + 16


@given(st.binary(max_size=40), st.data())
def test_any_flipped_bit_breaks_the_seal(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(plain, purpose=Purpose.SESSION_TOKENS, context=b"c", secret="s"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        RING.open(bytes(sealed), purpose=Purpose.SESSION_TOKENS, context=b"c", secret="s")


@given(st.binary(max_size=200), purposes)
def test_whatever_is_no_seal_is_broken_and_nothing_else(made_up: bytes, purpose: Purpose) -> None:
    with pytest.raises(SealBroken):
        RING.open(made_up, purpose=purpose, context=b"")


@given(st.data())
def test_a_seal_cut_short_is_broken(data: st.DataObject) -> None:
    sealed = RING.seal(b"plain", purpose=Purpose.SIGNIN_FLOW, context=b"")
    with pytest.raises(SealBroken):
        RING.open(
            sealed[: data.draw(st.integers(0, len(sealed) - 1))],
            purpose=Purpose.SIGNIN_FLOW,
            context=b"",
        )


@given(purposes, purposes)
def test_another_purpose_opens_nothing(one: Purpose, other: Purpose) -> None:
    assume(one is not other)
    sealed = RING.seal(b"plain", purpose=one, context=b"c", secret="s")
    with pytest.raises(SealBroken):
        RING.open(sealed, purpose=other, context=b"c", secret="s")


@given(st.binary(), st.binary())
def test_another_context_opens_nothing(one: bytes, other: bytes) -> None:
    assume(one != other)
    sealed = RING.seal(b"plain", purpose=Purpose.SESSION_SUMMARY, context=one)
    with pytest.raises(SealBroken):
        RING.open(sealed, purpose=Purpose.SESSION_SUMMARY, context=other)


@given(st.text(), st.text())
def test_another_secret_opens_nothing(one: str, other: str) -> None:
    assume(one != other)
    sealed = RING.seal(b"plain", purpose=Purpose.SESSION_TOKENS, context=b"", secret=one)
    with pytest.raises(SealBroken):
        RING.open(sealed, purpose=Purpose.SESSION_TOKENS, context=b"", secret=other)


@pytest.mark.parametrize(("one", "other"), [("", "\0"), ("s", "s\0"), ("s" * 64, "s" * 64 + "\0")])
def test_a_secret_padded_with_zero_bytes_is_another_one(one: str, other: str) -> None:
    sealed = RING.seal(b"plain", purpose=Purpose.SESSION_TOKENS, context=b"", secret=one)
    with pytest.raises(SealBroken):
        RING.open(sealed, purpose=Purpose.SESSION_TOKENS, context=b"", secret=other)


def test_never_seals_twice_alike() -> None:
    sealed = {RING.seal(b"p", purpose=Purpose.SIGNIN_FLOW, context=b"") for _ in range(50)}
    assert len(sealed) == 50


def test_seals_with_the_first_key_and_opens_with_any() -> None:
    old = RING.seal(b"plain", purpose=Purpose.SIGNIN_FLOW, context=b"")
    rotated = KeyRing([SECOND, FIRST])
    assert rotated.open(old, purpose=Purpose.SIGNIN_FLOW, context=b"") == b"plain"
    new = rotated.seal(b"plain", purpose=Purpose.SIGNIN_FLOW, context=b"")
    assert KeyRing([SECOND]).open(new, purpose=Purpose.SIGNIN_FLOW, context=b"") == b"plain"
    with pytest.raises(SealBroken):
        RING.open(new, purpose=Purpose.SIGNIN_FLOW, context=b"")


@pytest.mark.parametrize("keys", [[], ["x" * 31], [FIRST, "short-secret"]])
def test_a_ring_without_strong_keys_is_refused_and_repeats_none(keys: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        KeyRing(keys)
    assert raised.value.remedy
    assert "short-secret" not in f"{raised.value} {raised.value.remedy}"


@given(st.text(), st.text())
def test_a_tag_finds_its_value_again_and_no_other(one: str, other: str) -> None:
    assume(one != other)
    tag = RING.tag(one, purpose=Purpose.PERSON_TAG)
    assert len(tag) == 64
    assert tag == KeyRing([FIRST]).tag(one, purpose=Purpose.PERSON_TAG)
    assert tag != RING.tag(other, purpose=Purpose.PERSON_TAG)
    assert tag != RING.tag(one, purpose=Purpose.SIGNIN_FLOW)


def test_tags_are_made_with_the_first_key_and_found_with_any() -> None:
    rotated = KeyRing([SECOND, FIRST])
    old = RING.tag("x", purpose=Purpose.PERSON_TAG)
    new = rotated.tag("x", purpose=Purpose.PERSON_TAG)
    assert rotated.tags("x", purpose=Purpose.PERSON_TAG) == (new, old)
    assert old != new
