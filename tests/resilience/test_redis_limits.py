"""Counts that processes share through a real Redis, of both versions."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis
from typing_extensions import override

from mainhub.errors import Unavailable
from mainhub.resilience import Admission, Deadline, InsuredLimits, Limit, LimitStore
from mainhub.resilience.redis import LimitsUnavailable, LiveNodes
from resilience.counting import WAYS, counting
from resilience.limit_contract import SLOW, LimitContract

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio
NODE = Path(__file__).with_name("limit_node.py")


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    found: Redis = Redis.from_url(redis_url)
    yield found
    await found.aclose()


@pytest.fixture(params=WAYS)
async def store(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[LimitStore]:
    async with counting(request.param, redis_url) as limits:
        yield limits


@pytest.mark.usefixtures("redis_kind")
class TestRedisLimits(LimitContract):
    pass


async def test_one_round_trip_for_all_that_ask_in_one_turn(
    client: Redis, store: LimitStore
) -> None:
    await store.take("warm", SLOW)
    before = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    await asyncio.gather(*(store.take(f"key-{number}", SLOW) for number in range(50)))
    after = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before == 1


async def test_a_server_that_lost_its_scripts_is_told_them_again(
    client: Redis, store: LimitStore
) -> None:
    await store.take("ada", SLOW)
    await client.script_flush()
    assert (await store.take("ada", SLOW)).remaining == 8


async def test_redis_forgets_a_key_that_is_as_good_as_new(client: Redis, store: LimitStore) -> None:
    await store.take("ada", Limit(10, timedelta(seconds=100)))
    (key,) = await client.keys("*")
    left = await client.pttl(key)
    assert key == b"mainhub:limit:default:ada"
    assert 0 < left <= 10_002


async def test_a_foreign_value_is_as_good_as_none(client: Redis, store: LimitStore) -> None:
    await client.set("mainhub:limit:default:ada", "what is this?")
    assert (await store.take("ada", SLOW)).remaining == 9


async def test_something_else_under_the_key_is_an_outage_and_no_crash(
    client: Redis, store: LimitStore
) -> None:
    await client.rpush("mainhub:limit:default:ada", "a list")
    with pytest.raises(LimitsUnavailable):
        await store.take("ada", SLOW)


def test_four_processes_with_skewed_clocks_never_admit_too_much(redis_url: str) -> None:
    limit, seconds = 100, 2.0
    skews = ("-0.5", "-0.2", "0.2", "0.5")
    command = [sys.executable, str(NODE), redis_url, str(limit), str(seconds)]
    nodes = [
        subprocess.Popen([*command, skew], stdout=subprocess.PIPE, text=True) for skew in skews
    ]
    told = []
    for node in nodes:
        output, _ = node.communicate(timeout=120)
        assert node.returncode == 0
        told.append(json.loads(output))
    admitted = sum(one["admitted"] for one in told)
    # By the clock of Redis, from the first question of all to the last answer.
    took = max(one["last"] for one in told) - min(one["first"] for one in told)
    assert sum(one["asked"] for one in told) > 2 * admitted
    assert limit <= admitted <= limit + limit * took


class TestWhenRedisIsAway:
    """Frozen or killed: a short wait once, the share of this process, and back again."""

    @pytest.fixture
    async def insured(self, store: LimitStore) -> AsyncIterator[InsuredLimits]:
        async with InsuredLimits(store, nodes=lambda: 4) as limits:
            yield limits

    @pytest.mark.parametrize("way", ["frozen", "killed"])
    async def test_goes_on_with_its_share_at_once(
        self, insured: InsuredLimits, redis_server: PrivateRedis, way: str
    ) -> None:
        limit = Limit(100, timedelta(days=1))
        await insured.take("ada", limit)
        redis_server.freeze() if way == "frozen" else redis_server.stop()
        began = time.perf_counter()
        answers = await asyncio.gather(*(insured.take("grace", limit) for _ in range(60)))
        first = time.perf_counter() - began
        began = time.perf_counter()
        for _ in range(100):
            answers.append(await insured.take("grace", limit))
        later = (time.perf_counter() - began) / 100
        # 50 ms and no time; redis-py by itself would wait for 5 s each time.
        assert first < 2.5
        assert later < 0.05
        assert [answer.allowed for answer in answers].count(True) == 25
        assert insured.is_local
        assert insured.answered_locally == 160

        redis_server.thaw() if way == "frozen" else redis_server.start()
        async with asyncio.timeout(60):
            while insured.is_local:  # noqa: ASYNC110 - a condition of others
                await asyncio.sleep(0.01)
        # A frozen server has counted those 60, too, once it went on: never too few.
        expected = 100 - (60 if way == "frozen" else 0) - 1
        assert (await insured.take("grace", limit)).remaining == expected

    async def test_an_unreachable_one_is_never_unlimited(self) -> None:
        class Gone(LimitStore):
            async def take(self, key: str, limit: Limit, cost: int = 1) -> None:  # type: ignore[override]
                raise LimitsUnavailable(f"{key} {limit} {cost}")

        async with InsuredLimits(Gone()) as limits:
            answers = [(await limits.take("ada", SLOW)).allowed for _ in range(12)]
        assert answers.count(True) == 10

    async def test_a_cost_above_the_share_takes_all_of_it(self) -> None:
        class Gone(LimitStore):
            async def take(self, key: str, limit: Limit, cost: int = 1) -> None:  # type: ignore[override]
                raise Unavailable(f"{key} {limit} {cost}")

        async with InsuredLimits(Gone(), nodes=lambda: 5) as limits:
            assert (await limits.take("ada", SLOW, 10)).allowed
            assert not (await limits.take("ada", SLOW, 10)).allowed


async def test_counts_the_processes_that_are_there(
    client: Redis, redis_server: PrivateRedis
) -> None:
    every = timedelta(milliseconds=20)
    async with (
        LiveNodes(client, every=every) as first,
        LiveNodes(client, every=every) as second,
        asyncio.timeout(60),
    ):
        while (first.count, second.count) != (2, 2):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.01)
        redis_server.stop()
        await asyncio.sleep(0.1)
        assert (first.count, second.count) == (2, 2), "the last known number stays"
        redis_server.start()
    async with LiveNodes(client, every=every) as alone, asyncio.timeout(60):
        await alone.beat()
        while alone.count != 1:
            await alone.beat()


async def test_looks_for_redis_beyond_the_deadline_of_who_lost_it() -> None:
    class Away(LimitStore):
        gone = True

        @override
        async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
            if self.gone:
                raise LimitsUnavailable(key)
            return Admission(True, limit, limit.at_once - cost, 0.0, 0.0)  # noqa: FBT003

    store = Away()
    async with InsuredLimits(store) as limits, asyncio.timeout(60):
        with Deadline.within(timedelta(milliseconds=20)):
            await limits.take("ada", SLOW)
        store.gone = False
        while limits.is_local:  # noqa: ASYNC110 - a condition of others
            await asyncio.sleep(0.01)


async def test_callers_in_a_hurry_find_out_that_it_hangs() -> None:
    class Hanging(LimitStore):
        @override
        async def take(self, key: str, limit: Limit, cost: int = 1) -> Admission:
            await asyncio.sleep(3600)
            raise AssertionError

    async with InsuredLimits(Hanging()) as limits:
        with Deadline.within(timedelta(milliseconds=5)):
            assert (await limits.take("ada", SLOW)).allowed
        assert limits.is_local
