"""Somebody who signs out at the tenant itself, and so of the hub, too."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from mainhub.simulator import TENANT_ID
from signin.browser import opened
from signin.entra_world import LINUS, EntraWorld, entra_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[EntraWorld]:
    async with entra_world(tmp_path_factory.mktemp("entra"), clock=clock) as one:
        yield one


async def leave(world: EntraWorld, browser: Browser) -> list[str]:
    """Sign out at the tenant, and return what its page shows in frames."""
    hint = quote(LINUS.login_hint, safe="")
    url = f"{world.entra_url}/{TENANT_ID}/oauth2/v2.0/logout?logout_hint={hint}"
    page = await browser.get(url)
    assert page.status == 200, page.text
    return [unescape(src) for src in re.findall(r'<iframe[^>]* src="([^"]+)"', page.text)]


async def show(frame: str) -> Answer:
    """Load *frame* as a browser does inside another site's page: without cookies."""
    async with opened() as bare:
        return await bare.get(frame)


async def test_the_frame_of_the_tenant_ends_the_session(
    world: EntraWorld, browser: Browser
) -> None:
    await world.sign_in(browser)
    (frame,) = await leave(world, browser)
    assert frame.startswith(f"{world.hub.url}/auth/frontchannel/entra?")
    assert (await world.session(browser)).status == 200
    page = await show(frame)
    assert page.status == 200
    assert f"frame-ancestors {world.entra_url};" in page.headers["Content-Security-Policy"]
    assert (await world.session(browser)).status == 401


async def test_sessions_of_other_browsers_go_on(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    async with opened() as other:
        await world.sign_in(other)
        for frame in await leave(world, browser):
            await show(frame)
        assert (await world.session(browser)).status == 401
        assert (await world.session(other)).status == 200


async def test_a_session_that_stepped_up_ends_as_well(world: EntraWorld, browser: Browser) -> None:
    await world.sign_in(browser)
    start = await browser.get(f"{world.hub.url}/auth/stepup?return_to=%2Forders")
    answer = await browser.get(await world.arrive(browser, LINUS, start))
    assert (answer.status, answer.headers["Location"]) == (303, "/orders")
    for frame in await leave(world, browser):
        await show(frame)
    assert (await world.session(browser)).status == 401
