"""Other tenants, all tenants at once, version 1.0, and the plain OpenID provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mainhub.simulator import TENANT_ID, Switch
from mainhub.simulator.accounts import OTHER_TENANT_ID
from simulator.test_claims_challenge import ask
from simulator.visitor import (
    API,
    CALLBACK,
    LINUS,
    NIELS,
    REGISTRATION,
    ROSALIND,
    VERIFIER,
    Visitor,
)

if TYPE_CHECKING:
    from mainhub.simulator import Account, Conduct

pytestmark = pytest.mark.anyio
shared = pytest.mark.parametrize("path", ["common", "organizations"])


async def document(visitor: Visitor, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await visitor.get(path)).text)
    return found


@shared
async def test_what_all_tenants_share_names_no_tenant(visitor: Visitor, path: str) -> None:
    found = await document(visitor, f"/{path}/v2.0/.well-known/openid-configuration")
    assert found["issuer"] == f"{visitor.base_url}/{{tenantid}}/v2.0"
    assert found["token_endpoint"] == f"{visitor.base_url}/{path}/oauth2/v2.0/token"
    assert found["authorization_response_iss_parameter_supported"] is False
    (key,) = (await document(visitor, f"/{path}/discovery/v2.0/keys"))["keys"]
    assert key["issuer"] == f"{visitor.base_url}/{{tenantid}}/v2.0"


@shared
@pytest.mark.parametrize("account", [LINUS, ROSALIND])
async def test_the_account_says_which_tenant_it_is(
    visitor: Visitor, path: str, account: Account
) -> None:
    here = visitor.at(path)
    page = await here.authorize(prompt="select_account")
    assert NIELS.address not in page.text
    answer = (await here.pick(page, account)).redirect
    assert "iss" not in answer
    _, tokens = await here.redeem(answer["code"])
    claims = await here.claims(tokens["id_token"])
    assert claims["tid"] == account.tenant
    assert claims["iss"] == f"{visitor.base_url}/{account.tenant}/v2.0"


async def test_a_second_tenant_has_people_of_its_own(visitor: Visitor) -> None:
    there = visitor.at(OTHER_TENANT_ID)
    page = await there.authorize()
    assert LINUS.address not in page.text
    tokens = await there.tokens(ROSALIND)
    claims = await there.claims(tokens["id_token"])
    assert (claims["tid"], claims["iss"]) == (OTHER_TENANT_ID, f"{there.root}/v2.0")
    _, refused = await visitor.refresh(tokens["refresh_token"])
    assert refused["error_codes"] == [700005]


async def test_nobody_of_another_tenant_signs_in(visitor: Visitor) -> None:
    page = await visitor.authorize()
    action, hidden = page.form
    answer = await visitor.post(action, hidden | {"account": ROSALIND.oid})
    assert "code" not in answer.redirect


async def test_a_guest_says_so_and_where_they_are_at_home(visitor: Visitor) -> None:
    claims = await visitor.claims((await visitor.tokens(NIELS))["id_token"])
    assert (claims["tid"], claims["acct"]) == (TENANT_ID, 1)
    assert claims["idp"] == f"https://sts.windows.net/{OTHER_TENANT_ID}/"
    member = await visitor.claims((await visitor.tokens(LINUS))["id_token"])
    assert member["acct"] == 0
    assert "idp" not in member


async def test_version_1_takes_a_resource_and_names_things_otherwise(visitor: Visitor) -> None:
    found = await document(visitor, f"/{TENANT_ID}/.well-known/openid-configuration")
    assert found["issuer"] == f"https://sts.windows.net/{TENANT_ID}/"
    query = {
        "client_id": REGISTRATION.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "resource": REGISTRATION.client_id,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    page = await visitor.get(f"/{TENANT_ID}/oauth2/authorize", query)
    answer = (await visitor.pick(page, LINUS)).redirect
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "client_id": REGISTRATION.client_id,
        "client_secret": REGISTRATION.client_secret,
    }
    reply = await visitor.post(f"/{TENANT_ID}/oauth2/token", form)
    tokens = json.loads(reply.text)
    claims = await visitor.claims(tokens["id_token"])
    assert (claims["ver"], claims["iss"]) == ("1.0", f"https://sts.windows.net/{TENANT_ID}/")
    assert claims["unique_name"] == claims["upn"] == LINUS.address
    assert tokens["scope"].endswith(API)


async def test_access_tokens_can_be_of_version_1(
    visitor: Visitor, conduct: Conduct, orders_url: str
) -> None:
    conduct.put(Switch.VERSION, "1.0")
    token = await visitor.access_token(LINUS)
    claims = await visitor.claims(token)
    assert (claims["ver"], claims["iss"]) == ("1.0", f"https://sts.windows.net/{TENANT_ID}/")
    assert (claims["aud"], claims["appid"]) == (
        REGISTRATION.application_id_uri,
        REGISTRATION.client_id,
    )
    assert "azp" not in claims
    assert (await ask(orders_url, token))[0] == 200


async def test_a_clock_can_be_wrong(visitor: Visitor, conduct: Conduct) -> None:
    right = await visitor.claims((await visitor.tokens(LINUS))["id_token"])
    conduct.put(Switch.CLOCK, "ahead")
    ahead = await visitor.claims((await visitor.tokens(LINUS))["id_token"])
    conduct.put(Switch.CLOCK, "behind")
    behind = await visitor.claims((await visitor.tokens(LINUS))["id_token"])
    assert ahead["iat"] - right["iat"] == 600
    assert behind["exp"] < right["iat"]


async def test_the_plain_provider_knows_no_tenants(visitor: Visitor) -> None:
    plain = visitor.at("op")
    found = await document(visitor, "/op/.well-known/openid-configuration")
    assert found["issuer"] == f"{visitor.base_url}/op"
    assert found["backchannel_logout_supported"] is True
    tokens = await plain.tokens(LINUS)
    claims = await plain.claims(tokens["id_token"])
    assert claims["iss"] == found["issuer"]
    assert not {"tid", "oid", "ver"} & set(claims)
    assert claims["roles"] == ["Employee"]
    _, refused = await visitor.refresh(tokens["refresh_token"])
    assert refused["error"] == "invalid_grant"


async def test_the_plain_provider_revokes(visitor: Visitor) -> None:
    plain = visitor.at("op")
    tokens = await plain.tokens(LINUS)
    form = {
        "token": tokens["refresh_token"],
        "client_id": REGISTRATION.client_id,
        "client_secret": REGISTRATION.client_secret,
    }
    wrong = await plain.post("/op/oauth2/v2.0/revoke", form | {"client_secret": "wrong"})
    assert wrong.status == 401
    for token in (tokens["refresh_token"], "unknown"):
        answer = await plain.post("/op/oauth2/v2.0/revoke", form | {"token": token})
        assert answer.status == 200
    assert (await plain.refresh(tokens["refresh_token"]))[0] == 400
    answer = await plain.post(f"/{TENANT_ID}/oauth2/v2.0/revoke", form)
    assert answer.status == 400


async def test_a_pushed_request_is_good_once(visitor: Visitor) -> None:
    form = {
        "client_id": REGISTRATION.client_id,
        "client_secret": REGISTRATION.client_secret,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "pushed",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    pushed = await visitor.post("/op/oauth2/v2.0/par", form)
    assert pushed.status == 201
    query = {
        "client_id": REGISTRATION.client_id,
        "request_uri": json.loads(pushed.text)["request_uri"],
    }
    page = await visitor.get("/op/oauth2/v2.0/authorize", query)
    assert REGISTRATION.client_secret not in page.text
    assert (await visitor.pick(page, LINUS)).redirect["state"] == "pushed"
    assert (await visitor.get("/op/oauth2/v2.0/authorize", query)).status == 400
    unproved = await visitor.post("/op/oauth2/v2.0/par", form | {"client_secret": "wrong"})
    assert unproved.status == 401
    at_tenant = await visitor.post(f"/{TENANT_ID}/oauth2/v2.0/par", form)
    assert at_tenant.status == 400


@pytest.mark.parametrize("path", ["op/oauth2/v2.0", "graph/oidc"])
async def test_userinfo_names_the_same_person_unless_it_is_to_lie(
    visitor: Visitor, conduct: Conduct, path: str
) -> None:
    realm = visitor.at("op") if path.startswith("op") else visitor
    tokens = await realm.tokens(LINUS)
    subject = (await realm.claims(tokens["id_token"]))["sub"]
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await visitor.get(f"/{path}/userinfo", headers=headers)
    assert json.loads(answer.text)["sub"] == subject
    conduct.put(Switch.USERINFO, "wrong-sub", times=1)
    answer = await visitor.get(f"/{path}/userinfo", headers=headers)
    assert json.loads(answer.text)["sub"] != subject
    answer = await visitor.get(f"/{path}/userinfo", headers={"Authorization": "Bearer x"})
    assert answer.status == 401
