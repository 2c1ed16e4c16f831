"""Sign-outs that the provider tells of: over the front channel and over the back channel."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from mainhub.simulator import TENANT_ID, Deeds, entra_app
from simulator.served import address, listener, serving
from simulator.visitor import (
    GRACE,
    LINUS,
    REGISTRATION,
    SIGNED_OUT,
    Answer,
    MovingClock,
    Visitor,
    new_browser,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

pytestmark = pytest.mark.anyio
FRONT = "http://localhost:8080/auth/frontchannel/entra"


class Application:
    """The application's back channel."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def hear(self, request: Request) -> Response:
        body = (await request.body()).decode()
        self.told.append(dict(parse_qsl(body))["logout_token"])
        return Response(status_code=200)


@asynccontextmanager
async def world(
    state: Path, clock: MovingClock, application: Application
) -> AsyncIterator[tuple[Visitor, Deeds]]:
    hub, opened = listener(), listener()
    entra = entra_app(
        base_url=address(opened),
        state=state,
        registration=replace(
            REGISTRATION,
            frontchannel_logout_uri=FRONT,
            backchannel_logout_uri=f"{address(hub)}/backchannel",
        ),
        clock=clock,
    )
    app = Starlette(routes=[Route("/backchannel", application.hear, methods=["POST"])])
    async with serving(app, hub), serving(entra, opened), new_browser() as browser:
        yield Visitor(address(opened), browser), entra.state.deeds


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
async def both(
    tenant_state: Path, moving_clock: MovingClock, application: Application
) -> AsyncIterator[tuple[Visitor, Deeds]]:
    async with world(tenant_state, moving_clock, application) as found:
        yield found


def frames(page: Answer) -> list[dict[str, str]]:
    found = re.findall(r'<iframe[^>]* src="([^"]+)"', page.text)
    assert all(one.startswith(f"{FRONT}?") for one in found)
    return [dict(parse_qsl(urlsplit(unescape(one)).query)) for one in found]


async def test_leaving_by_oneself_is_told_in_a_frame(both: tuple[Visitor, Deeds]) -> None:
    visitor, _ = both
    tokens = await visitor.tokens(LINUS)
    sid = (await visitor.claims(tokens["id_token"]))["sid"]
    page = await visitor.get(f"/{TENANT_ID}/oauth2/v2.0/logout", {"logout_hint": LINUS.address})
    assert page.status == 200
    assert frames(page) == [{"iss": f"{visitor.root}/v2.0", "sid": sid}]
    assert "frame-src http://localhost:8080" in page.headers["Content-Security-Policy"]


async def test_the_application_that_asks_knows(
    both: tuple[Visitor, Deeds], application: Application
) -> None:
    visitor, _ = both
    await visitor.tokens(LINUS)
    query = {"logout_hint": LINUS.address, "post_logout_redirect_uri": SIGNED_OUT, "state": "s"}
    answer = await visitor.get(f"/{TENANT_ID}/oauth2/v2.0/logout", query)
    assert answer.redirect == {"state": "s"}
    assert application.told == []


async def test_the_plain_provider_tells_over_both_channels_and_goes_on(
    both: tuple[Visitor, Deeds], application: Application
) -> None:
    visitor = both[0].at("op")
    tokens = await visitor.tokens(LINUS)
    claims = await visitor.claims(tokens["id_token"])
    query = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": "s & t",
    }
    page = await visitor.get("/op/oauth2/v2.0/logout", query)
    assert frames(page) == [{"iss": claims["iss"], "sid": claims["sid"]}]
    assert "url=http://localhost:8080/auth/signed-out?state=s+%26+t" in page.text
    (told,) = application.told
    heard: dict[str, Any] = await visitor.claims(told)
    assert {name: heard[name] for name in ("iss", "aud", "sub", "sid")} == {
        name: claims[name] for name in ("iss", "aud", "sub", "sid")
    }
    assert heard["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert heard["jti"]
    assert "nonce" not in heard


async def test_a_person_is_signed_out_everywhere_on_request(
    both: tuple[Visitor, Deeds], application: Application
) -> None:
    visitor, deeds = both
    await visitor.tokens(GRACE)
    answers = await deeds.sign_out(GRACE.oid)
    assert answers == ["200"]
    assert (await visitor.claims(application.told[-1]))["iss"] == f"{visitor.root}/v2.0"
    answer = await visitor.authorize(prompt="none", login_hint=GRACE.address)
    assert answer.redirect["error"] == "login_required"
    assert await deeds.sign_out("nobody") == []


async def test_an_application_that_does_not_answer_holds_nobody_up(
    both: tuple[Visitor, Deeds], tenant_state: Path, moving_clock: MovingClock
) -> None:
    del both
    with listener() as closed:
        nowhere = address(closed)
    opened = listener()
    registration = replace(REGISTRATION, backchannel_logout_uri=nowhere)
    app = entra_app(
        base_url=address(opened), state=tenant_state, registration=registration, clock=moving_clock
    )
    async with serving(app, opened), new_browser() as browser:
        await Visitor(address(opened), browser).tokens(LINUS)
        answers = await app.state.deeds.sign_out(LINUS.oid)
    assert set(answers) == {"ClientConnectorError"}
