from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.web.small_bodies import SmallBodies
from web.asgi_call import Answered, ask, scope_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from mainhub.web.edge import Message, Receive, Scope, Send

pytestmark = pytest.mark.anyio


class Echo:
    """Answers with what it was sent, and counts who came through."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        message = await receive()
        assert not message.get("more_body")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message.get("body", b"")})


async def send_parts(app: SmallBodies, parts: list[bytes], *headers: tuple[str, str]) -> Answered:
    pending = [
        {"type": "http.request", "body": part, "more_body": index < len(parts) - 1}
        for index, part in enumerate(parts)
    ]
    answered = Answered()

    async def receive() -> MutableMapping[str, Any]:
        return pending.pop(0) if pending else await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = [(n.decode(), v.decode()) for n, v in message["headers"]]
        else:
            answered.body += message["body"]

    await app(scope_of("/x", *headers, method="POST"), receive, send)
    return answered


CHUNKED = ("transfer-encoding", "chunked")


async def test_a_small_body_arrives_whole() -> None:
    answer = await send_parts(SmallBodies(Echo(), largest=10), [b"12345", b"", b"67890"], CHUNKED)
    assert (answer.status, answer.body) == (200, b"1234567890")


@pytest.mark.parametrize("declared", ["11", "99999999999999999999"])
async def test_a_body_declared_too_large_is_refused_unread(declared: str) -> None:
    echo = Echo()
    answer = await send_parts(SmallBodies(echo, largest=10), [b"1"], ("content-length", declared))
    assert (answer.status, answer.problem_name, echo.asked) == (413, "too-large", 0)
    assert answer.problem["remedy"]


async def test_a_body_that_turns_out_too_large_is_refused() -> None:
    echo = Echo()
    answer = await send_parts(SmallBodies(echo, largest=10), [b"123456"] * 1000, CHUNKED)
    assert (answer.problem_name, echo.asked) == ("too-large", 0)


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever() -> None:
    echo = Echo()
    app = SmallBodies(echo, patience=timedelta(milliseconds=20))
    answer = await send_parts(app, [], CHUNKED)
    assert (answer.problem_name, echo.asked) == ("request-timeout", 0)


async def test_a_request_without_a_body_goes_straight_through() -> None:
    assert (await ask(SmallBodies(Echo(), largest=0), "/x")).status == 200


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=8))
def test_what_passes_is_what_was_sent_and_never_too_much(parts: list[bytes]) -> None:
    answer = asyncio.run(send_parts(SmallBodies(Echo(), largest=16), parts, CHUNKED))
    whole = b"".join(parts)
    assert answer.status == (200 if len(whole) <= 16 else 413)
    if answer.status == 200:
        assert answer.body == whole
