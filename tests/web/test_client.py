from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web import client_address
from web.asgi_call import scope_of

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


def told(peer: str | None, *forwarded: str, trusting: bool = True) -> str:
    scope = scope_of("/", *(("x-forwarded-for", value) for value in forwarded))
    scope["client"] = (peer, 50000) if peer is not None else None
    return client_address(scope, PROXIES if trusting else [])


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert told("203.0.113.7", trusting=False) == "203.0.113.7"
    assert told("10.0.0.1", "198.51.100.1", trusting=False) == "10.0.0.1"


def test_a_stranger_cannot_speak_for_somebody_else() -> None:
    assert told("203.0.113.7", "127.0.0.1, 10.0.0.1") == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        (["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
        (["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
        (["spoofed, 198.51.100.1 , 10.9.9.9"], "198.51.100.1"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ([], "10.0.0.1"),
        ([""], "10.0.0.1"),
        (["unknown"], "10.0.0.1"),
        (["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
        (["198.51.100.1,"], "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_is_read_from_the_right(forwarded: list[str], client: str) -> None:
    assert told("10.0.0.1", *forwarded) == client


def test_a_proxy_over_either_version_of_ip_is_known() -> None:
    assert told("::ffff:10.0.0.1", "198.51.100.1") == "198.51.100.1"
    assert told("fd00::1", "198.51.100.1") == "198.51.100.1"


def test_a_socket_without_an_address_is_nobodys() -> None:
    assert told(None, "198.51.100.1") == ""
    assert told("testclient", "198.51.100.1") == "testclient"


@given(st.lists(st.text(st.characters(max_codepoint=255), max_size=30), max_size=3))
def test_no_header_breaks_the_reading_or_invents_an_address(values: list[str]) -> None:
    ipaddress.ip_address(told("10.0.0.1", *values))
