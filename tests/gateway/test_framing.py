from __future__ import annotations

import pytest

from mainhub.gateway.framing import BadFraming, Framing, framing

LENGTH = b"content-length"
CODING = b"transfer-encoding"
SOUND = [
    ([], Framing(has_body=False, length=0)),
    ([(LENGTH, b"0")], Framing(has_body=False, length=0)),
    ([(LENGTH, b"12")], Framing(has_body=True, length=12)),
    ([(CODING, b"Chunked")], Framing(has_body=True, length=None)),
]
AMBIGUOUS = {
    "hostile 1: length and coding": [(LENGTH, b"5"), (CODING, b"chunked")],
    "hostile 2: differing lengths": [(LENGTH, b"5"), (LENGTH, b"6")],
    "hostile 3: equal lengths": [(LENGTH, b"3"), (LENGTH, b"3")],
    "hostile 3: a list of lengths": [(LENGTH, b"3, 3")],
    "hostile 4: signed": [(LENGTH, b"+3")],
    "hostile 4: hexadecimal": [(LENGTH, b"0x3")],
    "hostile 4: blanks": [(LENGTH, b" 3 3")],
    "hostile 4: 20 digits": [(LENGTH, b"1" * 20)],
    "hostile 4: other digits": [(LENGTH, "٣".encode())],
    "hostile 5: unknown coding": [(CODING, b"xchunked")],
    "hostile 5: further coding": [(CODING, b"chunked, identity")],
    "hostile 5: twice": [(CODING, b"chunked"), (CODING, b"chunked")],
}


@pytest.mark.parametrize(("headers", "expected"), SOUND)
def test_says_where_a_request_ends(headers: list[tuple[bytes, bytes]], expected: Framing) -> None:
    assert framing(headers, http_version="1.1") == expected


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_refuses(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BadFraming):
        framing(headers, http_version="1.1")


def test_refuses_hostile_11_a_coding_in_http_1_0() -> None:
    with pytest.raises(BadFraming):
        framing([(CODING, b"chunked")], http_version="1.0")
