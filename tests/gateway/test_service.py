from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.test_response_headers import ORDERS
from mainhub.gateway import BadService, RouteTable, canonical_path

WRONG = [
    {"name": "Orders"},
    {"name": ""},
    {"name": "a/b"},
    {"name": "-a"},
    {"upstream": "orders.internal"},
    {"upstream": "ftp://orders.internal"},
    {"upstream": "http://orders.internal/v1"},
    {"upstream": "http://orders.internal/"},
    {"upstream": "http://user:pass@orders.internal"},
    {"upstream": "http://orders.internal:99999"},
    {"upstream": "http://orders.internal?a"},
    {"upstream": "http://"},
    {"connect_timeout": timedelta(0)},
    {"idle_timeout": timedelta(seconds=-1)},
    {"max_body": -1},
]


@pytest.mark.parametrize("terms", WRONG, ids=str)
def test_refuses_terms_that_cannot_work(terms: dict[str, Any]) -> None:
    with pytest.raises(BadService):
        replace(ORDERS, **terms)


@pytest.mark.parametrize("upstream", ["https://orders.internal", "http://[::1]:8082"])
def test_takes_an_origin(upstream: str) -> None:
    assert replace(ORDERS, upstream=upstream).upstream == upstream


def test_finds_a_service_by_the_settled_path() -> None:
    table = RouteTable([ORDERS, replace(ORDERS, name="open")])
    assert table.find(canonical_path(b"/api/%6frders/v1")) is ORDERS
    assert table.find(canonical_path(b"/api/ordersx/v1")) is None
    assert table.find(canonical_path(b"/api/orders;x/v1")) is None
    assert table.find(canonical_path(b"/api/ORDERS/v1")) is None


def test_refuses_two_services_of_one_name() -> None:
    with pytest.raises(BadService, match="two services named orders"):
        RouteTable([ORDERS, ORDERS])
