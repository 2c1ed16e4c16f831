"""Sign-outs of the provider's while something fails, and when there are too many of them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text

from signin.browser import opened
from signin.hostile_provider import Defect, Issuer, hostile_app
from signin.logout_tokens import logout_token
from signin.served import ServedHub, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ISSUER = Defect("it", claims=lambda it: it | {"sid": "the-only-one"})


@asynccontextmanager
async def served(
    state: Path, clock: MovingClock, limit: int | None = None
) -> AsyncIterator[tuple[ServedHub, Issuer]]:
    provider, own = listener(), listener()
    issuer = Issuer(address(provider), "it", ISSUER)
    sections = {} if limit is None else {"limits": {"sign_ins": {"limit": limit}}}
    settings = settings_of(own, state, identity={"it": issuer.settings()}, sections=sections)
    async with (
        serving(hostile_app({"it": issuer}), provider),
        serving_hub(settings, own, clock=clock) as hub,
    ):
        yield hub, issuer


async def sign_in(hub: ServedHub, browser: Browser) -> None:
    start = await browser.get(f"{hub.url}/auth/login")
    assert (await browser.get((await browser.get(start.location)).location)).status == 303


async def tell(hub: ServedHub, token: str) -> Answer:
    async with opened() as provider:
        body = f"logout_token={quote(token)}".encode()
        return await provider.send(f"{hub.url}/auth/backchannel/it", body, FORM)


@asynccontextmanager
async def without(hub: ServedHub, table: str) -> AsyncIterator[None]:
    """Take *table* away for a while, as a database that fails looks to the hub."""

    async def rename(old: str, new: str) -> None:
        async with hub.parts.database.write() as connection:
            await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    # Each time another name: a connection that has not seen yet that one is free again refuses it.
    away = f"away_{token_hex(4)}"
    await rename(table, away)
    try:
        yield
    finally:
        await rename(away, table)


@pytest.mark.parametrize("table", ["session", "signin_flow"])
async def test_a_token_may_come_again_when_nothing_could_be_done(
    tmp_path: Path, clock: MovingClock, browser: Browser, table: str
) -> None:
    async with served(tmp_path, clock) as (hub, issuer):
        await sign_in(hub, browser)
        token = logout_token(issuer, sid="the-only-one")
        async with without(hub, table):
            assert (await tell(hub, token)).status == 503
        assert (await tell(hub, token)).status == 200
        assert (await browser.get(f"{hub.url}/auth/session")).status == 401


async def test_a_session_ends_although_it_cannot_be_recorded(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with served(tmp_path, clock) as (hub, issuer):
        await sign_in(hub, browser)
        async with without(hub, "audit_entry"):
            assert (await tell(hub, logout_token(issuer, sid="the-only-one"))).status == 200
            assert (await browser.get(f"{hub.url}/auth/session")).status == 401


async def test_a_provider_whose_keys_cannot_be_had_may_try_again(
    tmp_path: Path, clock: MovingClock
) -> None:
    async with served(tmp_path, clock) as (hub, issuer):
        token = logout_token(issuer, sid="the-only-one")
        issuer.down = True
        assert (await tell(hub, token)).status == 503
        issuer.down = False


async def test_too_many_are_turned_away(
    tmp_path: Path, clock: MovingClock, browser: Browser
) -> None:
    async with served(tmp_path, clock, limit=5) as (hub, issuer):
        statuses = [(await tell(hub, "no.token.here")).status for _ in range(8)]
        assert statuses == [400] * 5 + [429] * 3
        query = urlencode({"iss": issuer.url, "sid": "the-only-one"})
        refused = await browser.get(f"{hub.url}/auth/frontchannel/it?{query}")
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
        # Signing in is counted by itself, so that no noise keeps people out.
        await sign_in(hub, browser)


async def test_a_provider_may_end_very_many_at_once(tmp_path: Path, clock: MovingClock) -> None:
    async with served(tmp_path, clock, limit=5) as (hub, issuer):
        for number in range(12):
            assert (await tell(hub, logout_token(issuer, sid=f"session-{number}"))).status == 200
        # Of what is refused no more is heard than before.
        statuses = [(await tell(hub, "no.token.here")).status for _ in range(6)]
        assert statuses == [400] * 5 + [429]


@pytest.mark.parametrize("told", [{"sid": "the-only-one"}, {"sub": "linus"}], ids=["sid", "sub"])
async def test_what_ends_while_somebody_comes_back_does_not_open(
    tmp_path: Path, clock: MovingClock, browser: Browser, told: dict[str, str]
) -> None:
    async with served(tmp_path, clock) as (hub, issuer):
        start = await browser.get(f"{hub.url}/auth/login")
        came = await browser.get(start.location)
        issuer.gate.clear()
        issuer.waiting.clear()
        try:
            coming = asyncio.create_task(browser.get(came.location))
            await issuer.waiting.wait()
            assert (await tell(hub, logout_token(issuer, **told))).status == 200
        finally:
            issuer.gate.set()
        answer = await coming
        assert (answer.status, answer.sets("mainhub")) == (409, False)
        assert (await browser.get(f"{hub.url}/auth/session")).status == 401
        assert await hub.parts.sessions.list(limit=10) == []
        # Whoever comes back afterwards is somebody whom the provider has signed in again.
        await sign_in(hub, browser)
        assert (await browser.get(f"{hub.url}/auth/session")).status == 200
