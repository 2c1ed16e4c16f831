"""Forged id_tokens through the hub's real doors: none signs anybody in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signin.broken_answers import broken
from signin.forged_claims import claims_forged
from signin.forged_keys import keys_forged
from signin.forged_kinds import kinds_forged
from signin.forged_oddities import oddities
from signin.forged_tenants import tenants_forged
from signin.forged_tokens import forged
from signin.honest_answers import honest
from signin.hostile_transport import dripping, transports
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Answer, Browser
    from signin.hostile_provider import Defect
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

FORGED = [*forged(), *claims_forged(), *keys_forged(), *tenants_forged(), *oddities()]
FORGED += kinds_forged()
ENDLESS = dripping()
FLOOR = 400
BROKEN, HONEST = [*broken(), *transports()], list(honest())


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    state = tmp_path_factory.mktemp("hostile")
    async with hostile_world([*FORGED, *BROKEN, ENDLESS, *HONEST], state, clock=clock) as one:
        yield one


def named(defect: Defect) -> str:
    return defect.name


async def nobody_is_signed_in(world: HostileWorld, browser: Browser, answer: Answer) -> None:
    assert not answer.sets("mainhub")
    assert "mainhub" not in browser.cookies(world.hub.url)
    session = await browser.get(f"{world.hub.url}/auth/session")
    assert session.status == 401


def nothing_secret_is_told(world: HostileWorld, defect: Defect, *answers: Answer) -> None:
    # The address belongs to the provider's redirect, which carries the code by design.
    told = "\n".join(answer.everything.partition("\n")[2] for answer in answers)
    found = [secret for secret in world.issuers[defect.name].handed_out if secret in told]
    assert not [secret for secret in found if len(secret) > 8]


def test_many_defects_are_tried_and_each_has_a_control_that_signs_in() -> None:
    tried = [defect.name for defect in (*FORGED, *BROKEN)]
    right = {defect.name for defect in HONEST}
    assert len(tried) >= FLOOR
    assert len({*tried, *right}) == len(tried) + len(right)
    assert {defect.control for defect in (*FORGED, *BROKEN)} <= right


@pytest.mark.parametrize("defect", FORGED, ids=named)
async def test_refuses_a_forged_id_token(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    answer = await world.sign_in(browser, defect.name)
    assert answer.status == defect.status, answer.text
    assert world.issuers[defect.name].asked["token"] == 1
    await nobody_is_signed_in(world, browser, answer)
    nothing_secret_is_told(world, defect, answer)


@pytest.mark.parametrize("defect", BROKEN, ids=named)
async def test_refuses_a_broken_answer(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    if defect.at_start:
        answer = await world.begin(browser, defect.name)
    else:
        answer = await world.sign_in(browser, defect.name)
    assert answer.status == defect.status, answer.text
    await nobody_is_signed_in(world, browser, answer)
    nothing_secret_is_told(world, defect, answer)


async def test_whoever_never_stops_answering_is_given_up(
    world: HostileWorld, browser: Browser
) -> None:
    """Ten seconds are the longest for a whole answer, however steadily it comes."""
    answer = await world.sign_in(browser, ENDLESS.name)
    assert answer.status == ENDLESS.status, answer.text
    await nobody_is_signed_in(world, browser, answer)
    nothing_secret_is_told(world, ENDLESS, answer)


# The settings allow the name that providers still use for Ed25519; joserfc deprecates it.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("defect", HONEST, ids=named)
async def test_accepts_an_honest_answer(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    answer = await world.sign_in(browser, defect.name)
    assert answer.status == 303, answer.text
    session = await browser.get(f"{world.hub.url}/auth/session")
    assert session.json["user"]["roles"] == ["Employee"]
    nothing_secret_is_told(world, defect, answer, session)
