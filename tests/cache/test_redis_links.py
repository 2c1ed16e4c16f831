"""Level 2 on a Redis that fails: links that break, servers that forget, refuse or are replaced."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis
from typing_extensions import override

from cache.level2_contract import SOON, Heard, came
from mainhub.cache import CacheUnavailable, Coherence
from mainhub.cache.redis import RedisLevel2, RedisLocks
from mainhub.cache.redis.ear import Ear
from redis_server.server import PrivateRedis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
OPERATIONS = 10_000
PAGE = (Path(__file__).parents[2] / "docs" / "cache-redis.md").read_text(encoding="utf-8")


@asynccontextmanager
async def process(
    server: PrivateRedis, listener: Heard | None = None, *, protocol: int = 3
) -> AsyncIterator[tuple[RedisLevel2, Heard]]:
    """Yield a level 2 that is linked, as one process has it, and who listens to it."""
    client = Redis(port=server.port, protocol=protocol)
    level2 = RedisLevel2(client, namespace="test")
    heard = listener or Heard()
    level2.listen(heard)
    try:
        await came(lambda: heard.is_linked)
        yield level2, heard
    finally:
        await level2.aclose()
        await client.aclose()


async def answered(level2: RedisLevel2, expected: bytes | None) -> None:
    """Wait until *level2* reads again, and says *expected* of the key ``a``."""
    async with asyncio.timeout(SOON):
        while True:
            try:
                assert await level2.read(["a"]) == [expected]
            except CacheUnavailable:
                await asyncio.sleep(0.005)
            else:
                return


@pytest.mark.parametrize("which", ["pubsub", "normal"])
@pytest.mark.parametrize("protocol", [2, 3])
async def test_either_connection_lost_is_told_and_mended(
    redis_server: PrivateRedis, which: str, protocol: int
) -> None:
    async with process(redis_server, protocol=protocol) as (level2, heard):
        await level2.write({"a": (b"1", MINUTE)})
        redis_server.run("CLIENT", "KILL", "TYPE", which)
        await came(lambda: heard.links == [True, False, True])
        assert level2.state.linked
        assert level2.state.cause is None
        # Tracked anew, and no answer is taken for another one's.
        assert await level2.read(["a", "b"]) == [b"1", None]
        heard.keys.clear()
        redis_server.run("SET", "test:v:{a}", "2")
        await came(lambda: heard.keys == ["a"])


@pytest.mark.parametrize("error", [RuntimeError("closed"), AttributeError("_transport")])
async def test_a_connection_that_a_loop_calls_closed_in_its_own_words_is_mended(
    redis_server: PrivateRedis, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As uvloop does, of one that is being closed as the next beat is due."""
    whole, failed = Ear.ask, asyncio.Event()

    def ask(self: Ear) -> asyncio.Future[None]:
        if failed.is_set():
            return whole(self)
        failed.set()
        raise error

    monkeypatch.setattr(Ear, "ask", ask)
    async with process(redis_server) as (level2, heard):
        await came(lambda: heard.links == [True, False, True])
        assert failed.is_set()
        assert await level2.read(["a"]) == [None]


async def test_whoever_waits_is_woken_when_the_link_is_lost(redis_server: PrivateRedis) -> None:
    async with process(redis_server) as (level2, _), level2.waking("a") as event:
        redis_server.run("CLIENT", "KILL", "TYPE", "pubsub")
        async with asyncio.timeout(SOON):
            await event.wait()


async def test_a_flush_takes_back_all_that_was_read(redis_server: PrivateRedis) -> None:
    async with process(redis_server) as (level2, heard):
        await level2.read(["a"])
        redis_server.run("FLUSHALL")
        await came(lambda: heard.links == [True, False, True])
        await level2.read(["a"])
        redis_server.run("SET", "test:v:{a}", "2")
        await came(lambda: heard.keys == ["a"])


