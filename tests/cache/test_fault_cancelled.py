"""Whoever goes away in the middle of a call leaves nothing behind that harms others."""

from __future__ import annotations

import asyncio
import types
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cache.fault_load import within
from mainhub.cache import MISSING, Cache, connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
PATIENCE = 20.0


async def new() -> str:
    await asyncio.sleep(0)
    return "new"


async def hold(cache: Cache) -> None:
    async with cache.lock("lock", ttl=timedelta(seconds=30)):
        await asyncio.sleep(0)


CALLS: dict[str, Callable[[Cache], Awaitable[Any]]] = {
    "get": lambda cache: cache.get("k"),
    "get_many": lambda cache: cache.get_many(["k", "other"]),
    "lookup": lambda cache: cache.lookup("k"),
    "set": lambda cache: cache.set("k", "new", tags=["t"]),
    "set_many": lambda cache: cache.set_many({"k": "new", "other": "new"}),
    "get_or_set": lambda cache: cache.get_or_set("absent", new, tags=["t"]),
    "expire": lambda cache: cache.expire("k", ttl=MINUTE),
    "delete": lambda cache: cache.delete("k"),
    "invalidate": lambda cache: cache.invalidate("k*"),
    "invalidate_tags": lambda cache: cache.invalidate_tags("t"),
    "clear": lambda cache: cache.clear(),
    "lock": hold,
}
# Who asks for one of these has changed the source; what was asked for must come true.
TAKES_BACK = {"delete", "invalidate_tags", "clear"}


@types.coroutine
def leaving(
    coroutine: Coroutine[Any, Any, Any], at: int, gone: list[bool]
) -> Generator[Any, Any, Any]:
    """Run *coroutine*, and cancel whoever runs it at its wait number *at*."""
    waits = 0
    step: Callable[[], Any] = lambda: coroutine.send(None)  # noqa: E731 - replaced below
    while True:
        try:
            waiting = step()
        except StopIteration as stop:
            return stop.value
        waits += 1
        if waits == at:
            task = asyncio.current_task()
            assert task is not None
            gone.append(True)
            task.cancel()
        try:
            yield waiting
        except BaseException as error:  # noqa: BLE001 - handed on
            step = _raising(coroutine, error)
        else:
            step = _going_on(coroutine)


def _raising(coroutine: Coroutine[Any, Any, Any], error: BaseException) -> Callable[[], Any]:
    return lambda: coroutine.throw(error)


def _going_on(coroutine: Coroutine[Any, Any, Any]) -> Callable[[], Any]:
    return lambda: coroutine.send(None)


async def _called(call: Callable[[Cache], Awaitable[Any]], cache: Cache) -> None:
    await call(cache)


def _linked(cache: Cache) -> bool:
    return cache.state is not None and cache.state.linked


@pytest.mark.parametrize("name", sorted(CALLS))
async def test_a_call_may_be_cancelled_at_every_wait(redis_server: PrivateRedis, name: str) -> None:
    async with connect(redis_server.url) as cache, connect(redis_server.url) as other:
        await within(PATIENCE, lambda: _linked(cache) and _linked(other))
        at = 0
        while True:
            at += 1
            await begun(cache, other)
            gone: list[bool] = []

            async def run(at: int = at, gone: list[bool] = gone) -> None:
                await leaving(_called(CALLS[name], cache), at, gone)

            task = asyncio.create_task(run())
            await asyncio.wait([task])
            await settled(cache)
            if not gone:
                break
            assert task.cancelled(), f"{name} at wait {at} swallowed it: {task}"
            await see_that_all_is_well(cache, other, name)
            await cache.delete_many(["k", "other", "absent", "afterwards"])


async def begun(cache: Cache, other: Cache) -> None:
    """Let both have the value, as soon as they have heard of what was before."""
    async with asyncio.timeout(PATIENCE):
        while await other.get("k") != "old":
            await cache.set("k", "old", ttl=MINUTE, tags=["t"])


async def settled(cache: Cache) -> None:
    """Wait until nothing is under way or outstanding."""
    engine = cache.engine
    await within(
        PATIENCE,
        lambda: not (engine.filler.under_way or engine.level1.reserved or cache.pending),
    )


async def see_that_all_is_well(cache: Cache, other: Cache, name: str) -> None:
    mine = await cache.get("k")
    assert mine in {MISSING, "old", "new"}
    if name in TAKES_BACK:
        assert mine is MISSING
    # What one process has, the other has.
    async with asyncio.timeout(PATIENCE):
        while await other.get("k") != await cache.get("k"):  # noqa: ASYNC110 - what is heard
            await asyncio.sleep(0.005)
    # It still works, and the lock is free.
    assert await cache.get_or_set("afterwards", new) == "new"
    async with cache.lock("lock", wait=timedelta(seconds=PATIENCE)):
        pass
