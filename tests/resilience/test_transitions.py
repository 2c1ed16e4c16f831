"""Breakers of several processes open together, through a real Redis; and apart without it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from mainhub.resilience import Cause, CircuitBreaker, Outcome, Pipeline, Pipelines, State
from mainhub.resilience.redis import SharedTransitions
from mainhub.resilience.redis.transitions import _read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio


class Node:
    """One process of a hub, as far as breakers are concerned."""

    def __init__(self) -> None:
        self.breaker = CircuitBreaker(consecutive=2)
        self.pipelines = Pipelines()
        self.pipelines.add(Pipeline("erp", breaker=self.breaker))
        self.causes: list[Cause] = []
        self.breaker.listen(lambda told: self.causes.append(told.cause))

    def fail(self) -> None:
        for _ in range(2):
            self.breaker.leave(self.breaker.enter(), Outcome.FAIL)

    async def until(self, state: State) -> None:
        async with asyncio.timeout(30):
            while self.breaker.state is not state:  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(0.005)


@pytest.fixture
async def nodes(redis_url: str) -> AsyncIterator[list[Node]]:
    made = [Node() for _ in range(3)]
    async with AsyncExitStack() as stack:
        for node in made:
            client = await stack.enter_async_context(Redis.from_url(redis_url))
            shared = SharedTransitions(node.pipelines, publisher=client, subscriber=client)
            await stack.enter_async_context(shared)
            async with asyncio.timeout(30):
                await shared.listening()
        yield made


async def test_all_open_with_the_first_and_close_with_it(nodes: list[Node]) -> None:
    first, *others = nodes
    first.fail()
    for node in others:
        await node.until(State.OPEN)
        assert node.causes == [Cause.SHARED]
        assert node.breaker.retry_in == pytest.approx(60, abs=10)
    first.breaker.close("ada")
    for node in others:
        await node.until(State.CLOSED)
    assert first.causes == [Cause.CONSECUTIVE_FAILURES, Cause.BY_HAND], "nothing came back"


async def test_what_an_operator_decides_holds_everywhere(nodes: list[Node]) -> None:
    first, second, third = nodes
    first.breaker.isolate("ada")
    await second.until(State.ISOLATED)
    await third.until(State.ISOLATED)
    second.breaker.disable("grace")
    await first.until(State.DISABLED)
    await third.until(State.DISABLED)


async def test_without_redis_each_finds_out_by_itself(
    nodes: list[Node], redis_server: PrivateRedis
) -> None:
    first, second, _ = nodes
    redis_server.stop()
    first.fail()
    assert first.breaker.state is State.OPEN
    assert second.breaker.state is State.CLOSED
    redis_server.start()


def told(**different: object) -> bytes:
    """Return a message as another process sends it, but for what is *different*."""
    sound = {
        "from": "another",
        "pipeline": "erp",
        "before": "closed",
        "after": "open",
        "cause": "failure-rate",
        "retry_in": 1.0,
        "by": None,
    }
    return orjson.dumps(sound | different)


def test_a_sound_message_is_understood() -> None:
    found = _read(told(), me="me")
    assert found is not None
    assert (found.after, found.retry_in) == (State.OPEN, 1.0)


@given(st.binary() | st.text())
def test_whatever_comes_over_the_channel_is_a_transition_or_nothing(data: bytes | str) -> None:
    _read(data, me="me")


@pytest.mark.parametrize(
    "message",
    [
        b"[]",
        b"{}",
        told(after="broken"),
        told(retry_in=1e9),
        told(cause="a whim"),
        told(**{"from": "me"}),
        b" " * 5000,
    ],
)
def test_nonsense_and_ones_own_word_are_nothing(message: bytes) -> None:
    assert _read(message, me="me") is None
