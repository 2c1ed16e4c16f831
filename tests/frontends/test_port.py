from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.some_frontends import DASHBOARD, frontend
from mainhub.frontends import RESERVED, FrontendInvalid


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Orders"),
        ("name", "1orders"),
        ("name", "orders/x"),
        ("name", "../x"),
        ("name", "a" * 64),
        ("name", "orders\n"),
        ("titles", {}),
        ("titles", {"fr": "Commandes"}),
        ("titles", {"fr": "Commandes", "en": " "}),
        ("titles", {"fr": "Commandes", "en": "x" * 81}),
        ("titles", {"fr": "Comm\nandes", "en": "Orders"}),
        ("titles", {"fr": "Comm\u202eandes", "en": "Orders"}),
        ("icon", ""),
        ("icon", "Box"),
        ("icon", "box.svg"),
        ("routes", ()),
        ("routes", ("",)),
        ("routes", ("orders",)),
        ("routes", ("/orders/",)),
        ("routes", ("//orders",)),
        ("routes", ("/orders//x",)),
        ("routes", ("/orders?x",)),
        ("routes", ("/commandes%20",)),
        ("routes", ("/été",)),
        ("routes", ("/orders", "/api/x")),
        ("apis", ("Orders",)),
        ("apis", ("orders", "orders")),
        ("apis", ("-orders",)),
        ("apis", ("*",)),
        ("apis", ("orders/v1",)),
        ("apis", ("",)),
        ("url", ""),
        ("url", "/static/x.js"),
        ("url", "//cdn.example/x.js"),
        ("url", "http://cdn.example/x.js"),
        ("url", "http://127.0.0.1.evil.example/x.js"),
        ("url", "javascript:alert(1)"),
        ("url", "data:text/javascript,x"),
        ("url", "blob:https://cdn.example/x"),
        ("url", "https://"),
        ("url", "https://cdn.example:0/x.js"),
        ("url", "https://cdn.example:99999/x.js"),
        ("url", "https://cdn.example:x/x.js"),
        ("url", "https://user@cdn.example/x.js"),
        ("url", "https://cdn.example/x y.js"),
        ("url", "https://cdn.example; script-src *"),
        ("url", "https://cdn.example,https://evil.example/x.js"),
        ("url", "https://*.example/x.js"),
        ("url", "https://cdn.example/x.js#retry-1"),
        ("url", "https://cdn.example\\@evil.example/x.js"),
        ("url", "https://cdn.example/'x'"),
        ("url", "https://[::1/x.js"),
        ("integrity", ""),
        ("integrity", "sha1-AAAA"),
        ("integrity", "md5-AAAA"),
        ("integrity", "sha384-"),
        ("integrity", "sha384-AA AA"),
        ("integrity", "sha384-AAAA sha384-BBBB"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_expected(field: str, value: object) -> None:
    fields = {"name": value} if field == "name" else {"name": "orders", field: value}
    with pytest.raises(FrontendInvalid, match=rf"^front-end .*: {field}[.a-z]* must be "):
        frontend(**fields)  # type: ignore[arg-type] # from a table


@pytest.mark.parametrize("segment", sorted(RESERVED))
def test_no_front_end_takes_an_address_of_the_hub(segment: str) -> None:
    for route in (f"/{segment}", f"/{segment}/x"):
        with pytest.raises(FrontendInvalid, match="a path that the hub leaves"):
            frontend(routes=(route,))
    frontend(routes=(f"/{segment}x", f"/x/{segment}"))


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example/orders/main-1a.js?v=2",
        "https://cdn.example:8443/x.js",
        "https://[2001:db8::1]/x.js",
        "http://localhost:5173/main.js",
        "http://127.0.0.1:5173/main.js",
        "http://[::1]:5173/main.js",
        None,
    ],
)
def test_a_module_comes_over_https_or_from_this_machine(url: str | None) -> None:
    assert frontend(url=url).url == url


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("/orders", True),
        ("/orders/", True),
        ("/orders/1/lines", True),
        ("/orders2", False),
        ("/order", False),
        ("/", False),
        ("/x/orders", False),
        ("/ORDERS", False),
        ("//orders", False),
    ],
)
def test_a_route_owns_itself_and_what_is_below(
    path: str,
    owned: bool,  # noqa: FBT001 - a table
) -> None:
    assert (frontend(routes=("/sales", "/orders")).claim(path) > 0) is owned


@pytest.mark.parametrize(
    ("path", "owned"), [("/", True), ("/orders", False), ("//", False), ("", False)]
)
def test_the_home_page_owns_itself_alone(
    path: str,
    owned: bool,  # noqa: FBT001 - a table
) -> None:
    assert (DASHBOARD.claim(path) > 0) is owned


@given(st.text(max_size=40))
def test_any_address_is_judged_and_a_good_one_names_its_origin(url: str) -> None:
    try:
        made = frontend(url=f"https://{url}")
    except FrontendInvalid:
        return
    assert made.url is not None
    assert not set(made.url) & set(" ;,'\"<>\\*#\n\t")
