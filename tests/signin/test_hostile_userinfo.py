"""A userinfo endpoint that lies: it names nobody else, gives no role and stops no sign-in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
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


def _of_type(kind: object, answer: dict[str, Any]) -> object:
    return answer | {"token_type": kind}


# RFC 6749, section 7.1: what is no bearer token is sent to nobody.
NOT_ASKED = [
    replace(TAKEN[0], name=f"a-token-of-type-{kind}", answer=partial(_of_type, kind))
    for kind in ("DPoP", ["Bearer"], 7)
]


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    state = tmp_path_factory.mktemp("userinfo")
    async with hostile_world([*DROPPED, *TAKEN, *NOT_ASKED], state, clock=clock) as one:
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


@pytest.mark.parametrize("defect", NOT_ASKED, ids=lambda it: it.name)
async def test_what_is_no_bearer_token_is_not_sent(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    assert (await world.sign_in(browser, defect.name)).status == 303
    assert world.issuers[defect.name].asked["userinfo"] == 0
    told = (await browser.get(f"{world.hub.url}/auth/session")).json["user"]
    assert told["name"] == "linus"
