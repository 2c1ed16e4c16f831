"""Sign-ins that the provider's own portal begins (OpenID Connect Core, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from mainhub.simulator import TENANT_ID
from signin.entra_world import LINUS, EntraWorld, entra_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[EntraWorld]:
    async with entra_world(tmp_path_factory.mktemp("entra"), clock=clock) as one:
        yield one


def of_the_tenant(world: EntraWorld) -> str:
    return quote(f"{world.entra_url}/{TENANT_ID}/v2.0", safe="")


@pytest.mark.parametrize("target", ["/orders?a=1", "OWN/orders?a=1"])
async def test_a_portal_of_the_provider_begins_a_sign_in(
    world: EntraWorld, browser: Browser, target: str
) -> None:
    page = quote(target.replace("OWN", world.hub.url), safe="")
    url = f"{world.hub.url}/auth/login?iss={of_the_tenant(world)}&target_link_uri={page}"
    start = await browser.get(url)
    assert start.status == 303
    assert start.location.startswith(f"{world.entra_url}/{TENANT_ID}/oauth2/v2.0/authorize?")
    answer = await browser.get(await world.arrive(browser, LINUS, start))
    assert answer.headers["Location"] == "/orders?a=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/orders",
        "OWN.evil.example/orders",
        "OWN@evil.example/",
        "OWN//evil.example",
        "OWN/\\evil.example",
        "OWN/auth/logout",
        "OWN",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
async def test_a_portal_leads_nowhere_else(
    world: EntraWorld, browser: Browser, target: str
) -> None:
    page = quote(target.replace("OWN", world.hub.url), safe="")
    url = f"{world.hub.url}/auth/login?iss={of_the_tenant(world)}&target_link_uri={page}"
    answer = await browser.get(await world.arrive(browser, LINUS, await browser.get(url)))
    assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("issuer", ["https://evil.example", "", "%00"])
async def test_a_portal_of_nobody_known_begins_nothing(
    world: EntraWorld, browser: Browser, issuer: str
) -> None:
    answer = await browser.get(f"{world.hub.url}/auth/login?iss={issuer}&target_link_uri=%2F")
    assert answer.status == 404
    assert answer.set_cookies == []


@pytest.mark.parametrize(
    ("hint", "sent"),
    [
        ("linus%40hautemer.example", "linus@hautemer.example"),
        ("", None),
        ("a%00b", None),
        ("a" * 300, None),
    ],
)
async def test_a_portal_may_say_who_it_is_about(
    world: EntraWorld, browser: Browser, hint: str, sent: str | None
) -> None:
    url = f"{world.hub.url}/auth/login?iss={of_the_tenant(world)}&login_hint={hint}"
    assert (await browser.get(url)).query.get("login_hint") == sent


@pytest.mark.parametrize("asked", ["login", "select_account", "none", "consent", "create", ""])
async def test_a_link_may_ask_for_another_account_and_no_more(
    world: EntraWorld, browser: Browser, asked: str
) -> None:
    sent = (await browser.get(f"{world.hub.url}/auth/login?prompt={asked}")).query.get("prompt")
    assert sent == (asked if asked in {"login", "select_account"} else None)
