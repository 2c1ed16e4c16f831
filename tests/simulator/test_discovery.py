from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mainhub.simulator import TENANT_ID

if TYPE_CHECKING:
    from simulator.visitor import Visitor

pytestmark = pytest.mark.anyio


async def test_names_itself_and_where_everything_is(visitor: Visitor) -> None:
    answer = await visitor.get(f"/{TENANT_ID}/v2.0/.well-known/openid-configuration")
    found = json.loads(answer.text)
    assert found["issuer"] == f"{visitor.root}/v2.0"
    assert found["authorization_endpoint"] == f"{visitor.root}/oauth2/v2.0/authorize"
    assert found["token_endpoint"] == f"{visitor.root}/oauth2/v2.0/token"
    assert found["end_session_endpoint"] == f"{visitor.root}/oauth2/v2.0/logout"
    assert found["jwks_uri"] == f"{visitor.root}/discovery/v2.0/keys"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    for address in ("authorization_endpoint", "end_session_endpoint", "jwks_uri"):
        path = found[address].removeprefix(visitor.base_url)
        assert (await visitor.get(path)).status in {200, 400}
    assert (await visitor.post(f"/{TENANT_ID}/oauth2/v2.0/token", {})).status == 400


@pytest.mark.parametrize("path", ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"])
async def test_another_tenant_is_not_found(visitor: Visitor, path: str) -> None:
    answer = await visitor.get(f"/contoso/{path}")
    assert answer.status == 400
    body = json.loads(answer.text)
    assert body["error"] == "invalid_tenant"
    assert body["error_description"].startswith("AADSTS90002: Tenant 'contoso' not found.")
