from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web import HOME, local_path

ORIGIN = "https://hub.example"


@pytest.mark.parametrize(
    "path",
    ["/", "/orders", "/orders/1?status=late&x=%2F", "/a//b", "/caf%C3%A9", "/authors", "/@x"],
)
def test_a_path_of_the_hub_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "proposed",
    [
        None,
        "",
        "orders",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "@evil.example",
        # The four of oauth2-proxy: CVE-2017-1000070, CVE-2020-4037, CVE-2020-5233, CVE-2020-11053.
        "//evil.example/%2F..",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "/x\\y",
        "/ /evil.example",
        "/\r\nSet-Cookie: mainhub=x",
        "/\x00",
        "/\x7f",
        " /orders",
        "/orders\u00a0",
        "/\u2044/evil.example",
        "/\uff0fevil.example",
        "/caf\u00e9",
        "/auth",
        "/auth/logout",
        "/auth/login?return_to=/auth/login",
        "/auth?x",
        "/auth#x",
        "/orders/../auth/login",
        "/./auth/login",
        "/%61uth/login",
        "/auth//../login",
        "/auth//%2e%2e/login",
        "/x//../../auth/login",
        "/x/..//auth/login",
        "/" + "a" * 2048,
    ],
)
def test_everything_else_leads_home(proposed: str | None) -> None:
    assert local_path(proposed) == HOME


pieces = st.sampled_from(["/", "\\", "//", ".", "..", "@", ":", "?", "#", "%2f", "%5c", "\t", "\n"])
addresses = st.lists(pieces | st.text(max_size=5) | st.just("evil.example"), max_size=8).map(
    "".join
)


@given(addresses | st.text() | addresses.map(lambda rest: f"/{rest}"))
def test_the_result_never_leaves_the_hub(proposed: str) -> None:
    result = local_path(proposed)
    assert result.startswith("/")
    assert not result.startswith("//")
    joined = urlsplit(urljoin(ORIGIN + "/auth/login", result))
    assert (joined.scheme, joined.netloc) == ("https", "hub.example")
    # As browsers join: they drop tabs and line ends, and take back slashes for slashes.
    browsers = result.translate({9: None, 10: None, 13: None}).replace("\\", "/")
    assert urlsplit(urljoin(ORIGIN, browsers)).netloc == "hub.example"