async def test_scripts_that_the_server_forgot_are_sent_again(redis_server: PrivateRedis) -> None:
    async with process(redis_server) as (level2, heard):
        locks = RedisLocks(level2)
        for turn in range(3):
            redis_server.run("SCRIPT", "FLUSH")
            await level2.write({f"{turn}:{n}": (b"1", MINUTE) for n in range(50)})
            redis_server.run("SCRIPT", "FLUSH")
            assert await level2.delete([f"{turn}:{n}" for n in range(50)]) == 50
            assert (await level2.claim(f"{turn}", b"me", MINUTE)).ours
            assert await locks.acquire(f"{turn}", b"me", MINUTE)
        assert heard.links == [True]


async def test_an_expired_or_evicted_token_is_heard_of(redis_server: PrivateRedis) -> None:
    async with process(redis_server) as (level2, heard):
        (first,) = await level2.tokens(["t"])
        redis_server.run("UNLINK", "test:t:{t}")
        await came(lambda: heard.tags == ["t"])
        (second,) = await level2.tokens(["t"])
        assert second != first


async def test_a_frozen_server_is_given_up_and_used_again(redis_server: PrivateRedis) -> None:
    async with process(redis_server) as (level2, heard):
        await level2.write({"a": (b"1", MINUTE)})
        redis_server.freeze()
        asked = [asyncio.create_task(level2.read(["a"])) for _ in range(20)]
        async with asyncio.timeout(SOON):
            found = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(one, CacheUnavailable) for one in found)
        assert heard.links[:2] == [True, False]
        assert level2.state.cause
        redis_server.thaw()
        await answered(level2, b"1")
        await came(lambda: heard.is_linked)


async def test_a_server_that_was_started_again_is_empty_and_linked() -> None:
    server = PrivateRedis().start()
    try:
        async with process(server) as (level2, heard):
            await level2.write({"a": (b"1", MINUTE)})
            server.stop()
            await came(lambda: not heard.is_linked)
            with pytest.raises(CacheUnavailable):
                await level2.read(["a"])
            server.start()
            await answered(level2, None)
            await came(lambda: heard.is_linked)
            await level2.write({"a": (b"2", MINUTE)})
            await answered(level2, b"2")
    finally:
        server.remove()


async def test_a_full_server_and_a_replica_refuse_and_recover() -> None:
    server = PrivateRedis(lines=("maxmemory-policy noeviction",)).start()
    try:
        async with process(server) as (level2, heard):
            await level2.write({"a": (b"1", MINUTE)})
            server.run("CONFIG", "SET", "maxmemory", "1")
            for refused in (
                level2.write({"a": (b"2", MINUTE)}),
                level2.tokens(["new"]),
                level2.renew_tokens(["t"]),
            ):
                with pytest.raises(CacheUnavailable):
                    await refused
            assert await level2.read(["a"]) == [b"1"]
            server.run("CONFIG", "SET", "maxmemory", "0")
            assert heard.links == [True]
            server.run("REPLICAOF", "127.0.0.1", "1")
            with pytest.raises(CacheUnavailable):
                await level2.write({"a": (b"3", MINUTE)})
            await came(lambda: False in heard.links)
            server.run("REPLICAOF", "NO", "ONE")
            await answered(level2, b"1")
            await came(lambda: heard.is_linked)
    finally:
        server.remove()


async def test_wrong_credentials_are_told_and_nobody_waits(redis_server: PrivateRedis) -> None:
    client = Redis(port=redis_server.port, username="nobody", password="very-secret")
    level2 = RedisLevel2(client)
    async with asyncio.timeout(SOON):
        with pytest.raises(CacheUnavailable) as caught:
            await level2.read(["a"])
    assert "very-secret" not in f"{caught.value} {level2.state}"
    assert not level2.state.linked
    await level2.aclose()
    await client.aclose()


async def test_who_comes_after_the_end_is_refused(redis_server: PrivateRedis) -> None:
    client = Redis(port=redis_server.port)
    for asked_before in (False, True):
        level2 = RedisLevel2(client)
        if asked_before:
            await level2.read(["a"])
        await level2.aclose()
        async with asyncio.timeout(SOON):
            with pytest.raises(CacheUnavailable):
                await level2.read(["a"])
    await client.aclose()


