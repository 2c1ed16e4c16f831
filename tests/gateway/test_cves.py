"""What went wrong in other proxies, by its number: each is tried on a served gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio

FORGED = "forged@evil.example"
# Written so, each becomes a header of an identity at some server or framework.
IDENTITIES = [
    "X_Forwarded_User",
    "x_forwarded_user",
    "X_FORWARDED_USER",
    "X-Forwarded_User",
    "X_Forwarded-User",
    "X-Forwarded-User",
    "x-fORWARDED-uSER",
    "X_Forwarded_Email",
    "X_Forwarded_Preferred_Username",
    "X_Forwarded_Access_Token",
    "X_Forwarded_Groups",
    "X_Auth_Request_User",
    "X_Auth_Request_Email",
    "X-Auth-Request-Groups",
    "Remote_User",
    "Remote-User",
    "REMOTE_USER",
    "X.Forwarded.User",
    "X_Remote_User",
    "X_MainHub_User",
    "X_Ms_Client_Principal",
    "X-Ms-Client-Principal-Name",
    "X_Amzn_Oidc_Identity",
    "Cf_Access_Authenticated_User_Email",
    "X_Jwt_Assertion",
    "_Authorization",
    "Authorization_",
    "Proxy_Authorization",
]
# What a front proxy would say of the address that was asked for.
ADDRESSES = [
    "X-Forwarded-Uri",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Forwarded-Method",
    "X-Original-Url",
    "X-Original-Uri",
    "X-Rewrite-Url",
    "X-Envoy-Original-Path",
    "X-Replaced-Path",
    "X_Forwarded_Uri",
]
OPEN = ["/healthz", "/health/live", "/auth/login", "/assets/shell.js", "/robots.txt", "/"]
PROBES = [
    "GoogleHC/1.0",
    "kube-probe/1.31",
    "ELB-HealthChecker/2.0",
    "Amazon-Route53-Health-Check-Service",
    "Edge Health Probe",
    "MainHub",
]


@pytest.mark.parametrize("name", IDENTITIES)
async def test_cve_2025_64484_nobody_names_themselves(hub: ServedGateway, name: str) -> None:
    reply = await hub.call("/api/orders", f"{name}: {FORGED}")
    assert reply.status in {200, 400}
    sent = [value for exchange in hub.upstream.exchanges for _, value in exchange.headers]
    assert FORGED not in sent


async def test_cve_2025_64484_nobody_comes_in_by_a_name(hub: ServedGateway) -> None:
    for name in IDENTITIES:
        reply = await hub.call("/api/orders", f"{name}: linus", person=None)
        assert reply.status in {400, 401}, name
    assert hub.upstream.exchanges == []


@pytest.mark.parametrize("name", ADDRESSES)
async def test_cve_2026_40575_the_path_is_that_of_the_request(
    hub: ServedGateway, name: str
) -> None:
    for path in OPEN:
        reply = await hub.call("/api/orders/admin", f"{name}: {path}", person=None)
        assert reply.status == 401, path
    assert hub.upstream.exchanges == []


@pytest.mark.parametrize("name", ADDRESSES)
async def test_cve_2026_40575_nor_does_a_service_hear_of_another(
    hub: ServedGateway, name: str
) -> None:
    assert (await hub.call("/api/orders/v1", f"{name}: /made-up")).status == 200
    assert hub.upstream.only.target == "/v1"
    assert "/made-up" not in [value for _, value in hub.upstream.only.headers]


@pytest.mark.parametrize("open_path", OPEN)
async def test_ghsa_7rh7_a_query_opens_nothing(hub: ServedGateway, open_path: str) -> None:
    for target in (
        f"/api/orders/admin?{open_path}",
        f"/api/orders/admin?x={open_path}",
        f"/api/orders?/../..{open_path}",
        f"/api/orders/admin?{open_path}?",
    ):
        reply = await hub.call(target, person=None)
        assert reply.status in {400, 401}, target
    assert hub.upstream.exchanges == []


@pytest.mark.parametrize("open_path", OPEN)
async def test_ghsa_pxq7_a_fragment_opens_nothing(hub: ServedGateway, open_path: str) -> None:
    for target in (
        f"/api/orders/admin#{open_path}",
        f"/api/orders/admin%23{open_path}",
        f"/api/orders/admin%2523{open_path}",
        f"/api/orders#?{open_path}",
    ):
        reply = await hub.call(target, person=None)
        assert reply.status in {400, 401}, target
    assert hub.upstream.exchanges == []


async def test_ghsa_pxq7_a_fragment_s_sign_stays_escaped(hub: ServedGateway) -> None:
    assert (await hub.call("/api/orders/a%23b")).status == 200
    assert hub.upstream.only.target == "/a%23b"


@pytest.mark.parametrize("agent", PROBES)
async def test_ghsa_5hvv_no_user_agent_is_a_health_check(hub: ServedGateway, agent: str) -> None:
    reply = await hub.call("/api/orders", f"User-Agent: {agent}", person=None)
    assert reply.status == 401
    assert hub.upstream.exchanges == []


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "Client-Ip"])
async def test_nobody_is_signed_in_by_where_they_are(hub: ServedGateway, name: str) -> None:
    for address in ("127.0.0.1", "::1", "10.0.0.1", "for=127.0.0.1"):
        # The test itself calls from this machine.
        reply = await hub.call("/api/orders", f"{name}: {address}", person=None)
        assert reply.status == 401, address
    assert hub.upstream.exchanges == []
