"""Providers that rotate keys, fail for a while, hang, or point to unsafe places."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from typing_extensions import override

from mainhub.health import State
from mainhub.outbound import Answer, HttpClient
from mainhub.signin import Provider, ProviderClient, ProviderUnavailable, SharedSecret
from signin.hostile_provider import Defect, Issuer, Keys, hostile_app, public, signed
from signin.hostile_world import HostileWorld, hostile_world
from signin.served import listener
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request

    from signin.browser import Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

SECRET = "between us"
PROVIDER = Provider(
    name="it",
    title="It",
    kind="oidc",
    issuer="https://idp.example",
    client_id="us",
    authentication=SharedSecret(SECRET),
    redirect_uri="https://hub.example/auth/callback/it",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid",),
)


class Rotation:
    """A provider's key, which changes when told to."""

    def __init__(self) -> None:
        self.key = Keys.made().rsa

    def defect(self, name: str) -> Defect:
        return Defect(
            name,
            status=303,
            token=lambda header, claims: signed(header | {"kid": self.key.kid}, claims, self.key),
            keys=lambda: {"keys": [public(self.key)]},
        )


@pytest.fixture
def rotation() -> Rotation:
    return Rotation()


@pytest.fixture
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock, rotation: Rotation
) -> AsyncIterator[HostileWorld]:
    unknown = Defect(
        "unknown", token=lambda head, it: signed(head | {"kid": "no"}, it, Keys.made().rsa_thief)
    )
    defects = [rotation.defect("oidcc-client-test-signing-key-rotation"), unknown]
    async with hostile_world(defects, tmp_path_factory.mktemp("keys"), clock=clock) as one:
        yield one


ROTATING = "oidcc-client-test-signing-key-rotation"


@pytest.mark.parametrize("seconds", [0, 5, 500])
async def test_a_rotated_key_is_fetched_at_once(
    world: HostileWorld, browser: Browser, rotation: Rotation, clock: MovingClock, seconds: int
) -> None:
    assert (await world.sign_in(browser, ROTATING)).status == 303
    clock.move(timedelta(seconds=seconds))
    rotation.key = Keys.made().rsa_next
    assert (await world.sign_in(browser, ROTATING)).status == 303
    assert world.issuers[ROTATING].asked["keys"] == 2


async def test_signing_key_rotation_just_before_signing(
    world: HostileWorld, browser: Browser, rotation: Rotation
) -> None:
    callback = await world.arrive(browser, ROTATING)
    rotation.key = Keys.made().rsa_next
    assert (await browser.get(callback)).status == 303


