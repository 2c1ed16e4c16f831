from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web import CookieJar, read_cookies

PLAIN, SECURE = CookieJar(secure=False), CookieJar(secure=True)


def test_over_https_names_bind_to_the_host() -> None:
    assert SECURE.session == "__Host-mainhub"
    assert SECURE.flow("abc") == "__Host-mainhub-flow-abc"
    assert SECURE.flow("abc").startswith(SECURE.flow_prefix)


def test_over_http_names_have_no_prefix_that_needs_secure() -> None:
    assert PLAIN.session == "mainhub"
    assert PLAIN.flow("abc") == "mainhub-flow-abc"


def test_a_cookie_over_https_meets_what_its_prefix_demands() -> None:
    parts = SECURE.written(SECURE.session, "v").split("; ")
    assert parts == ["__Host-mainhub=v", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"]
    assert not any(part.startswith("Domain") for part in parts)


def test_a_cookie_over_http_is_not_secure() -> None:
    assert PLAIN.written("mainhub", "v") == "mainhub=v; Path=/; HttpOnly; SameSite=Lax"


def test_a_cookie_with_an_age_outlives_the_browser() -> None:
    assert "Max-Age=600" in PLAIN.written("n", "v", max_age=timedelta(minutes=10)).split("; ")


@pytest.mark.parametrize("jar", [PLAIN, SECURE])
def test_deleting_keeps_the_attributes_that_name_the_cookie(jar: CookieJar) -> None:
    parts = jar.deleted(jar.session).split("; ")
    assert parts[0] == f"{jar.session}="
    assert {"Path=/", "Max-Age=0"} <= set(parts)
    assert ("Secure" in parts) == jar.secure


def test_reads_all_cookie_headers_and_only_those() -> None:
    headers = [(b"cookie", b"a=1; b=2"), (b"x-cookie", b"c=3"), (b"cookie", b"d=4=5;e=")]
    assert read_cookies(headers) == {"a": "1", "b": "2", "d": "4=5", "e": ""}


def test_of_two_cookies_with_one_name_the_first_counts() -> None:
    assert read_cookies([(b"cookie", b"mainhub=1; mainhub=2"), (b"cookie", b"mainhub=3")]) == {
        "mainhub": "1"
    }


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_no_header_breaks_the_reading(values: list[bytes]) -> None:
    for name in read_cookies((b"cookie", value) for value in values):
        assert ";" not in name


names = st.from_regex(r"[a-z-]{1,12}", fullmatch=True)
contents = st.from_regex(r"[A-Za-z0-9_=-]{0,20}", fullmatch=True)


@given(st.dictionaries(names, contents, max_size=5))
def test_reads_what_browsers_send(cookies: dict[str, str]) -> None:
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    assert read_cookies([(b"cookie", sent.encode())]) == cookies
