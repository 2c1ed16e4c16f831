"""A service that demands a second factor, and how the demand is met."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from mainhub.simulator import TENANT_ID, Switch
from simulator.visitor import ADA, API, GRACE, LINUS, MovingClock, Visitor, new_browser

if TYPE_CHECKING:
    from mainhub.simulator import Conduct, Deeds

pytestmark = pytest.mark.anyio
STEP_UP = '{"access_token": {"acrs": {"essential": true, "value": "c1"}}}'
CAPABLE = '{"access_token": {"xms_cc": {"values": ["cp1"]}}}'


async def ask(
    url: str, token: str, path: str = "/v1/orders", method: str = "GET"
) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, url + path, headers=headers) as answer,
    ):
        return answer.status, answer.headers.get("WWW-Authenticate", "")


def demanded(challenge: str) -> str:
    """Return the claims that a challenge demands."""
    assert 'error="insufficient_claims"' in challenge
    found = re.search('claims="([A-Za-z0-9_-]+)"', challenge)
    assert found is not None
    text = found[1]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


async def test_a_demanded_claim_is_met_by_a_second_factor_and_stays_met(
    visitor: Visitor, orders_url: str, conduct: Conduct
) -> None:
    first = await visitor.access_token(GRACE)
    assert (await ask(orders_url, first))[0] == 200
    conduct.put(Switch.ORDERS_CLAIMS, "all")
    status, challenge = await ask(orders_url, first)
    assert status == 401
    assert json.loads(demanded(challenge)) == json.loads(STEP_UP)
    page = await visitor.authorize(claims=demanded(challenge), login_hint=GRACE.address)
    assert page.status == 200
    assert GRACE.name in page.text
    code = (await visitor.confirm(page)).redirect["code"]
    _, tokens = await visitor.redeem(code)
    _, answer = await visitor.refresh(tokens["refresh_token"], scope=API)
    assert (await visitor.claims(answer["access_token"]))["acrs"] == ["c1"]
    assert (await ask(orders_url, answer["access_token"]))[0] == 200
    # The browser has satisfied it: no second page.
    again = await visitor.authorize(claims=STEP_UP, login_hint=GRACE.address)
    assert "code" in again.redirect


async def test_only_approvals_can_demand_it(
    visitor: Visitor, orders_url: str, conduct: Conduct
) -> None:
    conduct.put(Switch.ORDERS_CLAIMS, "approvals")
    token = await visitor.access_token(ADA)
    assert (await ask(orders_url, token))[0] == 200
    status, challenge = await ask(orders_url, token, "/v1/orders/20421/approve", "POST")
    assert (status, json.loads(demanded(challenge))) == (401, json.loads(STEP_UP))


async def test_a_demand_can_concern_one_person(
    visitor: Visitor, orders_url: str, conduct: Conduct
) -> None:
    conduct.put(Switch.ORDERS_CLAIMS, "all", oid=LINUS.oid)
    assert (await ask(orders_url, await visitor.access_token(LINUS)))[0] == 401
    assert (await ask(orders_url, await visitor.access_token(GRACE)))[0] == 200


async def test_picking_an_account_leads_on_to_the_second_factor(visitor: Visitor) -> None:
    page = await visitor.pick(await visitor.authorize(claims=STEP_UP), LINUS)
    assert page.status == 200
    assert "code" in (await visitor.confirm(page)).redirect


async def test_cancelling_the_second_factor_is_told_to_the_application(visitor: Visitor) -> None:
    page = await visitor.pick(await visitor.authorize(claims=STEP_UP), LINUS)
    action, hidden = page.form
    answer = (await visitor.post(action, hidden | {"cancel": "1"})).redirect
    assert answer["error"] == "access_denied"


async def test_without_a_page_there_is_no_second_factor(visitor: Visitor) -> None:
    await visitor.code(LINUS)
    answer = (await visitor.authorize(claims=STEP_UP, prompt="none")).redirect
    assert answer["error"] == "interaction_required"
    assert answer["error_description"].startswith("AADSTS50076: ")


async def test_nobody_confirms_for_somebody_else(visitor: Visitor, entra_url: str) -> None:
    page = await visitor.pick(await visitor.authorize(claims=STEP_UP), LINUS)
    action, hidden = page.form
    async with new_browser() as other:
        stolen = await Visitor(entra_url, other).post(action, hidden | {"confirm": "1"})
    assert stolen.status == 400
    answer = await visitor.post(action, hidden | {"account": ADA.oid, "confirm": "1"})
    assert answer.redirect["error"] == "login_required"


@pytest.mark.parametrize(
    "claims", ["nonsense", "[]", '{"access_token": []}', '{"access_token": 1}']
)
async def test_malformed_claims_are_refused(visitor: Visitor, claims: str) -> None:
    answer = await visitor.authorize(claims=claims)
    if claims.endswith("[]}"):
        assert answer.status == 200
    else:
        assert answer.redirect["error"] == "invalid_request"


async def test_a_refresh_cannot_satisfy_what_only_the_person_can(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    status, refused = await visitor.refresh(tokens["refresh_token"], scope=API, claims=STEP_UP)
    assert (status, refused["error"], refused["claims"]) == (400, "interaction_required", STEP_UP)


async def test_capabilities_are_told_in_the_token(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS, claims=CAPABLE)
    _, answer = await visitor.refresh(tokens["refresh_token"], scope=API)
    assert (await visitor.claims(answer["access_token"]))["xms_cc"] == ["cp1"]


async def test_a_revoked_session_is_demanded_anew_of_who_understands(
    visitor: Visitor, orders_url: str, deeds: Deeds, moving_clock: MovingClock
) -> None:
    tokens = await visitor.tokens(LINUS, claims=CAPABLE)
    _, answer = await visitor.refresh(tokens["refresh_token"], scope=API)
    deaf = await visitor.access_token(LINUS)
    deeds.revoke(LINUS.oid)
    status, challenge = await ask(orders_url, answer["access_token"])
    assert status == 401
    assert "nbf" in json.loads(demanded(challenge))["access_token"]
    assert (await ask(orders_url, deaf))[0] == 200
    status, refused = await visitor.refresh(answer["refresh_token"], scope=API)
    assert (status, refused["error"], refused["error_codes"]) == (400, "invalid_grant", [50173])
    page = await visitor.authorize(claims=demanded(challenge))
    code = (await visitor.pick(page, LINUS)).redirect["code"]
    _, tokens = await visitor.redeem(code)
    _, answer = await visitor.refresh(tokens["refresh_token"], scope=API, claims=CAPABLE)
    assert (await ask(orders_url, answer["access_token"]))[0] == 200
    moving_clock.move(timedelta(hours=1))
    assert "code" in (await visitor.authorize(claims=demanded(challenge))).redirect
    assert f"/{TENANT_ID}/" in page.form[0]
