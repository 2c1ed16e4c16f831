"""Ends of sessions between processes, and whatever somebody else puts there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from typing_extensions import override

from mainhub.sessions import EndReason, EndsFeed, EndTold, KeyRing, Purpose
from mainhub.sessions.postgresql import PostgresqlEnds
from mainhub.sessions.redis import RedisEnds
from mainhub.storage import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from redis_server.server import PrivateRedis
    from sql.postgresql import PrivatePostgresql

pytestmark = pytest.mark.anyio

SOON = 20.0
RING = KeyRing(["k" * 43])
TOLD = EndTold("a" * 32, "tid.linus", EndReason.REVOKED, "Ada")


class Process:
    """What one process hears."""

    def __init__(self) -> None:
        self.heard: list[EndTold] = []
        self.missed = self.doubted = 0

    def doubt(self) -> None:
        self.doubted += 1

    def miss(self) -> None:
        self.missed += 1


async def came(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - of something that tells nobody
            await asyncio.sleep(0.005)


class EndsContract:
    """Two processes that tell each other."""

    @pytest.fixture
    async def feeds(self) -> AsyncIterator[tuple[EndsFeed, EndsFeed]]:
        raise NotImplementedError

    async def lose(self) -> None:
        """Take the server away, with what it carries."""
        raise NotImplementedError

    async def back(self) -> None:
        """Bring it back."""
        raise NotImplementedError

    @pytest.fixture
    def processes(self) -> tuple[Process, Process]:
        return Process(), Process()

    async def test_others_hear_it_and_the_own_process_does_not(
        self, feeds: tuple[EndsFeed, EndsFeed], processes: tuple[Process, Process]
    ) -> None:
        feeds[0].tell(TOLD)
        feeds[1].tell(EndTold("b" * 32, "someone", EndReason.SIGNED_OUT))
        await came(lambda: bool(processes[1].heard and processes[0].heard))
        assert processes[1].heard == [TOLD]
        assert [told.ref for told in processes[0].heard] == ["b" * 32]

    async def test_what_was_before_the_first_link_may_have_been_missed(
        self, feeds: tuple[EndsFeed, EndsFeed], processes: tuple[Process, Process]
    ) -> None:
        assert len(feeds) == len(processes)
        assert [process.missed for process in processes] == [1, 1]

    async def test_who_cannot_say_what_ended_has_the_others_look(
        self, feeds: tuple[EndsFeed, EndsFeed], processes: tuple[Process, Process]
    ) -> None:
        feeds[0].doubt()
        await came(lambda: processes[1].doubted == 1)
        assert processes[0].doubted == 0
        assert processes[1].heard == []

    async def test_many_arrive_in_order(
        self, feeds: tuple[EndsFeed, EndsFeed], processes: tuple[Process, Process]
    ) -> None:
        refs = [f"{number:032x}" for number in range(300)]
        for ref in refs:
            feeds[0].tell(EndTold(ref, "x" * 512, EndReason.EXPIRED, "é" * 200))
        await came(lambda: len(processes[1].heard) == len(refs))
        assert [told.ref for told in processes[1].heard] == refs

    async def test_what_could_not_be_told_is_told_later_and_gaps_are_known(
        self, feeds: tuple[EndsFeed, EndsFeed], processes: tuple[Process, Process]
    ) -> None:
        await self.lose()
        await came(lambda: not feeds[1]._is_linked.is_set())
        await came(lambda: not feeds[0]._is_linked.is_set())
        feeds[0].tell(TOLD)
        missed = processes[1].missed
        await self.back()
        await came(lambda: processes[1].missed > missed)
        # It may have been told before the other one listened again: then that one has looked.
        feeds[0].tell(EndTold("c" * 32, "someone", EndReason.REVOKED))
        await came(lambda: any(told.ref == "c" * 32 for told in processes[1].heard))


class TestRedisEnds(EndsContract):
    @pytest.fixture
    @override
    async def feeds(
        self, redis_server: PrivateRedis, processes: tuple[Process, Process]
    ) -> AsyncIterator[tuple[EndsFeed, EndsFeed]]:
        self.server = redis_server
        client = Redis(port=redis_server.port, socket_timeout=1)
        made = [
            RedisEnds(
                publisher=client,
                subscriber=client,
                ring=RING,
                heard=one.heard.append,
                missed=one.miss,
                doubted=one.doubt,
            )
            for one in processes
        ]
        async with made[0], made[1], asyncio.timeout(SOON):
            for feed in made:
                await feed.listening()
            yield made[0], made[1]
        await client.aclose()

    @override
    async def lose(self) -> None:
        self.server.kill()

    @override
    async def back(self) -> None:
        self.server.start()

    async def test_what_makes_no_sense_is_ignored(
        self,
        feeds: tuple[EndsFeed, EndsFeed],
        processes: tuple[Process, Process],
        redis_server: PrivateRedis,
    ) -> None:
        async with Redis(port=redis_server.port) as stranger:
            for bad in (b"", b"{}", b"\xff", b"[" * 3000, b"x" * 10_000):
                await stranger.publish("mainhub:session-ends", bad)
        await came(lambda: feeds[1].ignored == 5)
        assert processes[1].heard == []


class TestPostgresqlEnds(EndsContract):
    @pytest.fixture
    @override
    async def feeds(
        self, postgresql: PrivatePostgresql, processes: tuple[Process, Process]
    ) -> AsyncIterator[tuple[EndsFeed, EndsFeed]]:
        self.server, self.name = postgresql, postgresql.fresh()
        databases = [Database(postgresql.url(self.name)) for _ in processes]
        made = [
            PostgresqlEnds(
                database, ring=RING, heard=one.heard.append, missed=one.miss, doubted=one.doubt
            )
            for one, database in zip(processes, databases, strict=True)
        ]
        async with made[0], made[1], asyncio.timeout(SOON):
            for feed in made:
                await feed.listening()
            yield made[0], made[1]
        for database in databases:
            await database.aclose()

    @override
    async def lose(self) -> None:
        # A server that is stopped would be away for other tests of this run.
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        self.server.run(
            f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false", f"{cut}'{self.name}'"
        )

    @override
    async def back(self) -> None:
        self.server.run(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")


class Heard(EndsFeed):
    """A feed that is handed its messages."""

    @override
    async def _send(self, text: str) -> None:
        self._take(text)

    @property
    @override
    def _failures(self) -> tuple[type[Exception], ...]:
        return ()


@given(message=st.binary(max_size=300) | st.text(max_size=300))
async def test_any_message_is_read_or_ignored(message: str | bytes) -> None:
    process = Process()
    feed = Heard(ring=RING, heard=process.heard.append, missed=process.miss, doubted=process.doubt)
    feed._take(message)
    assert (feed.ignored, process.heard) == (1, [])


VALUES = st.none() | st.text(max_size=40) | st.integers() | st.sampled_from(["revoked", "a" * 32])


@given(st.dictionaries(st.sampled_from(["v", "from", "ref", "person", "reason", "by"]), VALUES))
async def test_forged_messages_name_sound_sessions_or_nothing(facts: dict[str, object]) -> None:
    process = Process()
    feed = Heard(ring=RING, heard=process.heard.append, missed=process.miss, doubted=process.doubt)
    try:
        told = orjson.dumps(facts).decode()
    except TypeError:
        return
    feed._take(orjson.dumps({"told": told, "sign": RING.tag(told, purpose=Purpose.SESSION_ENDS)}))
    for heard in process.heard:
        assert len(heard.ref) == 32
        assert heard.person_id
        assert heard.reason in set(EndReason)


FORGED = {"v": 1, "from": "x", "ref": "a" * 32, "person": "p", "reason": "revoked", "by": "Boss"}


@pytest.mark.parametrize("sign", [None, "", "0" * 64, "é", 7])
async def test_what_the_hub_has_not_signed_is_nobodys_word(sign: object) -> None:
    process = Process()
    feed = Heard(ring=RING, heard=process.heard.append, missed=process.miss, doubted=process.doubt)
    told = orjson.dumps(FORGED).decode()
    for message in (FORGED, {"told": told}, {"told": told, "sign": sign}):
        feed._take(orjson.dumps(message))
    assert (feed.ignored, process.heard, process.missed) == (3, [], 0)


async def test_a_key_that_is_rotated_is_believed_for_as_long_as_it_is_in_the_ring() -> None:
    told = orjson.dumps(FORGED).decode()
    message = {"told": told, "sign": RING.tag(told, purpose=Purpose.SESSION_ENDS)}
    for keys, heard in ((["n" * 43, "k" * 43], 1), (["n" * 43], 0)):
        process = Process()
        feed = Heard(
            ring=KeyRing(keys),
            heard=process.heard.append,
            missed=process.miss,
            doubted=process.doubt,
        )
        feed._take(orjson.dumps(message))
        assert len(process.heard) == heard


async def test_what_waits_is_told_before_the_end() -> None:
    process = Process()
    feed = Heard(ring=RING, heard=process.heard.append, missed=process.miss, doubted=process.doubt)
    other = Heard(ring=RING, heard=process.heard.append, missed=process.miss, doubted=process.doubt)
    sent: list[str] = []

    async def send(text: str) -> None:
        await asyncio.sleep(0)
        sent.append(text)

    feed._send = send  # type: ignore[method-assign]  # a slow one
    async with feed:
        feed._linked(is_linked=True)
        for _ in range(50):
            feed.tell(TOLD)
    for text in sent:
        other._take(text)
    assert process.heard == [TOLD] * 50
