from __future__ import annotations

from datetime import timedelta

import pytest

from mainhub.access import Need
from mainhub.gateway import Service
from mainhub.gateway.response_headers import HARDENING, answered

SECOND = timedelta(seconds=1)
ORDERS = Service(
    name="orders",
    upstream="http://orders.internal:8082",
    need=Need.any_of({"Admin"}),
    scopes=(),
    connect_timeout=SECOND,
    response_timeout=SECOND,
    idle_timeout=SECOND,
    max_body=0,
)
SPOKEN_FOR_THE_HUB = [
    "Set-Cookie",
    "Set-Cookie2",
    "Clear-Site-Data",
    "Strict-Transport-Security",
    "Alt-Svc",
    "Refresh",
    "Service-Worker-Allowed",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Cross-Origin-Opener-Policy",
    "Report-To",
    "NEL",
    "WWW-Authenticate",
    "Server",
    "X-Powered-By",
    "Connection",
    "Keep-Alive",
    "Transfer-Encoding",
    "Trailer",
    "Upgrade",
    "X-Request-Id",
    "X-MainHub-Anything",
    "SourceMap",
    "Expires",
]
PLACES = [
    ("http://orders.internal:8082/v1/orders/1?a=1#b", "/api/orders/v1/orders/1?a=1#b"),
    ("https://orders.internal:8082/v1", "/api/orders/v1"),
    ("HTTP://ORDERS.internal:8082", "/api/orders/"),
    ("http://orders.internal:8082?a=1", "/api/orders/?a=1"),
    ("//orders.internal:8082/v1", "/api/orders/v1"),
    ("/v1/orders/1", "/api/orders/v1/orders/1"),
    ("/api/orders/v1", "/api/orders/v1"),
    ("/api/ordersets", "/api/orders/api/ordersets"),
    ("1?a=b", "1?a=b"),
    ("?page=2", "?page=2"),
    ("https://documents.example/a", "https://documents.example/a"),
    ("http://orders.internal:9999/v1", "http://orders.internal:9999/v1"),
    ("javascript:alert(1)", None),
    ("data:text/html,x", None),
    ("/\\evil.example", None),
    ("http://[broken", None),
    ("ftp://documents.example/a", None),
]


def shown(*headers: tuple[str, str], status: int = 200) -> dict[str, str]:
    raw = tuple((name.encode(), value.encode()) for name, value in headers)
    pairs = answered(status, raw, service=ORDERS)
    assert len({name for name, _ in pairs}) == len(pairs)
    return {name.decode(): value.decode() for name, value in pairs}


@pytest.mark.parametrize("name", SPOKEN_FOR_THE_HUB)
def test_drops_what_speaks_for_the_hub(name: str) -> None:
    assert shown((name, "anything")) == shown()


def test_keeps_the_facts_about_the_data() -> None:
    facts = {"content-type": "application/json", "etag": '"1"', "content-length": "2"}
    facts |= {"content-encoding": "gzip", "x-total-count": "9", "link": '</?page=2>; rel="next"'}
    assert facts.items() <= shown(*facts.items()).items()


@pytest.mark.parametrize("name", [name.decode() for name, _ in HARDENING])
def test_hardens_every_answer(name: str) -> None:
    hardening = {name.decode(): value.decode() for name, value in HARDENING}
    assert shown((name.title(), "public, unsafe-inline")) == hardening


def test_drops_what_connection_lists() -> None:
    assert "x-hop" not in shown(("X-Hop", "1"), ("Connection", "close, x-hop"))


@pytest.mark.parametrize(("given", "expected"), PLACES)
def test_keeps_redirects_inside_the_hub(given: str, expected: str | None) -> None:
    """Hostile 44: an upstream's own address never reaches the browser."""
    assert shown(("Location", given), status=307).get("location") == expected
    assert shown(("Content-Location", given)).get("content-location") == expected


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_ends_with_its_head_has_no_length(status: int) -> None:
    assert "content-length" not in shown(("Content-Length", "5"), status=status)


def test_the_coding_wins_over_the_length() -> None:
    headers = shown(("Content-Length", "5"), ("Transfer-Encoding", "chunked"))
    assert "content-length" not in headers


@pytest.mark.parametrize(("name", "value"), [("bad name", "1"), ("x-a", "a\r\nset-cookie: b=c")])
def test_drops_what_could_split_the_answer(name: str, value: str) -> None:
    assert shown((name, value)) == shown()
