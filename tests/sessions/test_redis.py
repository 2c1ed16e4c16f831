"""Sessions in a real Redis: of both versions, behind Sentinels, and in a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from mainhub.sessions import KeyRing
from mainhub.sessions.redis import RedisSessionStore
from mainhub.storage.redis import RedisState
from redis_server.groups import PrivateCluster, PrivateSentinels
from redis_server.patient import PATIENCE, patient
from sessions.attacks import AttackedStoreContract
from sessions.contract import LIFETIMES, SessionStoreContract
from sessions.redis_vault import RedisVault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from mainhub.sessions import SessionStore
    from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
RING = KeyRing(["k" * 43])


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    found: Redis = Redis.from_url(redis_url)
    yield found
    await found.aclose()


@pytest.fixture
def made(client: Redis, clock: MovedClock) -> Callable[[KeyRing], SessionStore]:
    return lambda ring: RedisSessionStore(
        client, ring=ring, clock=clock, lifetimes=LIFETIMES, timeout=PATIENCE
    )


@pytest.fixture
def vault(client: Redis) -> RedisVault:
    return RedisVault(client)


@pytest.mark.usefixtures("redis_kind")
class TestRedisSessionStore(AttackedStoreContract):
    pass


@pytest.fixture(scope="module")
def sentinels() -> Iterator[PrivateSentinels]:
    group = PrivateSentinels("7", password="p4ss")
    yield group
    group.remove()


@pytest.fixture(scope="module")
def cluster() -> Iterator[PrivateCluster]:
    group = PrivateCluster("7")
    yield group
    group.remove()


class InAGroup(SessionStoreContract):
    """Subclasses give the fixture ``group``."""

    @pytest.fixture
    async def store(
        self, group: PrivateSentinels | PrivateCluster, clock: MovedClock
    ) -> AsyncIterator[SessionStore]:
        async with patient(group.url) as connections:
            await connections.until(RedisState.READY)
            await connections.commands.flushall()
            yield RedisSessionStore(
                connections.commands, ring=RING, clock=clock, lifetimes=LIFETIMES, timeout=PATIENCE
            )


class TestBehindSentinels(InAGroup):
    @pytest.fixture
    def group(self, sentinels: PrivateSentinels) -> PrivateSentinels:
        return sentinels


class TestInACluster(InAGroup):
    @pytest.fixture
    def group(self, cluster: PrivateCluster) -> PrivateCluster:
        return cluster