async def test_unknown_keys_cost_one_request_in_thirty_seconds(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    asked = world.issuers["unknown"].asked
    answers = await asyncio.gather(*(world.sign_in(browser, "unknown") for _ in range(10)))
    assert {answer.status for answer in answers} == {403}
    assert asked["keys"] <= 2
    for expected in (3, 4):
        clock.move(timedelta(seconds=31))
        for _ in range(3):
            assert (await world.sign_in(browser, "unknown")).status == 403
        assert asked["keys"] == expected


async def test_a_provider_that_fails_is_believed_for_a_day(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    issuer = world.issuers[ROTATING]
    assert (await world.sign_in(browser, ROTATING)).status == 303
    for hours, status in ((2, 303), (20, 303), (3, 503)):
        clock.move(timedelta(hours=hours))
        issuer.down = True
        assert (await world.begin(browser, ROTATING)).status == status
    issuer.down = False
    # As long as its circuit stays open.
    clock.move(timedelta(seconds=11))
    assert (await world.begin(browser, ROTATING)).status == 303


async def test_old_keys_serve_while_new_ones_cannot_be_had(
    world: HostileWorld, browser: Browser, rotation: Rotation, clock: MovingClock
) -> None:
    issuer = world.issuers[ROTATING]
    assert (await world.sign_in(browser, ROTATING)).status == 303
    issuer.defect = replace(rotation.defect(ROTATING), keys=lambda: Response("fault", 500))
    issuer.ahead = timedelta(hours=2).total_seconds()
    clock.move(timedelta(hours=2))
    for _ in range(3):
        assert (await world.sign_in(browser, ROTATING)).status == 303
    # Once when they were first needed, and in vain, with one retry; the next time is half a minute
    # away.
    assert issuer.asked["keys"] == 3


async def test_a_provider_that_is_back_is_used_at_once(
    world: HostileWorld, browser: Browser
) -> None:
    issuer = world.issuers[ROTATING]
    issuer.down = True
    assert (await world.begin(browser, ROTATING)).status == 503
    issuer.down = False
    assert (await world.sign_in(browser, ROTATING)).status == 303


@asynccontextmanager
async def hanging() -> AsyncIterator[tuple[str, list[str], asyncio.Event]]:
    """Serve a provider that answers nothing until it is released."""
    asked: list[str] = []
    released = asyncio.Event()

    async def respond(request: Request) -> Response:
        asked.append(request.url.path)
        await released.wait()
        return Response("too late", 503)

    opened = listener()
    app = Starlette(routes=[Route("/{rest:path}", respond, methods=["GET", "POST"])])
    async with serving(app, opened):
        try:
            yield address(opened), asked, released
        finally:
            released.set()


async def test_everybody_waits_for_one_fetch_of_a_hanging_provider(clock: MovingClock) -> None:
    async with (
        hanging() as (issuer, asked, _),
        HttpClient(timeout=timedelta(seconds=0.3)) as http,
    ):
        client = ProviderClient(replace(PROVIDER, issuer=issuer), http=http, clock=clock)
        answers = await asyncio.gather(
            *(client.metadata() for _ in range(50)), return_exceptions=True
        )
    assert {type(answer) for answer in answers} == {ProviderUnavailable}
    assert len(asked) == 1


async def test_a_hanging_token_endpoint_is_given_up(clock: MovingClock) -> None:
    opened = listener()
    issuer = Issuer(address(opened), "slow")
    async with (
        serving(hostile_app({"slow": issuer}), opened),
        HttpClient(timeout=timedelta(seconds=0.3)) as http,
    ):
        client = ProviderClient(replace(PROVIDER, issuer=issuer.url), http=http, clock=clock)
        issuer.gate.clear()
        with pytest.raises(ProviderUnavailable, match="in time"):
            await client.token({"grant_type": "refresh_token", "refresh_token": "x"})
        issuer.gate.set()


async def test_whoever_leaves_does_not_take_the_fetch_along(clock: MovingClock) -> None:
    async with hanging() as (url, asked, released), HttpClient() as http:
        client = ProviderClient(replace(PROVIDER, issuer=url), http=http, clock=clock)
        first = asyncio.create_task(client.metadata())
        second = asyncio.create_task(client.metadata())
        while not asked:
            await asyncio.wait({first, second}, timeout=0.01)
        first.cancel()
        released.set()
        with pytest.raises(ProviderUnavailable):
            await second
    assert len(asked) == 1


class Scripted(HttpClient):
    """Answers every fetch with one document."""

    def __init__(self, document: dict[str, object]) -> None:
        super().__init__()
        self.document = document
        self.asked: list[str] = []

    @override
    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        self.asked.append(url)
        return Answer(200, orjson.dumps(self.document))


DOCUMENT: dict[str, object] = {
    "issuer": "https://idp.example",
    "authorization_endpoint": "https://idp.example/authorize",
    "token_endpoint": "https://idp.example/token",
    "jwks_uri": "https://idp.example/keys",
    "end_session_endpoint": "https://idp.example/logout",
}


@pytest.mark.parametrize("name", [name for name in DOCUMENT if name != "issuer"])
@pytest.mark.parametrize(
    "url", ["http://idp.example/x", "//idp.example/x", "/x", "ftp://idp.example", "HTTPS:x", 7]
)
async def test_an_https_issuer_has_https_endpoints_only(
    clock: MovingClock, name: str, url: object
) -> None:
    client = ProviderClient(PROVIDER, http=Scripted(DOCUMENT | {name: url}), clock=clock)
    with pytest.raises(ProviderUnavailable, match=name):
        await client.metadata()


@pytest.mark.parametrize("issuer", ["https://idp.example", "https://idp.example/"])
async def test_a_slash_at_the_end_of_an_issuer_is_kept_but_not_doubled(
    clock: MovingClock, issuer: str
) -> None:
    http = Scripted(DOCUMENT | {"issuer": issuer})
    client = ProviderClient(replace(PROVIDER, issuer=issuer), http=http, clock=clock)
    await client.metadata()
    assert http.asked == ["https://idp.example/.well-known/openid-configuration"]


async def test_a_look_asks_anew_and_tells_what_is_wrong(clock: MovingClock) -> None:
    down = False

    async def discovery(_request: Request) -> Response:
        if down:
            return Response("s3cret", 503)
        return Response(orjson.dumps(document), media_type="application/json")

    sock = listener()
    issuer = address(sock)
    document = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/a",
        "token_endpoint": f"{issuer}/t",
        "jwks_uri": f"{issuer}/k",
    }
    app = Starlette(routes=[Route("/.well-known/openid-configuration", discovery)])
    async with serving(app, sock), HttpClient() as http:
        client = ProviderClient(replace(PROVIDER, issuer=issuer), http=http, clock=clock)
        assert (await client.probe()).state is State.FINE
        await client.metadata()
        down = True
        finding = await client.probe()
        assert (finding.state, finding.detail) == (State.FAILED, "It answered 503")
        assert (await client.metadata()).jwks_uri == f"{issuer}/k"
        await client.aclose()


def test_a_provider_never_shows_its_secret() -> None:
    assert SECRET not in repr(PROVIDER)
