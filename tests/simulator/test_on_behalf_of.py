from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.visitor import API, LINUS, REGISTRATION, MovingClock, Visitor

pytestmark = pytest.mark.anyio
GRAPH = "00000003-0000-0000-c000-000000000000"


async def test_a_token_for_us_becomes_one_for_another_resource(visitor: Visitor) -> None:
    status, answer = await visitor.on_behalf_of(await visitor.access_token(LINUS))
    assert status == 200
    assert "refresh_token" not in answer
    claims = await visitor.claims(answer["access_token"])
    assert (claims["aud"], claims["oid"], claims["scp"]) == (GRAPH, LINUS.oid, "User.Read")
    assert claims["azp"] == REGISTRATION.client_id


async def test_offline_access_brings_a_refresh_token_of_its_own(visitor: Visitor) -> None:
    token = await visitor.access_token(LINUS)
    _, answer = await visitor.on_behalf_of(token, scope=f"{API} offline_access openid")
    assert (await visitor.claims(answer["id_token"]))["aud"] == REGISTRATION.client_id
    status, refreshed = await visitor.refresh(answer["refresh_token"])
    assert status == 200
    assert (await visitor.claims(refreshed["access_token"]))["roles"] == ["Employee"]


async def test_a_token_for_somebody_else_is_no_assertion(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    status, refused = await visitor.on_behalf_of(tokens["access_token"])
    assert (status, refused["error"], refused["error_codes"]) == (400, "invalid_grant", [500131])


async def test_an_id_token_is_no_assertion(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    _, refused = await visitor.on_behalf_of(tokens["id_token"])
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [50013])


async def test_an_old_token_is_no_assertion(visitor: Visitor, moving_clock: MovingClock) -> None:
    token = await visitor.access_token(LINUS)
    moving_clock.move(timedelta(hours=1))
    _, refused = await visitor.on_behalf_of(token)
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [500133])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"assertion": "nonsense"}, "invalid_grant"),
        ({"assertion": None}, "invalid_request"),
        ({"requested_token_use": None}, "invalid_request"),
        ({"requested_token_use": "other"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": f"{API} User.Read"}, "invalid_scope"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
async def test_refuses_what_is_not_such_an_exchange(
    visitor: Visitor, changes: dict[str, str | None], error: str
) -> None:
    _, refused = await visitor.on_behalf_of(await visitor.access_token(LINUS), **changes)
    assert refused["error"] == error
