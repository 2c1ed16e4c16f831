"""What can go wrong with sessions in a real Redis, and what they leave there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from redis.asyncio import Redis

from mainhub.sessions import (
    EndReason,
    KeyRing,
    SessionsPartlyEnded,
    SessionStoreUnavailable,
    Tokens,
)
from mainhub.sessions.redis import RedisSessionStore
from mainhub.storage.redis import RedisConnections, RedisState
from redis_server.groups import MASTER_NAME, PrivateSentinels
from sessions.contract import DEVICE, LIFETIMES, LINUS, some_tokens
from sessions.moved_clock import MovedClock
from sessions.redis_vault import AT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mainhub.sessions import Session, SessionStore
    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio
# The driver is half typed.
Client: TypeAlias = Any
RING = KeyRing(["k" * 43])


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Client]:
    found: Client = Redis.from_url(redis_url)
    yield found
    await found.aclose()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def store(client: Redis, clock: MovedClock) -> SessionStore:
    return RedisSessionStore(client, ring=RING, clock=clock, lifetimes=LIFETIMES)


@pytest.fixture
async def session(store: SessionStore) -> Session:
    return await store.create(LINUS, some_tokens(), DEVICE)


async def test_redis_forgets_a_session_an_hour_after_its_end(
    client: Client, store: SessionStore, session: Session, clock: MovedClock
) -> None:
    key, person = f"{AT}s:{session.ref}", (await client.keys(f"{AT}p:*"))[0]
    most = LIFETIMES.idle + timedelta(hours=1)
    assert most - timedelta(seconds=60) < timedelta(milliseconds=await client.pttl(key)) <= most
    clock.move(timedelta(minutes=20))
    await client.pexpire(key, 1000)
    await store.touch(session)
    assert timedelta(milliseconds=await client.pttl(key)) > most - timedelta(seconds=60)
    lasts = timedelta(milliseconds=await client.pttl(person))
    assert lasts > LIFETIMES.absolute
    assert await client.pttl(f"{AT}seen") == -1


async def test_what_is_over_leaves_nothing_behind(
    client: Client, store: SessionStore, session: Session, clock: MovedClock
) -> None:
    others = [await store.create(LINUS, Tokens(), DEVICE) for _ in range(4)]
    await store.revoke(session.id, reason=EndReason.SIGNED_OUT)
    await store.revoke_listed(others[0].ref, reason=EndReason.REVOKED)
    await store.revoke_person(LINUS.id, reason=EndReason.REVOKED, but=others[3].ref)
    clock.move(LIFETIMES.idle)
    await store.purge()
    assert await client.keys("*") == []


async def test_what_redis_lost_of_the_indexes_comes_back_with_use(
    client: Client, store: SessionStore, session: Session, clock: MovedClock
) -> None:
    await client.delete(f"{AT}seen", f"{AT}ends", *await client.keys(f"{AT}p:*"))
    assert await store.load(session.id) == session
    clock.move(timedelta(minutes=1))
    await store.touch(session)
    assert [found.ref for found in await store.list(limit=9)] == [session.ref]
    assert [found.ref for found in await store.list(person_id=LINUS.id, limit=9)] == [session.ref]
    clock.move(LIFETIMES.idle)
    assert [found.ref for found in await store.purge()] == [session.ref]


async def test_what_redis_lost_of_the_rows_leaves_the_indexes(
    client: Client, store: SessionStore, session: Session
) -> None:
    await client.delete(f"{AT}s:{session.ref}")
    assert await store.load(session.id) is None
    assert list(await store.list(limit=9)) == []
    assert list(await store.list(person_id=LINUS.id, limit=9)) == []
    sid, reason = str(session.tokens.sid), EndReason.SIGNED_OUT
    assert await store.revoke_provider_session("entra", sid, reason=reason) == []
    assert await client.keys("*") == [f"{AT}ends".encode()]


@pytest.mark.parametrize("field", ["h", "g", "m", "k", "c", "n", "i", "e", "t"])
@pytest.mark.parametrize("value", [None, b"", b"x", b"-1e400", b"9" * 400, b"\xff\xfe"])
async def test_a_poisoned_row_is_nobody_and_holds_nobody_up(
    client: Client, store: SessionStore, clock: MovedClock, field: str, value: bytes | None
) -> None:
    session = await store.create(LINUS, some_tokens(), DEVICE)
    other = await store.create(LINUS, Tokens(), DEVICE)
    key = f"{AT}s:{session.ref}"
    await (client.hset(key, field, value) if value is not None else client.hdel(key, field))
    found = await store.load(session.id)
    # A tag is only where a row is found; it is written anew when it is used.
    assert found is None or field in ("t", "n")
    assert other.ref in {one.ref for one in await store.list(limit=9)}
    assert other.ref in {one.ref for one in await store.list(person_id=LINUS.id, limit=9)}
    clock.move(LIFETIMES.idle)
    assert other.ref in {one.ref for one in await store.purge()}
    assert list(await store.purge()) == []


@pytest.mark.parametrize("key", ["s:REF", "seen", "ends", "p:*"])
async def test_a_foreign_value_is_an_outage_at_most_and_no_crash(
    client: Client, store: SessionStore, session: Session, key: str
) -> None:
    (at,) = await client.keys(AT.replace("{", "\\{") + key.replace("REF", session.ref))
    await client.delete(at)
    await client.set(at, "what is this?")
    if key == "s:REF":
        assert await store.load(session.id) is None
        assert await store.find(session.ref) is None
        assert list(await store.list(limit=9)) == []
        return
    assert await store.load(session.id) == session
    with pytest.raises(SessionStoreUnavailable) as raised:
        await store.create(LINUS, Tokens(), DEVICE)
    assert raised.value.remedy


async def test_a_server_that_lost_its_scripts_is_told_them_again(
    client: Client, store: SessionStore, session: Session, clock: MovedClock
) -> None:
    await client.script_flush()
    clock.move(timedelta(minutes=1))
    await store.touch(session)
    await client.script_flush()
    assert await store.revoke(session.id, reason=EndReason.SIGNED_OUT) is not None


async def test_a_person_with_thousands_of_sessions_costs_others_nothing(
    client: Client, store: SessionStore, session: Session
) -> None:
    row = await client.hgetall(f"{AT}s:{session.ref}")
    (person,) = await client.keys(f"{AT}p:*")
    async with client.pipeline(transaction=False) as many:
        for number in range(5000):
            many.hset(f"{AT}s:{number:032x}", mapping={**row, b"h": f"{number:064x}"})
            many.zadd(person, {f"{number:032x}": number})
        await many.execute()
    await client.config_resetstat()
    await store.create(LINUS, Tokens(), DEVICE)
    assert len(await store.list(person_id=LINUS.id, limit=1)) == 1
    stats = await client.info("commandstats")
    calls = sum(told["calls"] for name, told in stats.items() if name != "cmdstat_info")
    assert calls < 30
    assert "cmdstat_keys" not in stats
    assert "cmdstat_scan" not in stats
    # Rows that do not open are passed over, not gone through without end.
    with pytest.raises(SessionsPartlyEnded):
        await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
    assert await store.load(session.id) is None


@pytest.mark.parametrize("lose", ["freeze", "kill"])
async def test_a_redis_that_is_away_signs_nobody_out_and_holds_nobody_up(
    redis_server: PrivateRedis, clock: MovedClock, lose: str
) -> None:
    async with RedisConnections(redis_server.url) as connections:
        await connections.until(RedisState.READY)
        store = RedisSessionStore(connections.commands, ring=RING, clock=clock, lifetimes=LIFETIMES)
        session = await store.create(LINUS, some_tokens(), DEVICE)
        getattr(redis_server, lose)()
        async with asyncio.timeout(20):
            assert await store.load(session.id) == replace(session, unverified=True)
            for call in (
                store.load("never-was"),
                store.save(session),
                store.list(limit=1),
                store.list(person_id=LINUS.id, limit=1),
                store.find(session.ref),
                store.revoke_listed(session.ref, reason=EndReason.REVOKED),
                store.revoke_person(LINUS.id, reason=EndReason.REVOKED),
                store.purge(),
                store.create(LINUS, Tokens(), DEVICE),
            ):
                with pytest.raises(SessionStoreUnavailable) as raised:
                    await call
                assert raised.value.remedy
            clock.move(timedelta(seconds=30))
            with pytest.raises(SessionStoreUnavailable):
                await store.load(session.id)
        if lose == "freeze":
            redis_server.thaw()
            async with asyncio.timeout(20):
                await connections.until(RedisState.DOWN)
                await connections.until(RedisState.READY)
            assert await store.load(session.id) == session


async def test_a_redis_that_is_full_or_a_replica_still_tells_who_is_signed_in(
    client: Client, store: SessionStore, session: Session
) -> None:
    await client.config_set("maxmemory", "1")
    try:
        assert await store.load(session.id) == session
        with pytest.raises(SessionStoreUnavailable):
            await store.create(LINUS, Tokens(), DEVICE)
        # Ending must work, or nobody could be signed out of a store that is full.
        other = await store.find(session.ref)
        assert other is not None
        assert await store.revoke_listed(session.ref, reason=EndReason.REVOKED) == other
    finally:
        await client.config_set("maxmemory", "0")
    session = await store.create(LINUS, Tokens(), DEVICE)
    await client.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        assert await store.load(session.id) == session
        with pytest.raises(SessionStoreUnavailable):
            await store.revoke(session.id, reason=EndReason.SIGNED_OUT)
    finally:
        await client.execute_command("REPLICAOF", "NO", "ONE")
    assert await store.load(session.id) == session


async def test_what_was_ended_in_vain_is_served_to_nobody_meanwhile(
    store: SessionStore, session: Session, redis_server: PrivateRedis
) -> None:
    redis_server.kill()
    with pytest.raises(SessionStoreUnavailable):
        await store.revoke(session.id, reason=EndReason.SIGNED_OUT)
    with pytest.raises(SessionStoreUnavailable):
        await store.load(session.id)


async def test_a_session_read_costs_one_command(client: Client, store: SessionStore) -> None:
    session = await store.create(LINUS, some_tokens(), DEVICE)
    await client.config_resetstat()
    for _ in range(10):
        await store.load(session.id)
    stats = await client.info("commandstats")
    assert stats["cmdstat_hmget"]["calls"] == 10
    assert set(stats) <= {"cmdstat_hmget", "cmdstat_config|resetstat", "cmdstat_info"}


async def test_two_hubs_on_one_redis_know_nothing_of_each_other(
    client: Client, store: SessionStore, session: Session, clock: MovedClock
) -> None:
    other = RedisSessionStore(
        client, ring=RING, clock=clock, lifetimes=LIFETIMES, namespace="hub-2"
    )
    assert await other.load(session.id) is None
    assert list(await other.list(limit=9)) == []
    await other.create(LINUS, Tokens(), DEVICE)
    assert [found.ref for found in await store.list(limit=9)] == [session.ref]


@pytest.mark.parametrize("lose", ["freeze", "kill", "plan"])
async def test_a_new_master_signs_nobody_out(clock: MovedClock, lose: str) -> None:
    group = PrivateSentinels("7", password="p4ss")
    try:
        async with RedisConnections(group.url) as connections, asyncio.timeout(30):
            await connections.until(RedisState.READY)
            store = RedisSessionStore(
                connections.commands, ring=RING, clock=clock, lifetimes=LIFETIMES
            )
            session = await store.create(LINUS, some_tokens(), DEVICE)
            assert await connections.commands.wait(1, 5000) == 1
            if lose == "plan":
                assert group.sentinels[0].run("SENTINEL", "FAILOVER", MASTER_NAME) == "+OK"
            else:
                getattr(group.master, lose)()
            while connections.server is None or connections.server.port != group.replica.port:
                # Verified or not: no request finds that nobody is signed in.
                found = await store.load(session.id)
                assert found is not None
                assert replace(found, unverified=False) == session
                await asyncio.sleep(0.01)
            while True:
                try:
                    await store.revoke(session.id, reason=EndReason.SIGNED_OUT)
                except SessionStoreUnavailable:
                    await asyncio.sleep(0.01)
                else:
                    break
            assert await store.load(session.id) is None
    finally:
        group.remove()
