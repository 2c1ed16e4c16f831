import contextlib
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings.address import (
    Address,
    is_loopback,
    parse_base_url,
    parse_listen,
    parse_network,
    parse_page_url,
)


@pytest.mark.parametrize(
    ("written", "meant", "loopback"),
    [
        ("127.0.0.1:8080", Address("127.0.0.1", 8080), True),
        ("[::1]:8080", Address("::1", 8080), True),
        ("LocalHost:1", Address("localhost", 1), True),
        ("0.0.0.0:80", Address("0.0.0.0", 80), False),  # noqa: S104  parsed, never bound
        ("hub.example.com:443", Address("hub.example.com", 443), False),
    ],
)
def test_reads_where_to_listen(written: str, meant: Address, *, loopback: bool) -> None:
    address = parse_listen(written)
    assert address == meant
    assert address.is_loopback is loopback


@pytest.mark.parametrize(
    "written",
    ["", ":8080", "8080", "::1:8080", "[::1]", "[x]:1", "h:0", "h:65536", "h:٣", "a b:1", 8080],
)
def test_refuses_where_nobody_can_listen(written: object) -> None:
    with pytest.raises(ValueError, match="expected host:port"):
        parse_listen(written)


_HOSTS = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)


@given(_HOSTS, st.integers(min_value=1, max_value=65535))
def test_reads_back_the_address_it_writes(host: str, port: int) -> None:
    address = Address(host, port)
    assert parse_listen(str(address)) == address
    assert address.is_loopback is ip_address(host).is_loopback


@given(st.text() | st.from_regex(r"\[?[0-9a-f:.%]*\]?:\d*"))
def test_anything_is_an_address_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        address = parse_listen(text)
        assert parse_listen(str(address)) == address


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Hub.Example.com/", "https://hub.example.com"),
        ("https://hub.example.com:443", "https://hub.example.com"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_normalises_a_base_url(written: str, meant: str) -> None:
    assert parse_base_url(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "hub.example.com",
        "ftp://h",
        "https://",
        "https://h/path",
        "https://h?q",
        "https://h#f",
        "https://u:p@h",
        "https://h:0",
        "https://h:99999",
        "https://[x]",
        "https://h\\x",
        "https://h\nh",
        "https://ü",
        5,
    ],
)
def test_refuses_what_is_no_base_url(written: object) -> None:
    with pytest.raises(ValueError, match="expected an http or https URL"):
        parse_base_url(written)


@given(st.text() | st.from_regex(r"https?://\[?[a-z0-9:.@%-]*\]?(:\d*)?/?"))
def test_anything_is_a_base_url_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        url = parse_base_url(text)
        assert parse_base_url(url) == url


def test_keeps_the_path_of_a_page_as_it_stands() -> None:
    assert parse_page_url("https://id.example.com/realm/") == "https://id.example.com/realm/"


def test_knows_urls_of_this_machine() -> None:
    assert is_loopback("http://127.0.0.1:1/x")
    assert not is_loopback("http://example.com")


def test_takes_one_address_for_a_network() -> None:
    assert str(parse_network("10.1.2.3")) == "10.1.2.3/32"
