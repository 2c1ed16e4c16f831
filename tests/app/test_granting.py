"""What is given while the hub runs, in open sessions and streams, here and in another process."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from app.composed_hub import HOST, PUBLIC, composed_hub
from app.open_stream import OpenStream
from mainhub.identity import ADMIN
from sessions.sample import ADA, DEVICE, LINUS, some_tokens
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from mainhub.app import Hub

pytestmark = pytest.mark.anyio

SOON = 20.0
SECTIONS = {"access": {"roles": {"buyer": {"role": "Buyer", "permissions": ["orders:write"]}}}}
OURS = (
    ("x-mainhub-csrf", "1"),
    ("sec-fetch-site", "same-origin"),
    ("origin", PUBLIC),
    ("content-type", "application/json"),
)
GRANTS = "/hub/v1/access/grants"


@pytest.fixture
async def hubs(tmp_path: Path, database_url: str) -> AsyncIterator[list[Hub]]:
    """Return two hubs over one database, with nothing else between them."""
    made = [composed_hub(tmp_path, database_url=database_url, sections=SECTIONS) for _ in range(2)]
    async with AsyncExitStack() as stack:
        for hub in made:
            await stack.enter_async_context(hub.running())
        yield made


async def cookie_of(hub: Hub, person: Any) -> tuple[str, str]:  # noqa: ANN401 - a person
    session = await hub._parts.sessions.create(person, some_tokens(), DEVICE)
    return "cookie", f"mainhub={session.id}"


async def give(hub: Hub, ada: tuple[str, str], **what: object) -> str:
    body = json.dumps({"to": {"kind": "person", "name": LINUS.id}, **what}).encode()
    answer = await ask(hub, GRANTS, ada, *OURS, host=HOST, method="POST", body=body)
    assert answer.status == 201, answer.body
    given: str = json.loads(answer.body)["id"]
    return given


async def take(hub: Hub, ada: tuple[str, str], id_: str) -> None:
    path = f"{GRANTS}/{id_}"
    assert (await ask(hub, path, ada, *OURS, host=HOST, method="DELETE")).status == 204


async def until(
    hub: Hub, path: str, cookie: tuple[str, str], fits: Callable[[Answered], bool]
) -> None:
    """Ask again until the answer fits."""
    async with asyncio.timeout(SOON):
        while not fits(await ask(hub, path, cookie, host=HOST)):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.01)


def names(answer: Answered) -> set[str]:
    return {one["name"] for one in json.loads(answer.body)["items"]}


async def test_what_is_given_counts_in_an_open_session_in_every_process(hubs: list[Hub]) -> None:
    here, there = hubs
    ada, linus = await cookie_of(here, ADA), await cookie_of(here, LINUS)
    assert (await ask(there, "/hub/v1/audit", linus, host=HOST)).status == 403
    id_ = await give(here, ada, roles=[ADMIN, "Buyer"])
    assert (await ask(here, "/hub/v1/audit", linus, host=HOST)).status == 200
    assert "admin" in names(await ask(here, "/hub/v1/frontends", linus, host=HOST))
    session = json.loads((await ask(here, "/auth/session", linus, host=HOST)).body)
    assert session["permissions"] == ["orders:write"]
    assert set(session["user"]["roles"]) == {*LINUS.roles, ADMIN, "Buyer"}
    await until(there, "/hub/v1/audit", linus, lambda told: told.status == 200)
    await take(here, ada, id_)
    assert (await ask(here, "/hub/v1/audit", linus, host=HOST)).status == 403
    assert "admin" not in names(await ask(here, "/hub/v1/frontends", linus, host=HOST))
    await until(there, "/hub/v1/audit", linus, lambda told: told.status == 403)
    session = json.loads((await ask(there, "/auth/session", linus, host=HOST)).body)
    assert (session["permissions"], session["user"]["roles"]) == ([], list(LINUS.roles))


async def test_an_open_stream_hears_what_is_given_and_no_more(hubs: list[Hub]) -> None:
    here = hubs[0]
    ada, linus = await cookie_of(here, ADA), await cookie_of(here, LINUS)
    stream = OpenStream(here, linus)
    await stream.began()
    bus = here._parts.streams._bus

    def tell(pipeline: str) -> None:
        facts = {"pipeline": pipeline, "state": "open", "cause": "by-hand"}
        bus.emit("resilience:changed", facts)

    async def heard(text: bytes) -> None:
        async with asyncio.timeout(SOON):
            while text not in stream.heard:  # noqa: ASYNC110 - the condition itself
                await asyncio.sleep(0.01)

    tell("before-it")
    id_ = await give(here, ada, roles=[ADMIN])
    tell("given-it")
    await heard(b"given-it")
    await take(here, ada, id_)
    tell("after-it")
    bus.emit("cache:invalidated", {"keys": ["the-end"]})
    await heard(b"the-end")
    assert b"before-it" not in stream.heard
    assert b"after-it" not in stream.heard
    await stream.close()


async def test_a_given_administrator_has_an_administrators_session(hubs: list[Hub]) -> None:
    here = hubs[0]
    ada = await cookie_of(here, ADA)
    before = await here._parts.sessions.create(LINUS, some_tokens(), DEVICE)
    await give(here, ada, roles=[ADMIN])
    after = await here._parts.sessions.create(LINUS, some_tokens(), DEVICE)
    assert after.expires_at < before.expires_at
