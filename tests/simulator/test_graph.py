"""Groups in tokens, and the little of Graph that there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from mainhub.simulator import Switch
from mainhub.simulator.accounts import OTHER_TENANT_ID, PURCHASING
from simulator.visitor import ADA, GRACE, LINUS, MARIE, ROSALIND, Visitor

if TYPE_CHECKING:
    from mainhub.simulator import Conduct

pytestmark = pytest.mark.anyio
GROUPS = "/graph/v1.0/me/getMemberObjects"


async def call(
    visitor: Visitor, path: str, token: str, body: object = None, method: str = "GET"
) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {"Authorization": f"Bearer {token}", "client-request-id": "ours"}
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, visitor.base_url + path, headers=headers, json=body) as answer,
    ):
        return answer.status, await answer.json(), dict(answer.headers)


async def test_groups_are_in_the_token_until_they_are_too_many(visitor: Visitor) -> None:
    few = await visitor.tokens(GRACE)
    assert (await visitor.claims(few["id_token"]))["groups"] == [PURCHASING]
    assert "groups" not in await visitor.claims((await visitor.tokens(ADA))["id_token"])
    claims = await visitor.claims((await visitor.tokens(MARIE))["id_token"])
    assert "groups" not in claims
    assert claims["_claim_names"] == {"groups": "src1"}
    assert claims["_claim_sources"]["src1"]["endpoint"].startswith("https://graph.windows.net/")


async def test_graph_tells_all_groups(visitor: Visitor) -> None:
    token = (await visitor.tokens(MARIE))["access_token"]
    status, told, _ = await call(visitor, GROUPS, token, {"securityEnabledOnly": False}, "POST")
    assert (status, len(told["value"])) == (200, 230)
    assert told["value"] == list(MARIE.groups)
    status, told, _ = await call(visitor, GROUPS, token, {}, "POST")
    assert (status, told["error"]["code"]) == (400, "Request_BadRequest")


async def test_graph_tells_who_one_is_and_who_else_there_is(visitor: Visitor) -> None:
    token = (await visitor.tokens(LINUS))["access_token"]
    _, told, _ = await call(visitor, "/graph/v1.0/me", token)
    assert (told["id"], told["displayName"]) == (LINUS.oid, LINUS.name)
    names: list[str] = []
    path = "/graph/v1.0/users?$top=4"
    while path:
        _, told, _ = await call(visitor, path, token)
        names += [one["displayName"] for one in told["value"]]
        path = told.get("@odata.nextLink", "").removeprefix(visitor.base_url)
    assert len(names) == 6
    assert ROSALIND.name not in names
    _, told, _ = await call(visitor, f"/graph/v1.0/users/{ADA.address}", token)
    assert told["id"] == ADA.oid
    status, told, _ = await call(visitor, f"/graph/v1.0/users/{ROSALIND.oid}", token)
    assert (status, told["error"]["code"]) == (404, "Request_ResourceNotFound")
    there = visitor.at(OTHER_TENANT_ID)
    token = (await there.tokens(ROSALIND))["access_token"]
    _, told, _ = await call(visitor, "/graph/v1.0/users", token)
    assert [one["id"] for one in told["value"]] == [ROSALIND.oid]


async def test_graph_wants_a_token_for_graph(visitor: Visitor) -> None:
    for token in ("nonsense", await visitor.access_token(LINUS)):
        status, told, _ = await call(visitor, "/graph/v1.0/me", token)
        assert (status, told["error"]["code"]) == (401, "InvalidAuthenticationToken")
        assert told["error"]["innerError"]["client-request-id"] == "ours"


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [
        ("throttled", 429, "TooManyRequests"),
        ("forbidden", 403, "Authorization_RequestDenied"),
        ("unavailable", 503, "serviceNotAvailable"),
    ],
)
async def test_graph_fails_on_request(
    visitor: Visitor, conduct: Conduct, choice: str, status: int, code: str
) -> None:
    conduct.put(Switch.GRAPH, choice, oid=LINUS.oid, times=1)
    token = (await visitor.tokens(LINUS))["access_token"]
    found, told, headers = await call(visitor, "/graph/v1.0/me", token)
    assert (found, told["error"]["code"]) == (status, code)
    assert ("Retry-After" in headers) == (choice == "throttled")
    assert (await call(visitor, "/graph/v1.0/me", token))[0] == 200
    assert json.dumps(told)
