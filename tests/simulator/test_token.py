from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote_plus
from uuid import UUID

import pytest

from mainhub.simulator import TENANT_ID
from mainhub.simulator.accounts import WAREHOUSE
from simulator.visitor import (
    ADA,
    ALAN,
    API,
    CALLBACK,
    LINUS,
    REGISTRATION,
    SIGN_IN,
    VERIFIER,
    MovingClock,
    Visitor,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.anyio

GRAPH = "00000003-0000-0000-c000-000000000000"


async def test_a_code_becomes_tokens_that_say_who_signed_in(
    visitor: Visitor, moving_clock: MovingClock
) -> None:
    tokens = await visitor.tokens(LINUS)
    now = int(moving_clock.at.timestamp())
    claims = await visitor.claims(tokens["id_token"])
    assert str(UUID(claims["sid"])) == claims.pop("sid")
    assert claims.pop("sub")
    assert claims.pop("uti")
    assert claims == {
        "ver": "2.0",
        "iss": f"{visitor.root}/v2.0",
        "aud": REGISTRATION.client_id,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "tid": TENANT_ID,
        "oid": LINUS.oid,
        "name": "Linus Pauling",
        "preferred_username": "linus@hautemer.example",
        "email": "linus@hautemer.example",
        "login_hint": LINUS.login_hint,
        "nonce": "a nonce",
        "roles": ["Employee"],
        "groups": [WAREHOUSE],
        "acct": 0,
    }
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert set(tokens["scope"].split()) == set(SIGN_IN.split()) - {"offline_access"}
    assert (await visitor.claims(tokens["access_token"]))["aud"] == GRAPH


async def test_a_token_for_the_application_names_its_scope_and_roles(visitor: Visitor) -> None:
    claims = await visitor.claims(await visitor.access_token(ADA))
    assert claims["aud"] == claims["azp"] == REGISTRATION.client_id
    assert claims["scp"] == "access_as_user"
    assert claims["roles"] == ["Admin"]
    assert claims["oid"] == ADA.oid
    assert claims["tid"] == TENANT_ID
    assert claims["ver"] == "2.0"
    assert claims["iss"] == f"{visitor.root}/v2.0"


async def test_who_has_no_role_has_no_roles_claim(visitor: Visitor) -> None:
    tokens = await visitor.tokens(ALAN)
    assert "roles" not in await visitor.claims(tokens["id_token"])
    assert "roles" not in await visitor.claims(await visitor.access_token(ALAN))


async def test_the_subject_is_another_one_for_every_audience(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    mine = (await visitor.claims(tokens["id_token"]))["sub"]
    again = (await visitor.claims((await visitor.tokens(LINUS))["id_token"]))["sub"]
    graph = (await visitor.claims(tokens["access_token"]))["sub"]
    other = (await visitor.claims((await visitor.tokens(ADA))["id_token"]))["sub"]
    assert mine == again
    assert len({mine, graph, other}) == 3


async def test_claims_follow_the_scopes(visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS, scope="openid", nonce=None)
    assert "refresh_token" not in tokens
    claims = await visitor.claims(tokens["id_token"])
    assert not {"oid", "name", "preferred_username", "email", "nonce"} & set(claims)
    assert "id_token" not in await visitor.tokens(LINUS, scope=API)


async def test_a_code_is_good_once_and_its_replay_revokes_what_it_bought(visitor: Visitor) -> None:
    code = await visitor.code()
    status, tokens = await visitor.redeem(code)
    assert status == 200
    status, replay = await visitor.redeem(code)
    assert (status, replay["error"]) == (400, "invalid_grant")
    status, refused = await visitor.refresh(tokens["refresh_token"])
    assert (status, refused["error"]) == (400, "invalid_grant")


async def test_a_code_replayed_after_its_time_still_revokes(
    visitor: Visitor, moving_clock: MovingClock
) -> None:
    code = await visitor.code()
    _, tokens = await visitor.redeem(code)
    moving_clock.move(timedelta(minutes=10))
    status, replay = await visitor.redeem(code)
    assert (status, replay["error"]) == (400, "invalid_grant")
    assert (await visitor.refresh(tokens["refresh_token"]))[0] == 400


async def test_an_unknown_code_is_refused(visitor: Visitor) -> None:
    status, refused = await visitor.redeem("1.unknown")
    assert (status, refused["error"]) == (400, "invalid_grant")
    status, refused = await visitor.redeem("")
    assert (status, refused["error"]) == (400, "invalid_request")


async def test_a_code_does_not_live_long(visitor: Visitor, moving_clock: MovingClock) -> None:
    code = await visitor.code()
    moving_clock.move(timedelta(minutes=5))
    status, refused = await visitor.redeem(code)
    assert (status, refused["error"], refused["error_codes"]) == (400, "invalid_grant", [70008])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": VERIFIER[:-1] + "l"}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": f"{CALLBACK}/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"scope": API}, "invalid_scope"),
        ({"scope": f"openid User.Read {API}"}, "invalid_scope"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_a_code_is_bound_to_everything_it_was_asked_with(
    visitor: Visitor, changes: dict[str, str | None], error: str
) -> None:
    code = await visitor.code()
    status, refused = await visitor.redeem(code, **changes)
    assert (status, refused["error"]) == (400, error)
    assert (await visitor.redeem(code))[0] == 200, "a refused attempt does not use the code up"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "another"}, 400, "unauthorized_client"),
        ({"client_id": None}, 400, "invalid_request"),
    ],
)
async def test_the_application_has_to_prove_itself(
    visitor: Visitor, changes: dict[str, str | None], status: int, error: str
) -> None:
    code = await visitor.code()
    answer, refused = await visitor.redeem(code, **changes)
    assert (answer, refused["error"]) == (status, error)


