"""Tabs that sign in at one moment, with a provider that has no name for its own session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from signin.browser import OWN_PAGE, opened
from signin.hostile_provider import Defect
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

ANOTHER_DEVICE = {"User-Agent": "Another/1.0"}
TABS = 8


@pytest.fixture
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    defects = [Defect("plain"), Defect("other")]
    async with hostile_world(defects, tmp_path_factory.mktemp("tabs"), clock=clock) as one:
        yield one


async def left(world: HostileWorld) -> int:
    return len(await world.hub.parts.sessions.list(limit=100))


async def sign_in_everywhere(world: HostileWorld, browser: Browser) -> None:
    urls = [await world.arrive(browser, "plain") for _ in range(TABS)]
    answers = await asyncio.gather(*(browser.get(url) for url in urls))
    assert {answer.status for answer in answers} == {303}


async def test_signing_out_ends_what_all_tabs_opened(world: HostileWorld, browser: Browser) -> None:
    await sign_in_everywhere(world, browser)
    given = {
        answer.cookie("mainhub")["value"]
        for answer in browser.journal
        if answer.set_cookies and answer.sets("mainhub")
    }
    assert len(given) == TABS
    assert (await browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)).status == 200
    assert await left(world) == 0
    async with opened() as thief:
        for known in given:
            thief.plant(world.hub.url, {"mainhub": known})
            assert (await thief.get(f"{world.hub.url}/auth/session")).status == 401


async def test_other_devices_people_and_providers_stay(
    world: HostileWorld, browser: Browser
) -> None:
    async with opened() as phone, opened() as elsewhere:
        url = await world.arrive(phone, "plain")
        assert (await phone.get(url, ANOTHER_DEVICE)).status == 303
        assert (await world.sign_in(elsewhere, "other")).status == 303
        world.issuers["plain"].subject = "ada"
        async with opened() as colleague:
            assert (await world.sign_in(colleague, "plain")).status == 303
            world.issuers["plain"].subject = "linus"
            await sign_in_everywhere(world, browser)
            url = f"{world.hub.url}/auth/logout"
            assert (await browser.post(url, headers=OWN_PAGE)).status == 200
            assert await left(world) == 3
