"""Whatever a sign-in is asked to return to, in every form it is carried: it is in the hub."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.composed_hub import HOST, PUBLIC, composed_hub
from web.asgi_call import ask

if TYPE_CHECKING:
    from pathlib import Path

    from mainhub.app import Hub

HTML = ("accept", "text/html")
TENANT = {
    "kind": "entra",
    "tenant": "5f3c9f6e-0000-4000-8000-000000000000",
    "client_id": "hub",
    "client_secret": "made-up",
}
PLAIN = {**TENANT, "kind": "oidc", "issuer": "http://127.0.0.1:9/op"}
del PLAIN["tenant"]

pieces = st.sampled_from(
    [
        *(
            "/",
            "\\",
            "//",
            "/\\",
            ".",
            "..",
            "@",
            ":",
            "?",
            "#",
            "%2f",
            "%5c",
            "%09",
            "\t",
            "\n",
            "\r",
        ),
        *("evil.example", "https:", "http://", "javascript:", "auth/login", HOST, PUBLIC, "\u2044"),
    ]
)
wanted = st.lists(pieces | st.text(max_size=4), max_size=8).map("".join)


@pytest.fixture(scope="module")
def choosing(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """Return a hub with two providers, whose page of choice carries on what was asked for."""
    folder: Path = tmp_path_factory.mktemp("hub")
    return composed_hub(folder, sections={"identity": {"entra": TENANT, "plain": PLAIN}})


def carried(hub: Hub, query: str) -> list[str]:
    """Return where the links of the page of choice lead back to."""
    answer = asyncio.run(ask(hub, f"/auth/login?{query}", HTML, host=HOST))
    assert answer.status == 200, answer
    links = [unescape(link) for link in re.findall(r'href="([^"]*)"', answer.body.decode())]
    for link in links:
        assert stays(link), link
    ways = [link for link in links if urlsplit(link).path == "/auth/login"]
    assert len(ways) == 2
    return [parse_qs(urlsplit(link).query)["return_to"][0] for link in ways]


def stays(target: str) -> bool:
    """Say whether browsers stay at the hub: they drop tabs and line ends, and turn back slashes."""
    seen = target.strip().translate({9: None, 10: None, 13: None}).replace("\\", "/")
    return urljoin(PUBLIC, seen).startswith(f"{PUBLIC}/")


@pytest.mark.parametrize("name", ["return_to", "target_link_uri"])
@given(target=wanted | st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_sign_in_returns_to_the_hub(choosing: Hub, name: str, target: str) -> None:
    given_ = quote(target.encode("utf-8", "surrogatepass"), safe="")
    for found in carried(choosing, f"{name}={given_}"):
        assert found.startswith("/")
        assert stays(found), found


def test_a_page_of_the_hub_is_carried_on(choosing: Hub) -> None:
    query = f"return_to={quote('/orders/1?late=1', safe='')}"
    assert carried(choosing, query) == ["/orders/1?late=1"] * 2
    query = f"target_link_uri={quote(f'{PUBLIC}/orders/1', safe='')}"
    assert carried(choosing, query) == ["/orders/1"] * 2
