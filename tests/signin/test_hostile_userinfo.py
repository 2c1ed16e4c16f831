"""A userinfo endpoint that lies: it names nobody else, gives no role and stops no sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from signin.hostile_userinfo import DROPPED, TAKEN
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Browser
    from signin.hostile_provider import Defect
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    state = tmp_path_factory.mktemp("userinfo")
    async with hostile_world([*DROPPED, *TAKEN], state, clock=clock) as one:
        yield one


async def signed_in(world: HostileWorld, browser: Browser, defect: Defect) -> dict[str, Any]:
    answer = await world.sign_in(browser, defect.name)
    assert answer.status == 303, answer.text
    assert world.issuers[defect.name].asked["userinfo"] >= 1
    told = (await browser.get(f"{world.hub.url}/auth/session")).json["user"]
    issuer = world.issuers[defect.name].url
    assert told["id"] == f"{issuer}|linus"
    assert told["roles"] == ["Employee"]
    assert told["tenantId"] is None
    user: dict[str, Any] = told
    return user


@pytest.mark.parametrize("defect", DROPPED, ids=lambda it: it.name)
async def test_a_lie_is_dropped(world: HostileWorld, browser: Browser, defect: Defect) -> None:
    told = await signed_in(world, browser, defect)
    assert (told["name"], told["email"]) == ("linus", None)


@pytest.mark.parametrize("defect", TAKEN, ids=lambda it: it.name)
async def test_the_truth_gives_a_name_and_no_right(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    assert (await signed_in(world, browser, defect))["name"] == "Ada"
