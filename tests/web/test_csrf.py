from __future__ import annotations

import contextlib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web import csrf
from mainhub.web.csrf import CrossSite

OWN: Final = "https://hub.example"
UNSAFE = ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "PROPFIND", "post", ""]


def check(
    method: str = "POST",
    header: str | None = "1",
    fetch_site: str | None = "same-origin",
    origin: str | None = OWN,
) -> None:
    csrf.check(method=method, header=header, fetch_site=fetch_site, origin=origin, own_origin=OWN)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_safe_method_needs_no_sign(method: str) -> None:
    check(method, None, "cross-site", "https://evil.example")


@pytest.mark.parametrize("method", UNSAFE)
def test_an_unsafe_method_of_our_own_page_passes(method: str) -> None:
    check(method)


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("header", [None, "", "0", "true", "1 ", "1, 1"])
def test_without_our_header_nothing_passes(method: str, header: str | None) -> None:
    with pytest.raises(CrossSite, match="X-MainHub-CSRF"):
        check(method, header)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN", "unheard-of"])
@pytest.mark.parametrize("origin", [OWN, None])
def test_a_browser_that_names_another_site_is_believed(site: str, origin: str | None) -> None:
    with pytest.raises(CrossSite):
        check(fetch_site=site, origin=origin)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://hub.example",
        "https://hub.example:8443",
        "https://hub.example.evil.test",
        "https://HUB.example",
        "https://hub.example/",
        "https://evil.test",
    ],
)
@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_another_origin_never_passes(origin: str, site: str | None) -> None:
    with pytest.raises(CrossSite, match="another origin"):
        check(fetch_site=site, origin=origin)


def test_an_old_browser_is_known_by_its_origin() -> None:
    check(fetch_site=None)


def test_a_request_that_nothing_vouches_for_is_refused() -> None:
    with pytest.raises(CrossSite, match="neither"):
        check(fetch_site=None, origin=None)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_request_without_origin_passes_on_the_browsers_word(site: str) -> None:
    check(fetch_site=site, origin=None)


texts = st.none() | st.sampled_from(["1", OWN, "same-origin", "none", "null"]) | st.text()


@given(st.text(), texts, texts, texts)
def test_whatever_passes_carries_all_the_signs(
    method: str, header: str | None, site: str | None, origin: str | None
) -> None:
    passed = False
    with contextlib.suppress(CrossSite):
        check(method, header, site, origin)
        passed = True
    ours = (
        header == "1"
        and site in {None, "same-origin", "none"}
        and origin in {None, OWN}
        and not (site is None and origin is None)
    )
    assert passed == (method in csrf.SAFE_METHODS or ours)
