from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from events.served_events import ServedEvents, ended, serving
from gateway.served import eventually
from mainhub.errors import Unavailable

pytestmark = pytest.mark.anyio
BEAT = timedelta(milliseconds=20)


def readers(served: ServedEvents) -> list[Any]:
    return [reader for found in served.streams._sessions.values() for reader in found]


EVERYONE = ("ada", "grace", "linus", "alan")


async def test_ends_with_its_session_and_says_why() -> None:
    async with serving() as served:
        first, second = [await served.listen("ada.one") for _ in range(2)]
        other = await served.listen("ada.two")
        served.bus.emit("news:told", {})
        assert served.streams.end("ada.one", "revoked", by="Grace") == 2
        assert served.streams.count == 1
        for client in (first, second):
            assert len(await client.events(1)) == 1
            assert await ended(client) == {"reason": "revoked", "by": "Grace"}
        event = served.bus.emit("news:told", {})
        assert (await other.events(2))[1]["id"] == event.id


async def test_a_session_that_just_ended_opens_no_stream() -> None:
    async with serving() as served:
        served.streams.end("ada", "signed-out")
        assert (await served.connect()).status == 401
        assert (await served.connect(person="ada.new")).status == 200


async def test_ends_when_the_session_ended_elsewhere_or_by_time() -> None:
    async with serving(heartbeat=BEAT) as served:
        client = await served.listen()
        served.sessions.gone.add("ada")
        assert await ended(client) == {"reason": "expired", "by": None}
        assert served.streams.count == 0


async def test_ends_soon_after_its_session_and_not_at_the_next_beat_only() -> None:
    async with serving(heartbeat=timedelta(hours=1)) as served:
        served.sessions.expires_at = served.clock.now()
        client = await served.listen()
        served.sessions.gone.add("ada")
        assert await ended(client) == {"reason": "expired", "by": None}


async def test_goes_on_for_a_while_when_the_session_store_is_away() -> None:
    async with serving(heartbeat=BEAT) as served:
        client = await served.listen()
        served.sessions.failure = Unavailable("the store is away")
        seen = served.sessions.peeks
        await eventually(lambda: served.sessions.peeks > seen + 3)
        served.bus.emit("news:told", {})
        await client.events(1)
        served.clock.move(timedelta(seconds=31))
        assert (await ended(client))["reason"] == "unavailable"


async def test_a_look_is_not_lost_to_a_store_that_does_not_answer_just_then() -> None:
    """The next heartbeat may be long in coming, and what was missed is known by now."""
    async with serving(heartbeat=timedelta(hours=1)) as served:
        client = await served.listen()
        seen = served.sessions.peeks
        served.sessions.failure = Unavailable("the store is away")
        served.streams.look()
        await eventually(lambda: served.sessions.peeks > seen)
        served.sessions.gone.add("ada")
        served.sessions.failure = None
        assert await ended(client) == {"reason": "expired", "by": None}


async def test_a_look_during_another_one_is_made_afterwards() -> None:
    """What is being read then may be of before."""
    async with serving(heartbeat=timedelta(hours=1)) as served:
        client = await served.listen()
        seen, served.sessions.gate = served.sessions.peeks, asyncio.Event()
        served.streams.look()
        await eventually(lambda: served.sessions.peeks > seen)
        served.streams.look()
        await asyncio.sleep(0)
        gate, served.sessions.gate = served.sessions.gate, None
        await eventually(lambda: not any(reader.asked for reader in readers(served)))
        served.sessions.gone.add("ada")
        gate.set()
        assert await ended(client) == {"reason": "expired", "by": None}


async def test_the_grace_counts_from_when_the_session_was_vouched_for() -> None:
    async with serving(heartbeat=timedelta(hours=1), grace=timedelta(seconds=30)) as served:
        served.sessions.unvouched_for = timedelta(seconds=29.5)
        client = await served.listen()
        served.clock.move(timedelta(seconds=1))
        assert (await ended(client))["reason"] == "unavailable"


async def test_without_grace_a_stream_ends_when_nobody_vouches_for_it() -> None:
    async with serving(heartbeat=BEAT, grace=timedelta()) as served:
        client = await served.listen()
        served.sessions.failure = Unavailable("the store is away")
        assert (await ended(client))["reason"] == "unavailable"


