"""Refusals that are switched on, in Microsoft's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.simulator import Switch
from simulator.visitor import GRACE, LINUS, Visitor

if TYPE_CHECKING:
    from mainhub.simulator import Conduct

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("mfa", (400, "interaction_required", [50076])),
        ("consent", (400, "interaction_required", [65001])),
        ("consent-as-grant", (400, "invalid_grant", [65001])),
        ("revoked", (400, "invalid_grant", [50173])),
        ("secret-expired", (401, "invalid_client", [7000222])),
        ("secret-wrong", (401, "invalid_client", [7000215])),
        ("unavailable", (503, "temporarily_unavailable", [90033])),
    ],
)
async def test_a_refresh_is_refused_once(
    visitor: Visitor, conduct: Conduct, choice: str, expected: tuple[object, ...]
) -> None:
    tokens = await visitor.tokens(LINUS)
    conduct.put(Switch.REFUSAL, choice, times=1)
    found, refused = await visitor.refresh(tokens["refresh_token"])
    assert (found, refused["error"], refused["error_codes"]) == expected
    assert ("claims" in refused) == (choice == "mfa")
    if choice.startswith("consent"):
        assert refused["suberror"] == "consent_required"
    # The token was not used up by the refusal.
    assert (await visitor.refresh(tokens["refresh_token"]))[0] == 200


async def test_a_code_expires_on_request(visitor: Visitor, conduct: Conduct) -> None:
    code = await visitor.code(LINUS)
    conduct.put(Switch.REFUSAL, "code-expired", times=1)
    _, refused = await visitor.redeem(code)
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [70008])


@pytest.mark.parametrize("choice", ["mfa", "consent"])
async def test_a_sign_in_does_what_a_refusal_demands(
    visitor: Visitor, conduct: Conduct, choice: str
) -> None:
    tokens = await visitor.tokens(LINUS)
    conduct.put(Switch.REFUSAL, choice, oid=LINUS.oid)
    _, refused = await visitor.refresh(tokens["refresh_token"])
    page = await visitor.authorize(claims=refused.get("claims"), login_hint=LINUS.address)
    assert page.status == 200
    code = (await visitor.confirm(page)).redirect["code"]
    _, tokens = await visitor.redeem(code)
    assert (await visitor.refresh(tokens["refresh_token"]))[0] == 200
    others = await visitor.tokens(GRACE)
    assert (await visitor.refresh(others["refresh_token"]))[0] == 200


@pytest.mark.parametrize(("choice", "number"), [("mfa", "50076"), ("consent", "65001")])
async def test_a_silent_sign_in_cannot_do_it(
    visitor: Visitor, conduct: Conduct, choice: str, number: str
) -> None:
    await visitor.code(LINUS)
    conduct.put(Switch.SIGN_IN, choice)
    answer = (await visitor.authorize(prompt="none")).redirect
    assert answer["error"] == "interaction_required"
    assert answer["error_description"].startswith(f"AADSTS{number}: ")


async def test_who_is_not_assigned_is_sent_back_with_the_reason(
    visitor: Visitor, conduct: Conduct
) -> None:
    conduct.put(Switch.SIGN_IN, "not-assigned", oid=LINUS.oid)
    page = await visitor.authorize()
    answer = (await visitor.pick(page, LINUS)).redirect
    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("AADSTS50105: ")
    assert await visitor.code(GRACE)


async def test_a_redirect_that_does_not_match_stays_here(
    visitor: Visitor, conduct: Conduct
) -> None:
    conduct.put(Switch.SIGN_IN, "redirect-mismatch", times=1)
    answer = await visitor.authorize()
    assert (answer.status, "AADSTS50011" in answer.text) == (400, True)
    assert (await visitor.authorize()).status == 200


async def test_a_page_more_is_asked_as_often_as_was_said(
    visitor: Visitor, conduct: Conduct
) -> None:
    conduct.put(Switch.SIGN_IN, "mfa", times=1)
    page = await visitor.pick(await visitor.authorize(prompt="login"), LINUS)
    assert "code" in (await visitor.confirm(page)).redirect
    page = await visitor.authorize(prompt="login")
    assert "code" in (await visitor.pick(page, LINUS)).redirect
