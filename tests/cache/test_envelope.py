"""What lies in level 2: written and read back, and whatever else may lie there."""

from __future__ import annotations

import math
import tracemalloc

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mainhub.cache import CacheValueInvalid, Refusal
from mainhub.cache.envelope import Envelope, open_envelope, packed, seal
from mainhub.cache.frozen import freeze

MOST = 1 << 20
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))
TIMES = st.integers(0, 2**63)


def sealed(value: object, *, compress_above: int = 64) -> bytes:
    frozen = freeze(value)
    body = packed(frozen)
    envelope = Envelope(frozen, len(body), 1, 2, 3, None, ())
    return seal(envelope, body, compress_above=compress_above)


@given(
    value=JSON | st.binary(),
    times=st.tuples(TIMES, TIMES, TIMES),
    etag=st.none() | TEXT.filter(bool),
    tags=st.lists(st.tuples(TEXT, st.binary(max_size=255)), max_size=5),
    above=st.integers(0, 100),
)
def test_what_was_sealed_is_found_again(
    value: object,
    times: tuple[int, int, int],
    etag: str | None,
    tags: list[tuple[str, bytes]],
    above: int,
) -> None:
    frozen = freeze(value)
    body = packed(frozen)
    envelope = Envelope(frozen, len(body), *times, etag, tuple(tags))
    found = open_envelope(seal(envelope, body, compress_above=above), most=MOST)
    assert found == envelope
    assert isinstance(found, Envelope)
    assert repr(found.value) == repr(frozen)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda junk: b"\xb5mh\x01" + junk))
def test_any_bytes_are_a_value_or_a_reason(raw: bytes) -> None:
    assert isinstance(open_envelope(raw, most=1000), Envelope | Refusal)


@given(value=JSON, where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(value: object, where: int, bit: int) -> None:
    raw = bytearray(sealed(value))
    raw[where % len(raw)] ^= 1 << bit
    assert isinstance(open_envelope(bytes(raw), most=MOST), Refusal)


@given(value=JSON, end=st.integers(0, 10_000))
def test_a_truncated_value_is_refused(value: object, end: int) -> None:
    raw = sealed(value)
    assert isinstance(open_envelope(raw[: end % len(raw)], most=MOST), Refusal)


def test_a_later_version_is_refused_by_name() -> None:
    raw = bytearray(sealed(1))
    raw[3] += 1
    assert open_envelope(bytes(raw), most=MOST) is Refusal.FUTURE


def test_what_is_too_large_is_not_even_unpacked() -> None:
    assert open_envelope(sealed("x" * 5000), most=1000) is Refusal.OVERSIZED


def test_a_bomb_is_not_unpacked() -> None:
    # It says that it is small, and holds 64 MiB.
    bomb = zstandard.ZstdCompressor(level=19).compress(b"0" * (64 << 20))
    honest = Envelope("", 100, 1, 2, 3, None, ())
    for content_size in (True, False):
        compressor = zstandard.ZstdCompressor(write_content_size=content_size)
        stream = bomb if content_size else compressor.compress(b"0" * (64 << 20))
        # Sealed as a body of 100 bytes that compresses to just these.
        raw = _with_body(honest, stream, size=100)
        tracemalloc.start()
        assert open_envelope(raw, most=MOST) is Refusal.UNREADABLE
        assert tracemalloc.get_traced_memory()[1] < 2 * MOST
        tracemalloc.stop()


def test_what_is_nested_without_end_is_refused() -> None:
    body = b"[" * 900 + b"]" * 900
    raw = seal(Envelope([], len(body), 1, 2, 3, None, ()), body, compress_above=10_000)
    assert open_envelope(raw, most=MOST) is Refusal.UNREADABLE
    with pytest.raises(CacheValueInvalid, match="deeper"):
        freeze(_nested(300))
    assert isinstance(open_envelope(sealed(_nested(240)), most=MOST), Envelope)


def test_text_that_json_cannot_write_is_refused() -> None:
    with pytest.raises(CacheValueInvalid, match="Unicode"):
        sealed("\ud800")
    assert math.copysign(1, open_float(-0.0)) == -1


def open_float(number: float) -> float:
    found = open_envelope(sealed(number), most=MOST)
    assert isinstance(found, Envelope)
    return float(found.value)


def _nested(depth: int) -> list[object]:
    found: list[object] = []
    for _ in range(depth):
        found = [found]
    return found


def _with_body(envelope: Envelope, stored: bytes, *, size: int) -> bytes:
    import struct
    import zlib

    raw = seal(envelope, stored, compress_above=1 << 30)
    head = bytearray(raw[:-4])
    head[4] |= 2
    # The last two numbers of the head: bytes unpacked, and packed.
    place = struct.calcsize(">3sBBQQQHH")
    struct.pack_into(">I", head, place, size)
    return bytes(head) + struct.pack(">I", zlib.crc32(bytes(head)))