async def test_rights_to_the_namespace_are_enough(redis_server: PrivateRedis) -> None:
    """The least rights that the documentation gives, and those without ``CLIENT``."""
    given = " ".join(PAGE.split("ACL SETUSER shop", 1)[1].split("\n\n", 1)[0].split())
    for name, left_out, coherence in (
        ("tracked", "", Coherence.TRACKING),
        ("told", "+client|id +client|tracking", Coherence.PUBSUB),
    ):
        assert left_out in given
        rights = given.replace(left_out, "").replace("PASSWORD", "pass").split()
        assert redis_server.run("ACL", "SETUSER", name, *rights) == "+OK"
        client = Redis(port=redis_server.port, username=name, password="pass")
        level2 = RedisLevel2(client, namespace="shop")
        heard = Heard()
        level2.listen(heard)
        await came(lambda heard=heard: heard.is_linked)  # type: ignore[misc]  # bound on purpose
        assert level2.state.coherence is coherence
        await level2.write({"a": (b"1", MINUTE)})
        assert await level2.read(["a", "b"]) == [b"1", None]
        await level2.renew_tokens(await _tag(level2))
        assert (await level2.claim("c", b"me", MINUTE)).ours
        assert await level2.fill("c", b"me", b"1", MINUTE)
        assert {key async for page in level2.scan("*") for key in page} == {"a", "c"}
        assert await level2.delete(["a", "c"]) == 2
        assert await level2.size() >= 1
        locks = RedisLocks(level2)
        assert await locks.acquire(name, b"me", MINUTE)
        assert await locks.release(name, b"me")
        await level2.aclose()
        await client.aclose()


async def _tag(level2: RedisLevel2) -> list[str]:
    await level2.tokens(["t"])
    return ["t"]


class _Level1(Heard):
    """The least that a level 1 is: a place is taken before a read, and lost with each change."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, object] = {}

    @override
    def changed(self, key: str) -> None:
        self.held.pop(key, None)

    async def read(self, level2: RedisLevel2, key: str) -> None:
        place = self.held[key] = object()
        (found,) = await level2.read([key])
        if self.held.get(key) is place:
            self.held[key] = found


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("forbidden", [False, True])
async def test_nothing_stays_stale_after_thousands_of_racing_operations(
    redis_server: PrivateRedis, protocol: int, *, forbidden: bool
) -> None:
    rights = ("on", "nopass", "~*", "&*", "+@all", *(("-client",) if forbidden else ()))
    redis_server.run("ACL", "SETUSER", "racer", *rights)
    keys = [f"k{number}" for number in range(20)]
    sides: list[tuple[RedisLevel2, _Level1]] = []
    clients = [
        Redis(port=redis_server.port, username="racer", password="x", protocol=protocol)
        for _ in range(3)
    ]
    for client in clients:
        level2, level1 = RedisLevel2(client, namespace="test"), _Level1()
        level2.listen(level1)
        await came(lambda level1=level1: level1.is_linked)  # type: ignore[misc]  # bound on purpose
        sides.append((level2, level1))

    async def race(number: int) -> None:
        level2, level1 = sides[number % 3]
        for turn in range(OPERATIONS // 20 // 4):
            key = keys[(turn * 7 + number * 3) % len(keys)]
            if turn % 4 == 0:
                await level2.write({key: (b"%d:%d" % (number, turn), MINUTE)})
            elif turn % 16 == 1:
                await level2.delete([key])
            elif turn % 16 == 3:
                owner = b"%d" % number
                if (await level2.claim(key, owner, MINUTE)).ours:
                    await level2.fill(key, owner, b"%d/%d" % (number, turn), MINUTE)
            else:
                await level1.read(level2, key)

    await asyncio.gather(*(race(number) for number in range(80)))
    for level2, level1 in sides:
        truth = dict(zip(keys, await level2.read(keys), strict=True))
        await came(
            lambda level1=level1, truth=truth: (  # type: ignore[misc]  # bound on purpose
                level1.held == {key: truth[key] for key in level1.held}
            )
        )
        assert level1.links == [True]
        await level2.aclose()
    for client in clients:
        await client.aclose()
