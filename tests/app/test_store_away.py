"""What people may do, and what not, while what keeps the sessions is away: nobody is signed out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.composed_hub import HOST, composed_hub
from app.open_stream import OpenStream
from mainhub.sessions import EndReason
from mainhub.storage.redis import RedisState
from sessions.moved_clock import MovedClock
from sessions.sample import ADA, DEVICE, LINUS, some_tokens
from sql.postgresql import PrivatePostgresql
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from mainhub.app import Hub
    from mainhub.identity import Person
    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio

SOON = 20.0
OURS = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
PAGE = ("accept", "text/html")
EDITOR = replace(LINUS, id="tid.editor", roles=("Editor",))
AWAY = "sessions-unavailable"


def in_redis(server: PrivateRedis) -> dict[str, object]:
    """Return the settings of a hub that keeps sessions in Redis."""
    return {"redis": {"url": server.url}, "sessions": {"store": "redis"}}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def hub(tmp_path: Path, redis_server: PrivateRedis, clock: MovedClock) -> AsyncIterator[Hub]:
    """Return a hub that keeps sessions in Redis."""
    made = composed_hub(
        tmp_path,
        clock=clock,
        sections=in_redis(redis_server),
    )
    async with made.running():
        yield made


async def cookie_of(hub: Hub, person: Person) -> tuple[str, str]:
    session = await hub._parts.sessions.create(person, some_tokens(), DEVICE)
    return ("cookie", f"mainhub={session.id}")


async def known(hub: Hub, cookie: tuple[str, str]) -> Answered:
    return await ask(hub, "/auth/session", cookie, host=HOST)


async def until(hub: Hub, state: RedisState) -> None:
    redis = hub._parts.sharing.redis
    assert redis is not None
    async with asyncio.timeout(SOON):
        await redis.until(state)


def never_signed_out(*answers: Answered) -> None:
    for answer in answers:
        assert answer.status not in {301, 302, 303, 307, 401}
        assert answer.header("set-cookie") is None


@pytest.mark.parametrize("how", ["freeze", "kill"])
async def test_for_a_while_what_is_safe_goes_on_and_then_it_is_said(
    hub: Hub, redis_server: PrivateRedis, clock: MovedClock, how: str
) -> None:
    linus, ada = await cookie_of(hub, LINUS), await cookie_of(hub, ADA)
    for cookie in (linus, ada):
        assert (await known(hub, cookie)).status == 200
    getattr(redis_server, how)()
    told = await known(hub, linus)
    assert (told.status, json.loads(told.body)["unverified"]) == (200, True)
    page = await ask(hub, "/", linus, PAGE, host=HOST)
    assert page.status == 200
    listed = await ask(hub, "/hub/v1/frontends", linus, host=HOST)
    assert listed.status == 200
    refused = [
        await ask(hub, "/hub/v1/dashboard", linus, *OURS, method="DELETE", host=HOST),
        await ask(hub, "/api/orders/x", linus, *OURS, method="POST", host=HOST),
        await ask(hub, "/hub/v1/sessions", ada, host=HOST),
        await ask(hub, "/hub/v1/resilience", ada, host=HOST),
    ]
    for answer in refused:
        assert (answer.status, answer.problem_name) == (503, AWAY)
        assert int(answer.header("retry-after") or 0) >= 1
    # An administrator is a person like any other meanwhile.
    listed = await ask(hub, "/hub/v1/frontends", ada, host=HOST)
    assert [one["name"] for one in json.loads(listed.body)["items"]] == ["dashboard", "widgets"]
    assert json.loads((await known(hub, ada)).body)["user"]["roles"] == list(ADA.roles)

    clock.move(timedelta(seconds=31))
    over = [await known(hub, linus), await ask(hub, "/hub/v1/frontends", linus, host=HOST)]
    assert [(answer.status, answer.problem_name) for answer in over] == [(503, AWAY)] * 2
    sorry = await ask(hub, "/", linus, PAGE, host=HOST)
    assert sorry.status == 503
    assert "What keeps the sessions does not answer. You stay signed in." in sorry.body.decode()
    assert int(sorry.header("retry-after") or 0) >= 1
    never_signed_out(told, page, listed, *refused, *over, sorry)


async def test_nothing_is_told_to_an_administrator_for_whom_nobody_vouches(
    hub: Hub, redis_server: PrivateRedis
) -> None:
    """Not by what looks at roles without refusing anybody, either."""
    ada = await cookie_of(hub, ADA)
    hub._parts.streams._bus.emit(
        "resilience:changed", {"pipeline": "x", "state": "open", "cause": "y"}
    )

    async def healthz() -> dict[str, object]:
        answer = await ask(hub, "/healthz", ada, host=HOST)
        told: dict[str, object] = json.loads(answer.body)
        return told

    async def events() -> bytes:
        return (await ask(hub, "/hub/v1/events", ada, host=HOST)).body

    assert "process" in await healthz()
    assert b"resilience:changed" in await events()
    redis_server.freeze()
    await until(hub, RedisState.DOWN)
    assert "process" not in await healthz()
    assert b"resilience:changed" not in await events()
    page = await ask(hub, "/admin", ada, PAGE, host=HOST)
    assert page.status == 503
    stream = OpenStream(hub, ada)
    await stream.began()
    hub._parts.streams._bus.emit(
        "resilience:changed", {"pipeline": "y", "state": "open", "cause": "y"}
    )
    assert b"resilience:changed" not in stream.heard
    await stream.close()
    never_signed_out(page)


async def test_when_it_is_back_all_is_as_before(hub: Hub, redis_server: PrivateRedis) -> None:
    cookie = await cookie_of(hub, LINUS)
    assert (await known(hub, cookie)).status == 200
    redis_server.freeze()
    await until(hub, RedisState.DOWN)
    assert json.loads((await known(hub, cookie)).body)["unverified"] is True
    redis_server.thaw()
    await until(hub, RedisState.READY)
    assert json.loads((await known(hub, cookie)).body)["unverified"] is False
    reset = await ask(hub, "/hub/v1/dashboard", cookie, *OURS, method="DELETE", host=HOST)
    assert reset.status == 200


async def test_who_was_never_seen_here_is_not_believed(
    hub: Hub, redis_server: PrivateRedis
) -> None:
    redis_server.freeze()
    answer = await known(hub, ("cookie", f"mainhub={'x' * 43}"))
    assert (answer.status, answer.problem_name) == (503, AWAY)
    never_signed_out(answer)


async def test_a_revoked_session_is_not_believed(hub: Hub, redis_server: PrivateRedis) -> None:
    session = await hub._parts.sessions.create(LINUS, some_tokens(), DEVICE)
    cookie = ("cookie", f"mainhub={session.id}")
    assert (await known(hub, cookie)).status == 200
    await hub._parts.sessions.revoke_listed(session.ref, reason=EndReason.REVOKED)
    assert (await known(hub, cookie)).status == 401
    redis_server.freeze()
    assert (await known(hub, cookie)).status == 503


async def test_signing_out_is_never_said_to_be_done(hub: Hub, redis_server: PrivateRedis) -> None:
    cookie = await cookie_of(hub, LINUS)
    assert (await known(hub, cookie)).status == 200
    redis_server.freeze()
    answer = await ask(hub, "/auth/logout", cookie, *OURS, method="POST", host=HOST)
    assert answer.status == 503
    never_signed_out(answer)


async def test_streams_stay_for_a_while(hub: Hub, redis_server: PrivateRedis) -> None:
    cookie = await cookie_of(hub, LINUS)
    stream = OpenStream(hub, cookie)
    await stream.began()
    redis_server.freeze()
    await until(hub, RedisState.DOWN)
    hub._parts.streams.look()
    redis_server.thaw()
    await until(hub, RedisState.READY)
    assert b"event: end" not in stream.heard
    await stream.close()


@pytest.fixture
def own_postgresql() -> Iterator[PrivatePostgresql]:
    made = PrivatePostgresql()
    yield made
    made.remove()


async def test_pages_are_shown_while_the_database_is_away(
    tmp_path: Path, redis_server: PrivateRedis, own_postgresql: PrivatePostgresql
) -> None:
    """Read-only pages come from the cache; what would change something is refused."""
    hub = composed_hub(
        tmp_path,
        database_url=own_postgresql.url(own_postgresql.fresh()),
        sections=in_redis(redis_server),
    )
    async with hub.running():
        cookie = await cookie_of(hub, LINUS)
        before = await ask(hub, "/hub/v1/frontends", cookie, host=HOST)
        cards = await ask(hub, "/hub/v1/dashboard", cookie, host=HOST)
        assert (before.status, cards.status) == (200, 200)
        own_postgresql.stop()
        assert (await ask(hub, "/", cookie, PAGE, host=HOST)).status == 200
        assert (await ask(hub, "/hub/v1/frontends", cookie, host=HOST)).body == before.body
        assert (await ask(hub, "/hub/v1/dashboard", cookie, host=HOST)).body == cards.body
        # A process that has just started knows nothing but what is shared.
        forgotten = hub._parts.sharing.cache
        forgotten.engine.level1.relink(linked=True)
        assert (await ask(hub, "/hub/v1/frontends", cookie, host=HOST)).body == before.body
        reset = await ask(hub, "/hub/v1/dashboard", cookie, *OURS, method="DELETE", host=HOST)
        assert reset.status == 503
        own_postgresql.start()


async def test_a_session_in_a_database_that_is_away_is_believed_for_a_moment(
    tmp_path: Path, own_postgresql: PrivatePostgresql, clock: MovedClock
) -> None:
    hub = composed_hub(
        tmp_path, database_url=own_postgresql.url(own_postgresql.fresh()), clock=clock
    )
    async with hub.running():
        # What was vouched for before ends were heard is believed no longer from then on.
        assert hub._parts.ends is not None
        await hub._parts.ends.listening()
        cookie = await cookie_of(hub, LINUS)
        assert (await known(hub, cookie)).status == 200
        assert (await ask(hub, "/", cookie, PAGE, host=HOST)).status == 200
        own_postgresql.stop()
        told = await known(hub, cookie)
        assert (told.status, json.loads(told.body)["unverified"]) == (200, True)
        page = await ask(hub, "/", cookie, PAGE, host=HOST)
        assert page.status == 200
        clock.move(timedelta(seconds=31))
        over = await known(hub, cookie)
        assert (over.status, over.problem_name) == (503, AWAY)
        never_signed_out(told, page, over)
        own_postgresql.start()
        async with asyncio.timeout(SOON):
            while (await known(hub, cookie)).status != 200:
                clock.move(timedelta(seconds=1))
                await asyncio.sleep(0.05)
