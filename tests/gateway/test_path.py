from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.gateway import BadTarget, canonical_path
from mainhub.gateway.path import checked_query

SETTLED = [
    (b"/api/orders/v1/orders", "orders", "/v1/orders"),
    (b"/api/orders", "orders", "/"),
    (b"/api/orders/", "orders", "/"),
    (b"/api/orders/v1/", "orders", "/v1/"),
    (b"/api/%6frders/%76%31", "orders", "/v1"),
    (b"/api/orders/%7Eada/a%2eb", "orders", "/~ada/a.b"),
    (b"/api/orders/caf%c3%a9", "orders", "/caf%C3%A9"),
    (b"/api/orders/50%25", "orders", "/50%25"),
    (b"/api/orders/50%2520off", "orders", "/50%2520off"),
    (b"/api/orders/a;v=1/b:c@d", "orders", "/a;v=1/b:c@d"),
    (b"/api/orders/a%3bv", "orders", "/a%3Bv"),
    (b'/api/orders/["a|b"]^{c}', "orders", "/%5B%22a%7Cb%22%5D%5E%7Bc%7D"),
    (b"/api/orders/.../..a/.well-known", "orders", "/.../..a/.well-known"),
    (b"/api/orders/a%20b", "orders", "/a%20b"),
    (b"/api/", "", "/"),
    (b"/api", "", "/"),
]

REFUSED = {
    "hostile 17: dot segments": b"/api/../admin",
    "dot segments below a service": b"/api/orders/../admin/v1",
    "dot segments at the end": b"/api/orders/..",
    "single dot": b"/api/orders/./v1",
    "hostile 18: escaped dots": b"/api/orders/%2e%2e/admin",
    "half escaped dots": b"/api/orders/.%2E/admin",
    "hostile 19: path parameters on dots": b"/api/orders/..;/admin",
    "path parameters with a name": b"/api/orders/..;x=1/admin",
    "escaped path parameters on dots": b"/api/orders/..%3b/admin",
    "dots with a trailing blank": b"/api/orders/..%20/admin",
    "hostile 20: backslash": b"/api/orders\\..\\admin",
    "hostile 21: escaped backslash": b"/api/orders/..%5cadmin",
    "hostile 22: escaped slash": b"/api/orders%2f..%2fadmin",
    "escaped slash, capitals": b"/api/orders/a%2Fb",
    "hostile 24: escaped NUL": b"/api/orders/a%00b",
    "hostile 24: bad escape": b"/api/orders/%zz",
    "hostile 24: cut escape": b"/api/orders/%4",
    "hostile 24: lone percent": b"/api/orders/%",
    "hostile 24: tab": b"/api/orders/a\tb",
    "hostile 24: escaped line feed": b"/api/orders/a%0ab",
    "hostile 24: escaped DEL": b"/api/orders/a%7f",
    "hostile 24: raw UTF-8": "/api/orders/é".encode(),
    "hostile 24: fragment": b"/api/orders/a#b",
    "a space": b"/api/orders/a b",
    "a question mark in the path": b"/api/orders/a?b",
    "overlong dot": b"/api/orders/%c0%ae%c0%ae/admin",
    "overlong slash": b"/api/orders/..%c0%af",
    "not UTF-8": b"/api/orders/%ff",
    "doubly escaped dot": b"/api/orders/%252e%252e/admin",
    "trebly escaped slash": b"/api/orders/%25252f",
    "doubly escaped NUL": b"/api/orders/%2500",
    "doubly escaped backslash": b"/api/orders/%255C",
    "escaped percent before an escape": b"/api/orders/%25%32%65",
    "CVE-2021-31920: empty segment": b"/api/orders//v1",
    "empty service": b"/api//orders",
    "CVE-2026-40912: another prefix": b"/API/orders/v1",
    "outside": b"/hub/v1/users",
    "asterisk form": b"*",
    "no path": b"",
    "absolute form": b"http://evil.example/api/orders",
}


@pytest.mark.parametrize(("raw", "service", "rest"), SETTLED)
def test_settles_a_path_once(raw: bytes, service: str, rest: str) -> None:
    path = canonical_path(raw)
    assert (path.service, path.rest) == (service, rest)
    assert canonical_path(str(path).encode()) == path


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_refuses_what_has_a_second_reading(raw: bytes) -> None:
    with pytest.raises(BadTarget):
        canonical_path(raw)


HOSTILE_PIECES = st.sampled_from(
    rb"/ . .. %2e %2E %2f %5c %00 %25 % ; \ // %c0%af %3b %41 %C3%A9 a 2e 2f | %20 [ ~".split()
)
PATHS = st.one_of(
    st.lists(HOSTILE_PIECES, max_size=12).map(b"".join),
    st.binary(max_size=24),
).map(lambda tail: b"/api/orders/" + tail)


@given(raw=PATHS)
def test_what_passes_has_one_reading(raw: bytes) -> None:
    try:
        path = canonical_path(raw)
    except BadTarget:
        return
    text = str(path)
    assert canonical_path(text.encode()) == path, "settling twice changes nothing"
    assert re.fullmatch(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", text)
    assert "//" not in text
    # However often a service unescapes, nothing that steers appears.
    once = text.encode()
    for _ in range(4):
        assert not re.search(rb"%(2[EF]|5C|[01][0-9A-F]|7F)", once, re.IGNORECASE)
        segments = [segment.partition(b";")[0].strip() for segment in once.split(b"/")]
        assert b".." not in segments
        assert b"." not in segments
        assert b"\\" not in once
        assert b"\0" not in once
        once = unquote_to_bytes(once)
    assert text.count("/") == unquote_to_bytes(text).count(b"/")


@pytest.mark.parametrize("query", [b"", b"a=%2F..%2e&b=100%", b'q="<>[]^`{|}\\', b"?/?"])
def test_leaves_a_query_untouched(query: bytes) -> None:
    assert checked_query(query) is query


@pytest.mark.parametrize("query", [b"a b", b"a\tb", b"a\x00", b"a#b", "é".encode(), b"a\x7f"])
def test_refuses_a_query_that_cannot_stand_in_a_target(query: bytes) -> None:
    with pytest.raises(BadTarget):
        checked_query(query)
