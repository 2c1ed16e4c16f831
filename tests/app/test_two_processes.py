"""Two hubs that share what a company gave them: what ends in one is over in the other."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from app.composed_hub import HOST, composed_hub
from app.open_stream import OpenStream
from mainhub.sessions import EndReason, SessionStoreUnavailable
from sessions.sample import ADA, DEVICE, LINUS, some_tokens
from web.asgi_call import ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mainhub.app import Hub
    from mainhub.sessions import Session
    from redis_server.server import PrivateRedis
    from sql.postgresql import PrivatePostgresql

pytestmark = pytest.mark.anyio

SOON = 20.0


@pytest.fixture(params=["postgresql", "redis", "redis-sessions"])
async def hubs(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    postgresql: PrivatePostgresql,
    redis_server: PrivateRedis,
) -> AsyncIterator[list[Hub]]:
    """Return two hubs of one company."""
    sections: dict[str, dict[str, object]] = {}
    if request.param != "postgresql":
        sections["redis"] = {"url": redis_server.url}
    if request.param == "redis-sessions":
        sections["sessions"] = {"store": "redis"}
    url = postgresql.url(postgresql.fresh())
    made = [composed_hub(tmp_path, database_url=url, sections=sections) for _ in range(2)]
    async with AsyncExitStack() as stack:
        for hub in made:
            await stack.enter_async_context(hub.running())
        yield made


async def signed_in(hub: Hub, person: object = LINUS) -> tuple[Session, tuple[str, str]]:
    """Open a session at *hub*; return it and its cookie."""
    session = await hub._parts.sessions.create(person, some_tokens(), DEVICE)  # type: ignore[arg-type]
    return session, ("cookie", f"mainhub={session.id}")


async def ready(*hubs: Hub) -> None:
    """Wait until the hubs hear each other."""
    async with asyncio.timeout(SOON):
        for hub in hubs:
            assert hub._parts.ends is not None
            await hub._parts.ends.listening()


async def test_a_revoked_session_ends_everywhere(hubs: list[Hub]) -> None:
    here, there = hubs
    session, cookie = await signed_in(here)
    other, other_cookie = await signed_in(here, ADA)
    assert (await ask(there, "/auth/session", cookie, host=HOST)).status == 200
    streams = [OpenStream(there, cookie), OpenStream(here, cookie), OpenStream(there, other_cookie)]
    for stream in streams:
        await stream.began()
    # The way between them may only just be opening.
    await ready(here, there)
    await here._parts.sessions.revoke_listed(session.ref, reason=EndReason.REVOKED, by=ADA)
    for stream in streams[:2]:
        heard = await stream.ended()
        assert b'"reason":"revoked"' in heard
        assert b'"by":"Ada"' in heard
    refused = await ask(there, "/auth/session", cookie, host=HOST)
    assert (refused.status, refused.problem_name) == (401, "not-signed-in")
    assert (await ask(there, "/auth/session", other_cookie, host=HOST)).status == 200
    assert other.ref.encode() in streams[2].heard
    await streams[2].close()


async def test_an_end_whose_answer_is_lost_closes_its_pages_everywhere(
    hubs: list[Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store did it, and who asked for it was told that nobody knows."""
    here, there = hubs
    await ready(here, there)
    session, cookie = await signed_in(here)
    streams = [OpenStream(hub, cookie) for hub in hubs]
    for stream in streams:
        await stream.began()
    stored = here._parts.sessions._store  # type: ignore[attr-defined]  # behind what announces
    whole = stored.revoke_listed

    async def lost(*words: object, **named: object) -> None:
        await whole(*words, **named)
        raise SessionStoreUnavailable("the answer was lost")

    monkeypatch.setattr(stored, "revoke_listed", lost)
    with pytest.raises(SessionStoreUnavailable):
        await here._parts.sessions.revoke_listed(session.ref, reason=EndReason.REVOKED)
    for stream in streams:
        assert b"event: end" in await stream.ended()


async def test_all_sessions_of_a_person_end_everywhere(hubs: list[Hub]) -> None:
    here, there = hubs
    cookies = [(await signed_in(here))[1] for _ in range(3)]
    streams = [OpenStream(there, cookie) for cookie in cookies]
    for stream in streams:
        await stream.began()
    await ready(here, there)
    await here._parts.sessions.revoke_person(LINUS.id, reason=EndReason.REVOKED, by=ADA)
    for stream in streams:
        assert b'"reason":"revoked"' in await stream.ended()
    for cookie in cookies:
        assert (await ask(there, "/auth/session", cookie, host=HOST)).status == 401


async def test_a_front_end_that_is_closed_here_is_gone_there(hubs: list[Hub]) -> None:
    here, there = hubs
    _, cookie = await signed_in(here, ADA)
    listed = await ask(there, "/hub/v1/frontends", cookie, host=HOST)
    assert b'"name":"widgets"' in listed.body
    found = await ask(here, "/hub/v1/frontends/all", cookie, host=HOST)
    items = json.loads(found.body)["items"]
    generation = next(one for one in items if one["name"] == "widgets")["generation"]
    ours = (("x-mainhub-csrf", "1"), ("sec-fetch-site", "same-origin"))
    body = b'{"active": false, "generation": %d}' % generation
    changed = await ask(
        *(here, "/hub/v1/frontends/widgets", cookie, *ours, ("content-type", "application/json")),
        method="PATCH",
        host=HOST,
        body=body,
    )
    assert changed.status == 200, changed.body
    async with asyncio.timeout(SOON):
        while b'"name":"widgets"' in listed.body:
            await asyncio.sleep(0.02)
            listed = await ask(there, "/hub/v1/frontends", cookie, host=HOST)
