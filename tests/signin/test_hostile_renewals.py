"""Answers to a refresh that are forged or name somebody else: nobody is served by them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signin.broken_answers import broken
from signin.browser import OWN_PAGE
from signin.forged_claims import claims_forged
from signin.forged_keys import keys_forged
from signin.forged_kinds import kinds_forged
from signin.forged_tenants import tenants_forged
from signin.forged_tokens import forged
from signin.forged_with import but, shifted
from signin.hostile_provider import OBJECT_ID, OTHER_TENANT, Defect
from signin.hostile_transport import transports
from signin.hostile_world import HostileWorld, hostile_world
from signin.served import listener
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

SERVICE = {"roles": ["Employee"], "scopes": ["api://{client_id}/access_as_user"]}
# What a refresh has not: a nonce, a callback, and documents that are fetched for it.
_NOT_HERE = (
    "nonce",
    "callback-",
    "keys-",
    "key-",
    "discovery-",
    "description-",
    "token_endpoint-",
    "jwks_uri-",
)
# Without an id_token nobody is named; and a refusal is none of the hub's making.
_ABSENT = frozenset({"token-missing", "token-null", "token-endpoint-declines"})


def renewing(defect: Defect) -> bool:
    """Say whether *defect* is one of the answer to a refresh."""
    name = defect.name.removeprefix("oidcc-client-test-")
    same = defect.keys is Defect.keys and defect.algorithms == ("RS256",) and not defect.realm
    return same and name not in _ABSENT and not name.startswith(_NOT_HERE)


def entra(name: str, **changes: object) -> Defect:
    return Defect(name, kind="entra", claims=but(**changes))


REFUSED = [
    *filter(renewing, [*forged(), *claims_forged(), *keys_forged(), *tenants_forged()]),
    *kinds_forged(),
    Defect(
        "oidcc-client-test-refresh-token-invalid-issuer", claims=but(iss="https://evil.example")
    ),
    Defect("oidcc-client-test-refresh-token-invalid-sub", claims=but(sub="ada")),
    Defect("sub-in-other-case", claims=but(sub="Linus")),
    Defect("sub-of-another-script", claims=but(sub="l\u0456nus")),
    Defect("iat-of-an-hour-ago", claims=shifted("iat", -3600)),
    entra("entra-another-sub", sub="ada"),
    entra("entra-another-oid", oid=OBJECT_ID[:-1] + "4"),
    entra("entra-another-tid", tid=OTHER_TENANT),
]
# A key that is not published is none that was forged: the provider may publish it in a moment.
UNKNOWN_KEYS = [
    defect
    for defect in REFUSED
    if defect.name.removeprefix("oidcc-client-test-")
    in {
        "kid-never-published",
        "kid-empty",
        "kid-a-path",
        "kid-a-query",
        "kid-an-address",
        "kid-in-capitals",
        "kid-with-a-space",
        "kid-with-a-zero-byte",
    }
]
assert len(UNKNOWN_KEYS) == 8
DOWN = [
    defect for defect in (*broken(), *transports()) if defect.status == 503 and renewing(defect)
]
HONEST = [
    Defect("plain"),
    Defect("entra", kind="entra"),
    Defect("new-roles"),
    # What is null is not there.
    Defect("id_token-null", answer=lambda it: it | {"id_token": None}),
    Defect("error-null", answer=lambda it: it | {"error": None, "error_description": None}),
]


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    service = listener()
    # Everybody is honest at the sign-in; what a test is about comes with the refresh.
    issuers = [Defect(one.name, kind=one.kind) for one in (*REFUSED, *DOWN, *HONEST)]
    services = {"echo": {"upstreams": [address(service)], **SERVICE}}
    state = tmp_path_factory.mktemp("renewals")
    async with (
        serving(Starlette(routes=[Route("/{rest:path}", echo)]), service),
        hostile_world(issuers, state, clock=clock, services=services) as one,
    ):
        yield one


async def echo(_: Request) -> Response:
    return JSONResponse({"served": True})


async def renewed(world: HostileWorld, browser: Browser, defect: Defect) -> Answer:
    """Sign in, then call a service, for which a token is asked that *defect* spoils."""
    issuer = world.issuers[defect.name]
    assert (await world.sign_in(browser, defect.name)).status == 303
    issuer.defect = replace(defect, kind=issuer.defect.kind)
    asked = issuer.asked["token"]
    answer = await browser.get(f"{world.hub.url}/api/echo/v1/x", OWN_PAGE)
    assert issuer.asked["token"] > asked
    return answer


@pytest.mark.parametrize(
    "defect", [one for one in REFUSED if one not in UNKNOWN_KEYS], ids=lambda it: it.name
)
async def test_a_forged_renewal_serves_nobody_and_ends_the_session(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    answer = await renewed(world, browser, defect)
    assert answer.status == 401, answer.text
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 401


@pytest.mark.parametrize("defect", [*DOWN, *UNKNOWN_KEYS], ids=lambda it: it.name)
async def test_a_broken_renewal_serves_nobody_and_leaves_the_session(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    answer = await renewed(world, browser, defect)
    assert answer.status == 503, answer.text
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200


@pytest.mark.parametrize("defect", HONEST, ids=lambda it: it.name)
async def test_an_honest_renewal_serves(
    world: HostileWorld, browser: Browser, defect: Defect
) -> None:
    answer = await renewed(world, browser, defect)
    assert (answer.status, answer.json) == (200, {"served": True})
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200
