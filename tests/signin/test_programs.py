"""Programs that call the hub with access tokens of the simulated tenant, over HTTP."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from mainhub.simulator import TENANT_ID, Switch
from signin.browser import OWN_PAGE, Answer, opened
from signin.entra_world import ADA, GRACE, LINUS, entra_world
from signin.hostile_provider import CLIENT_ID, CLIENT_SECRET, Keys, signed
from signin.served import listener
from signin.tenant_programs import (
    API,
    FRONTENDS,
    NIGHTLY,
    ORDERS,
    PHONES,
    STRANGER,
    TELEPHONE,
    Programs,
    Service,
    claims_of,
)
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def programs(tmp_path: Path, clock: MovingClock, browser: Browser) -> AsyncIterator[Programs]:
    place, orders = listener(), Service()
    services = {
        "orders": {
            "upstreams": [address(place)],
            "roles": ["Editor", "Employee"],
            "scopes": ["api://orders/Orders.Read"],
        },
        "own": {
            "upstreams": [address(place)],
            "roles": ["Admin", "Employee"],
            "scopes": ["api://{client_id}/access_as_user"],
        },
        "open": {"upstreams": [address(place)], "roles": ["Employee"]},
    }
    registered = {"apis": (ORDERS,), "services": (NIGHTLY, STRANGER, TELEPHONE)}
    paths = [Route("/{path:path}", orders.answer, methods=["GET", "POST"])]
    async with (
        entra_world(tmp_path, clock=clock, services=services, registered=registered) as world,
        serving(Starlette(routes=paths), place),
    ):
        yield Programs(world, orders, browser)


def challenge(answer: Answer) -> str:
    return answer.headers["WWW-Authenticate"]


async def test_a_person_s_token_opens_what_the_person_may(programs: Programs) -> None:
    linus, ada = await programs.of(LINUS), await programs.of(ADA)
    assert (await programs.get(FRONTENDS, linus)).status == 200
    refused = await programs.get("/hub/v1/sessions", linus)
    assert (refused.status, refused.problem) == (403, "missing-role")
    assert (await programs.get("/hub/v1/sessions", ada)).status == 200


async def test_a_program_s_token_opens_what_its_roles_do(programs: Programs) -> None:
    token = await programs.own(NIGHTLY)
    assert (await programs.get(FRONTENDS, token)).status == 200
    assert (await programs.get("/hub/v1/sessions", token)).problem == "missing-role"


async def test_any_program_of_the_tenant_gets_a_token_and_opens_nothing(
    programs: Programs,
) -> None:
    token = await programs.own(STRANGER)
    for path in (FRONTENDS, "/api/orders/v1", "/api/open/v1"):
        refused = await programs.get(path, token)
        assert (refused.status, refused.problem) == (403, "scope-missing"), path
        assert challenge(refused).startswith('Bearer realm="MainHub", error="insufficient_scope"')
    assert programs.orders.credentials == []


async def test_what_the_hub_gave_a_service_opens_nothing_of_the_hub(programs: Programs) -> None:
    """Or each service could do what its people may: read all sessions, as an administrator."""
    assert (await programs.world.sign_in(programs.browser, ADA)).status == 303
    page = {**OWN_PAGE, "X-MainHub-Frontend": "dashboard"}
    url = f"{programs.world.hub.url}/api/own/v1"
    await programs.browser.get(url, page)
    assert programs.orders.claims["roles"] == list(ADA.roles)
    assert (programs.orders.claims["aud"], programs.orders.claims["azp"]) == (CLIENT_ID, CLIENT_ID)
    token = (programs.orders.credentials[-1] or "").removeprefix("Bearer ")
    called = len(programs.orders.credentials)
    async with opened() as elsewhere:
        thief = Programs(programs.world, programs.orders, elsewhere)
        for path in (FRONTENDS, "/hub/v1/sessions", "/api/own/v1", "/api/orders/v1"):
            refused = await thief.get(path, token)
            assert (refused.status, refused.problem) == (401, "bearer-refused"), path
    assert len(programs.orders.credentials) == called


async def test_neither_an_id_token_nor_a_token_for_another_api_opens_anything(
    programs: Programs,
) -> None:
    tokens = {
        "id_token": await programs.of(LINUS, name="id_token"),
        "for Microsoft Graph": await programs.of(LINUS, "openid User.Read"),
        "for the service": await programs.of(LINUS, "openid api://orders/Orders.Read"),
        "a program's for the service": await programs.own(NIGHTLY, "api://orders/.default"),
        "refresh token": await programs.of(
            LINUS, f"openid offline_access {API}/access_as_user", name="refresh_token"
        ),
        "client secret": CLIENT_SECRET.replace(" ", "-"),
    }
    for what, token in tokens.items():
        for path in (FRONTENDS, "/api/orders/v1"):
            refused = await programs.get(path, token)
            assert (refused.status, refused.problem) == (401, "bearer-refused"), what
            assert 'error="invalid_token"' in challenge(refused)
            assert token not in refused.everything
    assert programs.orders.credentials == []


async def test_a_token_ends_also_where_it_was_seen_a_moment_ago(
    programs: Programs, clock: MovingClock
) -> None:
    token = await programs.own(NIGHTLY)
    assert (await programs.get(FRONTENDS, token)).status == 200
    clock.move(timedelta(hours=2))
    refused = await programs.get(FRONTENDS, token)
    assert (refused.status, refused.problem) == (401, "bearer-refused")


async def test_a_cookie_lends_a_token_nothing(programs: Programs) -> None:
    await programs.world.sign_in(programs.browser, ADA)
    ours = {**OWN_PAGE}
    assert (
        await programs.browser.get(f"{programs.world.hub.url}/hub/v1/sessions", ours)
    ).status == 200
    for token, problem in (
        (await programs.own(NIGHTLY), "missing-role"),
        (await programs.own(STRANGER), "scope-missing"),
        ("made-up", "bearer-refused"),
        ("made up", "bearer-malformed"),
    ):
        refused = await programs.get("/hub/v1/sessions", token, **OWN_PAGE)
        assert refused.problem == problem
    # Nor has anything been signed out by it.
    assert (await programs.world.session(programs.browser)).status == 200


async def test_a_token_is_read_from_nowhere_else(programs: Programs) -> None:
    token = await programs.own(NIGHTLY)
    url = programs.world.hub.url
    for query in (f"access_token={token}", f"bearer={token}", f"token={token}"):
        for path in (FRONTENDS, "/api/orders/v1"):
            assert (await programs.browser.get(f"{url}{path}?{query}", {})).status == 401
    for headers in (
        {"X-Access-Token": token},
        {"Proxy-Authorization": f"Bearer {token}"},
        {"Authorization": token},
        {"Authorization": f"JWT {token}"},
        {"Cookie": f"access_token={token}; mainhub={token}"},
    ):
        assert (await programs.browser.get(f"{url}{FRONTENDS}", headers)).status == 401
    assert programs.orders.credentials == []


async def test_no_sign_of_a_page_is_asked_of_a_program(programs: Programs) -> None:
    token = await programs.own(NIGHTLY)
    answer = await programs.post("/api/orders/v1", token, {"made": "up"})
    assert answer.status == 200, answer.text
    # What is published is judged by roles, no longer by where it comes from.
    published = await programs.post("/hub/v1/events", token, {})
    assert published.problem not in {"cross-site", "not-signed-in"}


async def test_what_needs_a_session_says_so(programs: Programs) -> None:
    token = await programs.of(LINUS)
    for path in ("/auth/sessions", "/events/stream"):
        refused = await programs.get(path, token)
        assert (refused.status, refused.problem) == (403, "session-needed"), path


async def test_a_service_is_called_on_behalf_of_the_person(programs: Programs) -> None:
    token = await programs.of(LINUS)
    for _ in range(2):
        answer = await programs.get("/api/orders/v1", token)
        assert answer.status == 200, answer.text
    told = programs.orders.claims
    assert (told["aud"], told["scp"], told["oid"]) == (ORDERS.client_id, "Orders.Read", LINUS.oid)
    # One exchange for both calls, and the caller's own token never reached the service.
    assert len(set(programs.orders.credentials)) == 1
    assert f"Bearer {token}" not in programs.orders.credentials


async def test_a_service_is_called_by_the_hub_itself_for_a_program(programs: Programs) -> None:
    token = await programs.own(NIGHTLY)
    assert (await programs.get("/api/orders/v1", token)).status == 200
    told = programs.orders.claims
    assert (told["aud"], told["azp"], "scp" in told) == (ORDERS.client_id, CLIENT_ID, False)
    assert f"Bearer {token}" not in programs.orders.credentials


async def test_a_service_without_scopes_gets_neither_token_nor_cookie(programs: Programs) -> None:
    await programs.world.sign_in(programs.browser, LINUS)
    answer = await programs.get("/api/open/v1", await programs.of(LINUS))
    assert answer.json == {"cookie": None}
    assert programs.orders.credentials == [None]


async def test_two_people_never_share_a_token(programs: Programs) -> None:
    tokens = [await programs.of(person) for person in (LINUS, GRACE)]
    seen = []
    for token in [*tokens, *tokens]:
        assert (await programs.get("/api/orders/v1", token)).status == 200
        seen.append(programs.orders.claims["oid"])
    assert seen == [LINUS.oid, GRACE.oid] * 2


async def test_what_a_provider_demands_is_told_to_the_program(programs: Programs) -> None:
    token = await programs.of(LINUS)
    programs.world.conduct.put(Switch.REFUSAL, "mfa")
    refused = await programs.get("/api/orders/v1", token)
    assert (refused.status, refused.problem) == (401, "step-up-needed")
    told = re.search(r'error="insufficient_claims", claims="([^"]+)"', challenge(refused))
    assert told is not None
    assert isinstance(orjson.loads(base64.b64decode(told[1])), dict)
    assert programs.orders.credentials == []


async def test_a_program_whose_person_was_revoked_is_told_to_come_with_another_token(
    programs: Programs,
) -> None:
    token = await programs.of(LINUS)
    programs.world.conduct.put(Switch.REFUSAL, "revoked")
    refused = await programs.get("/api/orders/v1", token)
    assert (refused.status, refused.problem) == (401, "bearer-refused")
    assert 'error="invalid_token"' in challenge(refused)


async def test_version_1_is_taken_only_where_that_is_set(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    for accepts, status in ((False, 401), (True, 200)):
        folder = tmp_path / str(accepts)
        folder.mkdir()
        async with entra_world(folder, clock=clock, registered=PHONES, accepts_v1=accepts) as world:
            programs = Programs(world, Service(), browser)
            world.conduct.put(Switch.VERSION, "1.0")
            token = await programs.of(LINUS)
            assert claims_of(token)["ver"] == "1.0"
            assert (await programs.get(FRONTENDS, token)).status == status


async def test_audience_and_scope_are_what_is_set(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with entra_world(tmp_path, clock=clock, registered=PHONES, api_scope="Hub.Use") as world:
        programs = Programs(world, Service(), browser)
        refused = await programs.get(FRONTENDS, await programs.of(LINUS))
        assert (refused.problem, refused.json["scope"]) == ("scope-missing", f"{API}/Hub.Use")


async def test_a_provider_that_is_away_makes_nobody_a_stranger(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    place = listener()
    issuer = f"{address(place)}/{TENANT_ID}/v2.0"
    place.close()
    services = {"orders": {"upstreams": ["http://127.0.0.1:9"], "roles": ["Employee"]}}
    claims = {"iss": issuer, "tid": TENANT_ID, "aud": CLIENT_ID}
    token = signed({"alg": "RS256", "kid": "one"}, claims, Keys.made().rsa)
    async with entra_world(tmp_path, clock=clock, services=services, issuer=issuer) as world:
        programs = Programs(world, Service(), browser)
        for path in (FRONTENDS, "/api/orders/v1"):
            answer = await programs.get(path, token)
            assert (answer.status, answer.problem) == (503, "unavailable"), path
