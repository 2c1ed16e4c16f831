"""Access tokens for services: one grant at a time, nothing lost, nobody brought back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mainhub.sessions import (
    GrantDeclined,
    GrantRefused,
    GrantUnavailable,
    SessionStoreUnavailable,
)
from signin.browser import OWN_PAGE, opened
from signin.hostile_provider import (
    CLIENT_ID,
    HONEST,
    Defect,
    Issuer,
    Keys,
    half_hash,
    hostile_app,
    public,
    signed,
)
from signin.served import ServedHub, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from mainhub.sessions import Token
    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

SCOPES = ("api://{client_id}/access_as_user",)


class GrantsWorld:
    """A hub with one provider and one service, and somebody signed in."""

    def __init__(self, hub: ServedHub, issuer: Issuer, browser: Browser) -> None:
        self.hub = hub
        self.issuer = issuer
        self.browser = browser

    async def sign_in(self) -> None:
        start = await self.browser.get(f"{self.hub.url}/auth/login")
        assert (await self.browser.follow(start)).url == f"{self.hub.url}/"
        self.issuer.asked.clear()
        self.issuer.waiting.clear()

    @property
    def session_id(self) -> str:
        return self.browser.cookies(self.hub.url)["mainhub"]

    async def token(self, scopes: tuple[str, ...] = SCOPES) -> Token:
        token: Token = await self.hub.parts.grants.token_for(self.session_id, scopes)
        return token

    async def pass_time(self, clock: MovingClock, minutes: float) -> None:
        """Let time pass here and at the provider, and be active afterwards."""
        clock.move(timedelta(minutes=minutes))
        self.issuer.ahead += timedelta(minutes=minutes).total_seconds()
        answer = await self.browser.get(f"{self.hub.url}/hub/v1/frontends")
        assert answer.status == 200

    async def call(self) -> Answer:
        """Call the service through the gateway."""
        return await self.browser.get(f"{self.hub.url}/api/echo/v1/x", OWN_PAGE)

    async def session(self) -> Answer:
        return await self.browser.get(f"{self.hub.url}/auth/session")


async def echo(request: Request) -> Response:
    return JSONResponse({"digest": half_hash(request.headers["authorization"])})


@pytest.fixture(scope="module")
async def served(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[tuple[ServedHub, dict[str, Issuer]]]:
    provider, service, own = listener(), listener(), listener()
    issuers = {"it": Issuer(address(provider), "it")}
    services = {
        "echo": {"upstreams": [address(service)], "roles": ["Employee"], "scopes": list(SCOPES)}
    }
    settings = settings_of(
        own,
        tmp_path_factory.mktemp("grants"),
        identity={"it": issuers["it"].settings()},
        services=services,
    )
    async with (
        serving(hostile_app(issuers), provider),
        serving(Starlette(routes=[Route("/{rest:path}", echo)]), service),
        serving_hub(settings, own, clock=clock) as hub,
    ):
        yield hub, issuers


@pytest.fixture
async def world(
    served: tuple[ServedHub, dict[str, Issuer]], browser: Browser, clock: MovingClock
) -> AsyncIterator[GrantsWorld]:
    hub, issuers = served
    # A fresh issuer under the old name, and keys that may be asked for again, so that no test
    # sees what another left.
    clock.move(timedelta(minutes=1))
    clock.set_right()
    issuers["it"] = Issuer(issuers["it"].base, "it")
    one = GrantsWorld(hub, issuers["it"], browser)
    await one.sign_in()
    yield one
    one.issuer.gate.set()


async def test_a_hundred_calls_at_once_lead_to_one_grant(world: GrantsWorld) -> None:
    answers = await asyncio.gather(*(world.call() for _ in range(100)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert world.issuer.asked["token"] == 1


async def test_the_client_id_stands_where_a_scope_leaves_a_place(world: GrantsWorld) -> None:
    await world.token()
    asked = world.issuer.scopes[-1].split()
    assert f"api://{CLIENT_ID}/access_as_user" in asked
    assert {"openid", "profile", "offline_access"} <= set(asked)


async def test_a_token_is_kept_until_a_minute_before_its_end(
    world: GrantsWorld, clock: MovingClock
) -> None:
    first = await world.token()
    for minutes in (20, 20, 18.5):
        await world.pass_time(clock, minutes)
        assert (await world.token()).value == first.value
    await world.pass_time(clock, 1)
    assert (await world.token()).value != first.value
    assert world.issuer.asked["token"] == 2


async def test_tokens_of_several_services_are_several_grants(world: GrantsWorld) -> None:
    tokens = await asyncio.gather(
        *(world.token((f"api://{name}/use",)) for name in ("a", "b", "c", "a", "b"))
    )
    assert len({token.value for token in tokens}) == 3
    assert world.issuer.asked["token"] == 3
    # Each grant used the refresh token that the one before it was given.
    assert world.issuer.refused == []


async def test_a_grant_ends_well_when_every_caller_has_gone(world: GrantsWorld) -> None:
    world.issuer.gate.clear()
    callers = [asyncio.create_task(world.token()) for _ in range(3)]
    await world.issuer.waiting.wait()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    world.issuer.gate.set()
    await world.hub.parts.grants.aclose()
    # The rotated token was saved: the next grant uses it, and the first one's token is kept.
    await world.token()
    await world.token(("api://another/use",))
    assert world.issuer.refused == []
    assert world.issuer.asked["token"] == 2


async def test_a_refresh_never_brings_back_whoever_signed_out(world: GrantsWorld) -> None:
    world.issuer.gate.clear()
    session_id = world.session_id
    caller = asyncio.create_task(world.token())
    await world.issuer.waiting.wait()
    answer = await world.browser.post(f"{world.hub.url}/auth/logout", headers=OWN_PAGE)
    assert answer.status == 200
    world.issuer.gate.set()
    with pytest.raises(GrantRefused):
        await caller
    async with opened() as thief:
        thief.plant(world.hub.url, {"mainhub": session_id})
        assert (await thief.get(f"{world.hub.url}/auth/session")).status == 401


async def test_a_grant_that_the_provider_revoked_ends_the_session(world: GrantsWorld) -> None:
    world.issuer._refresh = "revoked"
    session_id = world.session_id
    with pytest.raises(GrantRefused):
        await world.token()
    assert world.issuer.refused == ["invalid_grant"]
    with pytest.raises(GrantRefused):
        await world.hub.parts.grants.token_for(session_id, SCOPES)
    assert world.issuer.asked["token"] == 1
    assert (await world.session()).status == 401
    assert (await world.call()).status == 401


async def test_a_token_that_another_process_has_renewed_ends_no_session(
    world: GrantsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes renew at once: the loser's token is spent, and the winner's is saved soon."""
    sessions = world.hub.parts.sessions
    session = await sessions.load(world.session_id)
    assert session is not None
    world.issuer._refresh = "spent by somebody"
    loads = 0
    whole = sessions.load

    async def load(session_id: str) -> object:
        nonlocal loads
        loads += 1
        if loads == 4:
            tokens = replace(session.tokens, refresh="of the winner")
            await sessions.save(replace(session, tokens=tokens))
            world.issuer._refresh = "of the winner"
        return await whole(session_id)

    monkeypatch.setattr(sessions, "load", load)
    await world.token()
    monkeypatch.undo()
    assert world.issuer.refused == ["invalid_grant"]
    assert (await world.session()).status == 200


