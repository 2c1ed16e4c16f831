"""What strangers, clocks and ends may do to a count in Redis, and to those who wait with them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis, RedisCluster

from mainhub.resilience import Limit, RateLimiter
from mainhub.resilience.redis import LimitsUnavailable, LiveNodes, RedisLimits
from redis_server.groups import PrivateCluster
from resilience.counting import WAYS, counting
from resilience.limit_contract import SLOW
from resilience.test_limit_model import MovedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    found: Redis = Redis.from_url(redis_url)
    yield found
    await found.aclose()


@pytest.fixture(params=WAYS)
async def store(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[RedisLimits]:
    async with counting(request.param, redis_url) as limits:
        yield limits


@pytest.mark.parametrize("key", ["\ud800", "", "a b\r\nc", "é" * 5000, "x" * 100_000, "\x00"])
async def test_no_key_is_anybody_elses_trouble(store: RedisLimits, key: str, client: Redis) -> None:
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(store.take(one, SLOW) for one in ("ada", key, key)))
    assert [answer.remaining for answer in answers] == [9, 9, 8]
    assert all(len(name) < 400 for name in await client.keys("*"))


async def test_limits_of_other_names_count_for_themselves(store: RedisLimits) -> None:
    once = [RateLimiter(Limit(1, timedelta(days=1), name=name), store) for name in ("one", "two")]
    assert [(await limiter.check("ada")).allowed for limiter in once] == [True, True]
    assert [(await limiter.check("ada")).allowed for limiter in once] == [False, False]


@pytest.mark.parametrize("gone", [0, 1])
async def test_the_first_and_the_others_of_a_turn_are_free_to_go(
    store: RedisLimits, gone: int
) -> None:
    asked = [asyncio.create_task(store.take("ada", SLOW)) for _ in range(3)]
    await asyncio.sleep(0)
    asked[gone].cancel()
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[gone], asyncio.CancelledError)
    assert [bool(one) for place, one in enumerate(answers) if place != gone] == [True, True]
    assert (await store.take("ada", SLOW)).remaining >= 6


async def test_who_waits_at_the_end_is_told_so(
    store: RedisLimits, redis_server: PrivateRedis
) -> None:
    await store.take("ada", SLOW)
    redis_server.freeze()
    asked = [asyncio.create_task(store.take("ada", SLOW)) for _ in range(3)]
    for _ in range(3):
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await store.aclose()
        redis_server.thaw()
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [LimitsUnavailable] * 3
    with pytest.raises(LimitsUnavailable):
        await store.take("ada", SLOW)


@pytest.mark.parametrize("written", ["{ahead}", "{ahead}:{ahead}"])
async def test_a_clock_that_was_set_back_holds_nobody_up_for_longer_than_the_limit(
    store: RedisLimits, client: Redis, written: str
) -> None:
    limit = Limit(10, timedelta(seconds=10), block_for=timedelta(seconds=30))
    seconds, _ = await client.time()
    ahead = (seconds + 86_400) * 1_000_000
    await client.set("mainhub:limit:default:ada", written.format(ahead=ahead))
    answer = await store.take("ada", limit)
    assert not answer.allowed
    assert answer.remaining == 0
    assert 0 < answer.retry_after <= 30


async def test_a_block_leaves_nothing_and_ends_when_it_says(
    store: RedisLimits, client: Redis
) -> None:
    limit = Limit(10, timedelta(days=1), block_for=timedelta(seconds=30))
    await store.take("ada", limit, 8)
    refused = await store.take("ada", limit, 3)
    assert (refused.remaining, refused.allowed) == (0, False)
    assert refused.retry_after > 30  # three places come back later than the block ends
    cheap = await store.take("ada", limit)
    assert 29 < cheap.retry_after <= 30
    assert (await client.pttl("mainhub:limit:default:ada")) > 60_000


async def test_a_cluster_counts_each_key_where_it_is() -> None:
    servers = PrivateCluster("7")
    try:
        node = servers.nodes[0]
        async with RedisCluster(host="127.0.0.1", port=node.port) as client:
            store = RedisLimits(client)
            answers = await asyncio.gather(
                *(store.take(f"key-{number % 20}", SLOW) for number in range(100))
            )
            left = sorted(answer.remaining for answer in answers)
            assert left == sorted([9, 8, 7, 6, 5] * 20)
            await store.aclose()
    finally:
        servers.remove()


async def test_fewer_processes_are_believed_in_only_after_a_while(client: Redis) -> None:
    clock = MovedClock()
    nodes = [LiveNodes(client, clock=clock) for _ in range(3)]
    for node in nodes:
        await node.beat()
    assert nodes[-1].count == 3
    # Redis starts anew, and this one is the first to speak.
    await client.flushall()
    await nodes[-1].beat()
    assert nodes[-1].count == 3
    clock.us += 16_000_000
    await nodes[-1].beat()
    assert nodes[-1].count == 1