async def test_a_store_that_comes_back_in_time_is_forgiven() -> None:
    async with serving(heartbeat=BEAT) as served:
        client = await served.listen()
        served.sessions.failure = Unavailable("the store is away")
        served.clock.move(timedelta(seconds=29))
        served.sessions.failure = None
        seen = served.sessions.peeks
        await eventually(lambda: served.sessions.peeks > seen + 2)
        served.clock.move(timedelta(seconds=29))
        served.sessions.failure = Unavailable("the store is away")
        seen = served.sessions.peeks
        await eventually(lambda: served.sessions.peeks > seen + 2)
        served.bus.emit("news:told", {})
        await client.events(1)


async def test_a_store_that_is_away_at_first_is_told_as_such() -> None:
    async with serving() as served:
        served.sessions.failure = Unavailable("the store is away")
        assert (await served.connect()).status == 503


async def test_a_fault_of_the_check_ends_the_stream() -> None:
    async with serving(heartbeat=BEAT) as served:
        client = await served.listen()
        served.sessions.failure = ZeroDivisionError("x")
        assert (await ended(client))["reason"] == "unavailable"


async def test_a_client_that_goes_away_frees_its_place_at_once() -> None:
    async with serving(per_session=1) as served:
        for _ in range(3):
            client = await served.listen()
            client.close()
            await eventually(lambda: served.streams.count == 0)


async def test_two_hundred_short_visits_leave_nobody_behind() -> None:
    async with serving(per_session=200) as served:
        before = len(asyncio.all_tasks())
        for batch in range(10):
            clients = await asyncio.gather(*(served.connect() for _ in range(20)))
            if batch % 2:
                served.bus.emit("news:told", {})
            for client in clients:
                client.close()
        await eventually(lambda: served.streams.count == 0)
        assert not served.streams._people
        assert not served.streams._sessions
        await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_who_reads_too_slowly_is_ended_and_loses_nothing() -> None:
    async with serving(history=2000, queue=16) as served:
        slow = await served.connect(small_buffer=True)
        hello = await slow.frame()
        assert hello is not None
        quick = await served.listen("grace")
        told, got = [], []
        while served.streams.count == 2:
            told.append(served.bus.emit("news:told", {"text": "x" * 15_000}).id)
            got += await quick.events(1)
            assert len(told) < 2000
        assert [event["id"] for event in got] == told
        received: list[str] = []
        # The end comes as its last word, or the connection just closes on it.
        try:
            while (frame := await slow.frame()) and frame.name == "message":
                received.append(frame.id)
        except asyncio.IncompleteReadError:
            frame = None
        assert frame is None or frame.data["reason"] == "slow"
        assert received == told[: len(received)]
        again = await served.listen(after=slow.last_id)
        rest = await again.events(len(told) - len(received))
        assert received + [event["id"] for event in rest] == told


async def test_all_streams_end_when_the_process_does() -> None:
    async with serving() as served:
        clients = [await served.listen(EVERYONE[number % 4]) for number in range(10)]
        served.bus.emit("news:told", {})
        await served.drain()
        assert served.streams.count == 0
        for client in clients:
            assert len(await client.events(1)) == 1
            assert (await ended(client))["reason"] == "draining"


async def test_a_client_that_does_not_read_holds_up_the_end_no_longer_than_is_granted() -> None:
    async with serving(history=2000, queue=2000) as served:
        stuck = await served.connect(small_buffer=True)
        (reader,) = served.streams._sessions["ada"]
        emitted = 0
        while emitted < 2000 and len(reader._frames) < 20:
            served.bus.emit("news:told", {"text": "x" * 15_000})
            emitted += 1
            await asyncio.sleep(0)
        assert reader._patience is not None, "the client was to be stuck"
        await served.drain()
        assert served.streams.count == 0
        assert reader.ended is not None
        assert reader.ended.reason == "draining"
        stuck.close()


async def test_a_hub_that_stops_opens_no_stream() -> None:
    async with serving() as served:
        served.streams.close()
        refused = await served.connect()
        assert refused.status == 503
        assert b"urn:mainhub:problem:draining" in refused.body
