"""Signing in in a popup: what its last page says, to whom, and what it never says."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from signin.entra_world import LINUS, EntraWorld, entra_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

TAB = "tab_0-9aZ"


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[EntraWorld]:
    async with entra_world(tmp_path_factory.mktemp("entra"), clock=clock) as one:
        yield one


async def opened_popup(world: EntraWorld, browser: Browser, tab: str = TAB) -> Answer:
    query = f"popup=1&tab={tab}&return_to=%2Forders"
    return await browser.get(f"{world.hub.url}/auth/login?{query}")


def told(page: Answer) -> tuple[str, str]:
    """Return the type and the state that *page* posts."""
    found = re.search(r'<script nonce="[^"]+" data-type="([^"]*)" data-state="([^"]*)"', page.text)
    assert found is not None, page.text
    return found[1], found[2]


async def test_a_popup_ends_at_a_page_that_tells_its_opener(
    world: EntraWorld, browser: Browser
) -> None:
    start = await opened_popup(world, browser)
    page = await browser.get(await world.arrive(browser, LINUS, start))
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert told(page) == ("mainhub:signed-in", TAB)
    assert 'new BroadcastChannel("mainhub-signin")' in page.text
    assert 'href="/orders"' in page.text
    assert page.sets("mainhub")
    assert (await world.session(browser)).status == 200


async def test_the_last_page_holds_no_token_code_or_name(
    world: EntraWorld, browser: Browser
) -> None:
    callback = await world.arrive(browser, LINUS, await opened_popup(world, browser))
    page = await browser.get(callback)
    query = parse_qs(urlsplit(callback).query)
    assert query["code"][0] not in page.text
    assert query["state"][0] not in page.text
    assert page.cookie("mainhub")["value"] not in page.text
    assert "Linus" not in page.text
    assert "linus" not in page.text


async def test_the_last_page_runs_its_own_script_only(world: EntraWorld, browser: Browser) -> None:
    start = await opened_popup(world, browser)
    page = await browser.get(await world.arrive(browser, LINUS, start))
    policy = page.headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', page.text))
    assert f"script-src 'nonce-{nonce}' 'strict-dynamic'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=", page.text)
    assert "javascript:" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "tab",
    [
        "",
        "short",
        "a" * 65,
        "a%20b%20c%20d%20e",
        "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "12345678;Domain=evil.example",
        "12345678%0d%0aSet-Cookie:x=1",
    ],
)
async def test_a_strange_name_of_a_tab_is_none(
    world: EntraWorld, browser: Browser, tab: str
) -> None:
    start = await opened_popup(world, browser, tab)
    assert len(start.set_cookies) == 1
    page = await browser.get(await world.arrive(browser, LINUS, start))
    assert told(page) == ("mainhub:signed-in", "")


async def test_a_popup_that_failed_says_so_and_stays(world: EntraWorld, browser: Browser) -> None:
    start = await opened_popup(world, browser)
    state = start.query["state"]
    refused = f"{world.hub.url}/auth/callback/entra?state={state}&error=access_denied"
    page = await browser.get(refused)
    assert page.status == 403
    assert told(page) == ("mainhub:signin-failed", TAB)
    assert "data-closes" not in page.text
    again = re.search(r'href="(/auth/login[^"]*)"', page.text)
    assert again is not None
    assert again[1].replace("&amp;", "&").endswith(f"&popup=1&tab={TAB}")
    # Used already: the flow is gone, and its cookie still knows whose popup this is.
    page = await browser.get(refused)
    assert page.status == 409
    assert told(page) == ("mainhub:signin-failed", TAB)


async def test_a_callback_that_nobody_began_tells_no_tab(
    world: EntraWorld, browser: Browser
) -> None:
    page = await browser.get(f"{world.hub.url}/auth/callback/entra?state=x&popup=1&tab={TAB}")
    assert page.status == 409
    assert "<script" not in page.text


async def test_a_sign_in_in_the_page_still_redirects(world: EntraWorld, browser: Browser) -> None:
    answer = await world.sign_in(browser, return_to="/orders")
    assert (answer.status, answer.headers["Location"]) == (303, "/orders")


async def test_twenty_popups_and_tabs_sign_in_at_once(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    starts = await asyncio.gather(
        *(opened_popup(world, browser, f"tab-number-{number}") for number in range(10)),
        *(world.begin(browser, f"/page/{number}") for number in range(10)),
    )
    arrivals = [await world.arrive(browser, LINUS, start) for start in starts]
    answers = await asyncio.gather(*(browser.get(url) for url in reversed(arrivals)))
    popups = [answer for answer in answers if answer.status == 200]
    assert {told(page)[1] for page in popups} == {f"tab-number-{n}" for n in range(10)}
    landed = {answer.headers["Location"] for answer in answers if answer.status == 303}
    assert landed == {f"/page/{number}" for number in range(10)}
    left = [name for name in browser.cookies(world.hub.url) if name.startswith("mainhub-flow-")]
    assert left == []
    assert (await world.session(browser)).status == 200


@pytest.mark.parametrize(
    "hostile",
    [
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "%20//evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/auth/login?popup=1",
    ],
)
async def test_a_popup_leads_nowhere_else(
    world: EntraWorld, browser: Browser, hostile: str
) -> None:
    start = await browser.get(f"{world.hub.url}/auth/login?popup=1&return_to={hostile}")
    page = await browser.get(await world.arrive(browser, LINUS, start))
    assert page.status == 200
    assert re.findall(r'<a class="b[^"]*" href="([^"]*)"', page.text) == ["/"]