async def test_nothing_is_asked_for_a_session_that_nobody_vouches_for(
    world: GrantsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was granted could not be saved, and the token that it took would be spent."""
    sessions = world.hub.parts.sessions
    whole = sessions.load

    async def load(session_id: str) -> object:
        return replace(await whole(session_id), unverified=True)

    monkeypatch.setattr(sessions, "load", load)
    with pytest.raises(SessionStoreUnavailable):
        await world.token()
    assert world.issuer.asked["token"] == 0
    monkeypatch.undo()
    first = await world.token()
    monkeypatch.setattr(sessions, "load", load)
    # What is there already may be used.
    assert (await world.token()).value == first.value


async def test_a_provider_that_is_down_leaves_everybody_signed_in(world: GrantsWorld) -> None:
    world.issuer.down = True
    with pytest.raises(GrantUnavailable):
        await world.token()
    assert (await world.call()).status == 503
    assert (await world.session()).status == 200
    world.issuer.down = False
    assert (await world.call()).status == 200


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"error": "invalid_scope"}, (502, "token-declined")),
        ({"error": "invalid_client"}, (502, "token-declined")),
        # One service lacks consent or asks for a second factor; the others must not suffer.
        ({"error": "invalid_grant", "suberror": "consent_required"}, (401, "step-up-needed")),
        ({"error": "invalid_grant", "suberror": "basic_action"}, (401, "step-up-needed")),
        ({"error": "interaction_required"}, (401, "step-up-needed")),
        ({"error": "temporarily_unavailable"}, (503, "provider-unavailable")),
    ],
)
async def test_other_refusals_leave_everybody_signed_in(
    world: GrantsWorld, body: dict[str, str], told: tuple[int, str]
) -> None:
    world.issuer.defect = Defect("it", answer=lambda _: JSONResponse(body, 400))
    call = await world.call()
    assert (call.status, call.problem) == told
    assert (await world.session()).status == 200


async def test_roles_are_read_again_at_each_grant(world: GrantsWorld) -> None:
    world.issuer.roles = ["Editor", "Admin"]
    await world.token()
    assert (await world.session()).json["user"]["roles"] == ["Editor", "Admin"]
    world.issuer.roles = None
    await world.token(("api://another/use",))
    assert (await world.session()).json["user"]["roles"] == ["USER"]


async def test_roles_are_kept_when_the_provider_sends_no_id_token(world: GrantsWorld) -> None:
    world.issuer.defect = Defect("it", answer=_without("id_token"))
    await world.token()
    assert (await world.session()).json["user"]["roles"] == ["Employee"]


def _without(name: str) -> Callable[[dict[str, object]], object]:
    return lambda answer: {key: answer[key] for key in answer if key != name}


REFRESHED = {
    "oidcc-client-test-refresh-token-invalid-sub": {"sub": "ada"},
    "oidcc-client-test-refresh-token-invalid-issuer": {"iss": "https://evil.example"},
    "another-audience": {"aud": "another-client"},
    "expired": {"exp": 1},
    "wrong-at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("changes", REFRESHED.values(), ids=REFRESHED)
async def test_a_refresh_for_somebody_else_ends_the_session(
    world: GrantsWorld, changes: dict[str, object]
) -> None:
    world.issuer.defect = Defect("it", claims=lambda claims: claims | changes)
    with pytest.raises(GrantRefused):
        await world.token()
    assert (await world.session()).status == 401


async def test_a_forged_id_token_at_refresh_ends_the_session(world: GrantsWorld) -> None:
    world.issuer.defect = Defect(
        "it", token=lambda header, claims: signed(header, claims, Keys.made().rsa_thief)
    )
    with pytest.raises(GrantRefused):
        await world.token()
    assert (await world.session()).status == 401


async def test_a_rotated_token_survives_an_answer_without_access_token(world: GrantsWorld) -> None:
    world.issuer.defect = Defect(
        "it",
        claims=lambda claims: {name: claims[name] for name in claims if name != "at_hash"},
        answer=_without("access_token"),
    )
    with pytest.raises(GrantUnavailable):
        await world.token()
    world.issuer.defect = HONEST
    await world.token()
    assert world.issuer.refused == []
    assert (await world.session()).status == 200


async def test_a_rotated_token_survives_keys_that_cannot_be_had(
    world: GrantsWorld, clock: MovingClock
) -> None:
    rotated = Defect(
        "it",
        token=lambda header, claims: signed(header | {"kid": "two"}, claims, Keys.made().rsa_next),
        keys=lambda: {"keys": [public(Keys.made().rsa_next)]},
    )
    world.issuer.defect = replace(rotated, keys=lambda: Response("fault", 500))
    for _ in range(2):
        with pytest.raises(GrantUnavailable):
            await world.token()
    assert (await world.session()).json["user"]["roles"] == ["Employee"]
    world.issuer.defect = rotated
    await world.pass_time(clock, 1)
    await world.token()
    assert world.issuer.refused == []


async def test_without_a_refresh_token_the_session_goes_on_and_the_operator_is_told(
    world: GrantsWorld,
) -> None:
    world.issuer.defect = Defect("it", answer=_without("refresh_token"))
    await world.sign_in()
    with pytest.raises(GrantDeclined) as raised:
        await world.token()
    assert "offline_access" in str(raised.value.remedy)
    assert (await world.session()).status == 200
    assert (await world.call()).status == 502
    assert world.issuer.asked["token"] == 0


async def test_an_ended_session_is_granted_nothing(world: GrantsWorld) -> None:
    with pytest.raises(GrantRefused):
        await world.hub.parts.grants.token_for("A" * 43, SCOPES)
    assert world.issuer.asked["token"] == 0
