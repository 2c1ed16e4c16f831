from __future__ import annotations

import pytest

from mainhub.simulator import TENANT_ID
from simulator.visitor import (
    ADA,
    GRACE,
    LINUS,
    REGISTRATION,
    SIGNED_OUT,
    Answer,
    Visitor,
    new_browser,
)

pytestmark = pytest.mark.anyio


async def leave(visitor: Visitor, **changes: str | None) -> Answer:
    query: dict[str, str | None] = {"post_logout_redirect_uri": SIGNED_OUT, "state": "a state"}
    return await visitor.get(f"/{TENANT_ID}/oauth2/v2.0/logout", query | changes)


async def is_signed_in(visitor: Visitor, address: str = LINUS.address) -> bool:
    answer = await visitor.authorize(prompt="none", login_hint=address)
    return "code" in answer.redirect


@pytest.mark.parametrize("hint", [LINUS.address, LINUS.login_hint])
async def test_a_hint_signs_out_at_once_and_goes_back(visitor: Visitor, hint: str) -> None:
    await visitor.code(LINUS)
    assert await is_signed_in(visitor)
    answer = await leave(visitor, logout_hint=hint, client_id=REGISTRATION.client_id)
    assert answer.status == 302
    assert answer.headers["Location"].startswith(SIGNED_OUT)
    assert answer.redirect == {"state": "a state"}
    assert not await is_signed_in(visitor)


async def test_only_the_account_that_is_meant_leaves_and_only_here(
    visitor: Visitor, entra_url: str
) -> None:
    await visitor.code(LINUS)
    await visitor.code(ADA)
    async with new_browser() as other:
        elsewhere = Visitor(entra_url, other)
        await elsewhere.code(LINUS)
        await leave(visitor, logout_hint=LINUS.address)
        assert not await is_signed_in(visitor)
        assert await is_signed_in(visitor, ADA.address)
        assert await is_signed_in(elsewhere)


async def test_without_a_hint_the_person_says_which_account(visitor: Visitor) -> None:
    await visitor.code(LINUS)
    page = await leave(visitor)
    assert page.status == 200
    assert LINUS.address in page.text
    assert ADA.address not in page.text
    assert "form-action 'self' http://localhost:8080;" in page.headers["Content-Security-Policy"]
    assert await is_signed_in(visitor)
    answer = await visitor.pick(page, LINUS)
    assert answer.status == 303
    assert answer.redirect == {"state": "a state"}
    assert not await is_signed_in(visitor)


async def test_a_forged_answer_signs_nobody_out(visitor: Visitor) -> None:
    await visitor.code(LINUS)
    action, _ = (await leave(visitor)).form
    answer = await visitor.post(action, {"account": LINUS.oid})
    assert answer.status == 400
    assert await is_signed_in(visitor)


@pytest.mark.parametrize(
    "changes",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": f"{SIGNED_OUT}/"},
        {"post_logout_redirect_uri": None},
        {"client_id": "another"},
    ],
)
async def test_leads_nowhere_that_is_not_registered(
    visitor: Visitor, changes: dict[str, str | None]
) -> None:
    await visitor.code(LINUS)
    answer = await leave(visitor, **{"logout_hint": LINUS.address} | changes)
    assert answer.status == 200
    assert "Location" not in answer.headers
    assert not await is_signed_in(visitor)


async def test_nobody_signed_in_is_no_obstacle(visitor: Visitor) -> None:
    assert (await leave(visitor)).status == 302
    assert (await leave(visitor, logout_hint=GRACE.address)).status == 302
    assert (await leave(visitor, logout_hint="nobody@hautemer.example")).status == 302


async def test_signing_out_at_the_tenant_leaves_refresh_tokens_alone(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    await leave(visitor, logout_hint=LINUS.address)
    assert (await visitor.refresh(tokens["refresh_token"]))[0] == 200