def basic(secret: str) -> Mapping[str, str]:
    pair = f"{quote_plus(REGISTRATION.client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


async def test_the_secret_may_come_in_the_header(visitor: Visitor) -> None:
    path, form = (
        f"/{TENANT_ID}/oauth2/v2.0/token",
        {
            "grant_type": "authorization_code",
            "code": await visitor.code(),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        },
    )
    wrong = await visitor.post(path, form, basic("wrong"))
    assert wrong.status == 401
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    secret = REGISTRATION.client_secret
    twice = await visitor.post(path, form | {"client_secret": secret}, basic(secret))
    assert twice.status == 400
    for unreadable in ("Basic !", "Basic bm9jb2xvbg==", "Bearer x"):
        assert (await visitor.post(path, form, {"Authorization": unreadable})).status == 400
    assert (await visitor.post(path, form, basic(secret))).status == 200


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family(
    visitor: Visitor,
) -> None:
    first = await visitor.tokens(LINUS)
    status, second = await visitor.refresh(first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    before, after = [await visitor.claims(each["id_token"]) for each in (first, second)]
    assert [before[name] for name in ("iss", "sub", "aud", "oid", "sid")] == [
        after[name] for name in ("iss", "sub", "aud", "oid", "sid")
    ]
    assert "nonce" not in after
    for token in (first["refresh_token"], second["refresh_token"]):
        status, refused = await visitor.refresh(token)
        assert (status, refused["error"]) == (400, "invalid_grant")


async def test_reuse_in_one_browser_leaves_another_sign_in_alone(visitor: Visitor) -> None:
    one, other = await visitor.tokens(LINUS), await visitor.tokens(LINUS)
    assert (await visitor.refresh(one["refresh_token"]))[0] == 200
    assert (await visitor.refresh(one["refresh_token"]))[0] == 400
    assert (await visitor.refresh(other["refresh_token"]))[0] == 200


async def test_one_token_is_for_one_resource(visitor: Visitor) -> None:
    refresh_token = (await visitor.tokens(LINUS))["refresh_token"]
    status, refused = await visitor.refresh(refresh_token, scope=f"openid User.Read {API}")
    assert (status, refused["error"], refused["error_codes"]) == (400, "invalid_scope", [28000])
    status, tokens = await visitor.refresh(refresh_token, scope=f"openid offline_access {API}")
    assert status == 200, "a refused scope does not use the token up"
    assert tokens["scope"] == f"openid {API}"


async def test_scopes_of_two_resources_may_be_authorised_together_and_redeemed_apart(
    visitor: Visitor,
) -> None:
    code = await visitor.code(scope=f"{SIGN_IN} {API}")
    status, refused = await visitor.redeem(code)
    assert (status, refused["error"]) == (400, "invalid_scope")
    status, tokens = await visitor.redeem(code, scope=API)
    assert status == 200
    assert (await visitor.claims(tokens["access_token"]))["scp"] == "access_as_user"


async def test_a_refresh_token_expires(visitor: Visitor, moving_clock: MovingClock) -> None:
    refresh_token = (await visitor.tokens(LINUS))["refresh_token"]
    moving_clock.move(timedelta(days=90))
    status, refused = await visitor.refresh(refresh_token)
    assert (status, refused["error"]) == (400, "invalid_grant")


async def test_a_refusal_has_the_shape_of_microsofts(
    visitor: Visitor, moving_clock: MovingClock
) -> None:
    correlation = "7a1c2f3e-0000-4000-8000-123456789abc"
    answer = await visitor.post(
        f"/{TENANT_ID}/oauth2/v2.0/token", {"client_id": "x"}, {"client-request-id": correlation}
    )
    assert answer.headers["Cache-Control"] == "no-store"
    _, body = await visitor.refresh("1.unknown")
    assert set(body) == {
        "error",
        "error_description",
        "error_codes",
        "timestamp",
        "trace_id",
        "correlation_id",
        "error_uri",
    }
    stamp = f"{moving_clock.at:%Y-%m-%d %H:%M:%S}Z"
    assert body["timestamp"] == stamp
    number = body["error_codes"][0]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["error_description"].endswith(
        f"\r\nTrace ID: {body['trace_id']}\r\nCorrelation ID: {body['correlation_id']}"
        f"\r\nTimestamp: {stamp}"
    )
    assert answer.headers["client-request-id"] == correlation
    assert correlation in answer.text


async def test_only_a_form_in_this_tenant_is_answered(visitor: Visitor) -> None:
    async with visitor.browser.post(
        f"{visitor.root}/oauth2/v2.0/token", json={"grant_type": "refresh_token"}
    ) as answer:
        assert answer.status == 400
    other = await visitor.post("/contoso/oauth2/v2.0/token", {})
    assert other.status == 400
    assert '"error_codes":[90002]' in other.text
    twice = f"/{TENANT_ID}/oauth2/v2.0/token"
    async with visitor.browser.post(
        visitor.base_url + twice,
        data="grant_type=a&grant_type=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    ) as answer:
        assert answer.status == 400
    huge = await visitor.post(twice, {"code": "x" * 70_000})
    assert huge.status == 400
