"""What a provider ends at one process of a hub is over in all, and is ended once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

from app.composed_hub import HOST, composed_hub
from app.open_stream import OpenStream
from mainhub.sessions import Tokens
from sessions.sample import DEVICE, LINUS
from signin.hostile_provider import Issuer, hostile_app
from signin.logout_tokens import logout_token
from signin.served import listener
from simulator.served import address, serving
from web.asgi_call import ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mainhub.app import Hub
    from redis_server.server import PrivateRedis
    from sql.postgresql import PrivatePostgresql
    from web.asgi_call import Answered

pytestmark = pytest.mark.anyio

SOON = 20.0
FORM = ("content-type", "application/x-www-form-urlencoded")


@dataclass(frozen=True)
class World:
    """Two processes of one hub, and the issuer that they trust."""

    here: Hub
    there: Hub
    issuer: Issuer

    async def sign_in(self, sid: str) -> tuple[str, str]:
        """Open a session that the issuer calls *sid*; return its cookie."""
        person = replace(LINUS, id=f"{self.issuer.url}|linus", provider="it")
        opened = await self.here._parts.sessions.create(person, Tokens(sid=sid), DEVICE)
        return "cookie", f"mainhub={opened.id}"

    async def tell(self, hub: Hub, token: str) -> Answered:
        body = f"logout_token={quote(token)}".encode()
        return await ask(hub, "/auth/backchannel/it", FORM, method="POST", host=HOST, body=body)


@pytest.fixture(params=["postgresql", "redis", "redis-sessions"])
async def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    postgresql: PrivatePostgresql,
    redis_server: PrivateRedis,
) -> AsyncIterator[World]:
    provider = listener()
    issuer = Issuer(address(provider), "it")
    sections: dict[str, object] = {"identity": {"it": issuer.settings()}}
    if request.param != "postgresql":
        sections["redis"] = {"url": redis_server.url}
    if request.param == "redis-sessions":
        sections["sessions"] = {"store": "redis"}
    url = postgresql.url(postgresql.fresh())
    hubs = [composed_hub(tmp_path, database_url=url, sections=sections) for _ in range(2)]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(hostile_app({"it": issuer}), provider))
        for hub in hubs:
            await stack.enter_async_context(hub.running())
        async with asyncio.timeout(SOON):
            for hub in hubs:
                assert hub._parts.ends is not None
                await hub._parts.ends.listening()
        yield World(hubs[0], hubs[1], issuer)


async def test_a_logout_token_ends_streams_of_the_other_process(world: World) -> None:
    cookie, other = await world.sign_in("one"), await world.sign_in("two")
    streams = [OpenStream(world.there, cookie), OpenStream(world.here, cookie)]
    others = OpenStream(world.there, other)
    for stream in (*streams, others):
        await stream.began()
    assert (await world.tell(world.here, logout_token(world.issuer, sid="one"))).status == 200
    for stream in streams:
        assert b'"reason":"provider"' in await stream.ended()
    for hub, status in ((world.here, 401), (world.there, 401)):
        assert (await ask(hub, "/auth/session", cookie, host=HOST)).status == status
    assert (await ask(world.there, "/auth/session", other, host=HOST)).status == 200
    await others.close()


async def test_a_logout_token_is_used_once_by_both(world: World) -> None:
    token = logout_token(world.issuer, sub="linus")
    assert (await world.tell(world.here, token)).status == 200
    cookie = await world.sign_in("one")
    for hub in (world.here, world.there):
        assert (await world.tell(hub, token)).status == 400
        assert (await ask(hub, "/auth/session", cookie, host=HOST)).status == 200


async def test_a_frame_ends_streams_of_the_other_process(world: World) -> None:
    cookie = await world.sign_in("one")
    stream = OpenStream(world.there, cookie)
    await stream.began()
    query = urlencode({"iss": world.issuer.url, "sid": "one"})
    answer = await ask(world.here, f"/auth/frontchannel/it?{query}", host=HOST)
    assert answer.status == 200
    assert b'"reason":"provider"' in await stream.ended()
    assert (await ask(world.there, "/auth/session", cookie, host=HOST)).status == 401
