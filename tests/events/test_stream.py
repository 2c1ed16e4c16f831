from __future__ import annotations

from datetime import timedelta

import pytest

from events.moments import ADA, GRACE, LINUS
from events.served_events import ended, serving
from gateway.served import eventually

pytestmark = pytest.mark.anyio
BEAT = timedelta(milliseconds=20)
EVERYONE = ("ada", "grace", "linus", "alan")


async def test_begins_with_who_reads_and_from_where() -> None:
    async with serving() as served:
        client = await served.connect()
        assert client.status == 200
        assert client.headers["content-type"] == "text/event-stream"
        assert client.headers["cache-control"] == "no-store"
        assert client.headers["x-accel-buffering"] == "no"
        assert "content-length" not in client.headers
        hello = await client.frame()
        assert hello is not None
        assert hello.data == {
            "person": "t.ada",
            "session": "ada",
            "heartbeat_seconds": 15.0,
            "cursor": str(served.bus.cursor),
        }
        assert hello.id == str(served.bus.cursor)


async def test_ten_readers_get_everything_once_and_in_order() -> None:
    async with serving() as served:
        clients = [await served.listen(EVERYONE[number % 4]) for number in range(10)]
        assert served.streams.count == 10
        told = [served.bus.emit("news:told", {"number": number}) for number in range(50)]
        for client in clients:
            got = await client.events(50)
            assert [event["id"] for event in got] == [event.id for event in told]
            assert [event["data"]["number"] for event in got] == list(range(50))


async def test_an_event_reaches_whom_it_is_for_and_nobody_else() -> None:
    async with serving() as served:
        clients = {name: await served.listen(name) for name in EVERYONE}
        second = await served.listen("ada.second")
        served.bus.emit("theme:changed", {"theme": "dark"}, by=ADA)
        served.bus.emit("orders:changed", {}, by=GRACE)
        served.bus.emit(
            "app:error", {"app": "x", "step": "load", "message": "no"}, by=LINUS, source="shell"
        )
        served.bus.emit("cache:invalidated", {"keys": ["frontends"]})
        expected = {
            "ada": ["theme:changed", "app:error", "cache:invalidated"],
            "grace": ["orders:changed", "cache:invalidated"],
            "linus": ["orders:changed", "cache:invalidated"],
            "alan": ["cache:invalidated"],
        }
        for name, types in expected.items():
            assert [found["type"] for found in await clients[name].events(len(types))] == types
        assert [found["type"] for found in await second.events(3)] == expected["ada"]


async def test_resumes_where_it_was_without_loss_or_doubles() -> None:
    async with serving() as served:
        client = await served.listen()
        for number in range(5):
            served.bus.emit("news:told", {"number": number})
        (*_, last) = await client.events(5)
        client.close()
        await eventually(lambda: served.streams.count == 0)
        missed = [served.bus.emit("news:told", {"number": number}).id for number in range(5, 9)]
        served.bus.emit("theme:changed", {"theme": "dark"}, by=GRACE)
        again = await served.listen(after=last["id"])
        live = served.bus.emit("news:told", {"number": 9}).id
        assert [event["id"] for event in await again.events(5)] == [*missed, live]


async def test_resumes_from_the_very_beginning_by_the_id_of_hello() -> None:
    async with serving() as served:
        client = await served.listen()
        client.close()
        event = served.bus.emit("news:told", {})
        again = await served.connect(target=f"/events/stream?after={client.last_id}")
        hello, missed = await again.frames(2)
        assert (hello.data["cursor"], missed.id) == (client.last_id, event.id)


async def test_what_a_browser_sends_again_goes_before_the_address() -> None:
    async with serving() as served:
        first, second = (served.bus.emit("news:told", {}).id for _ in range(2))
        start = first[:-1] + "0"
        client = await served.connect(
            f"Last-Event-ID: {first}", target=f"/events/stream?after={start}"
        )
        hello, missed = await client.frames(2)
        assert (hello.data["cursor"], missed.id) == (first, second)


async def test_tells_a_gap_after_a_restart_and_then_all_of_the_new_process() -> None:
    async with serving() as served:
        client = await served.listen()
        old = served.bus.emit("news:told", {}).id
        await client.events(1)
        served.restart()
        assert (await ended(client))["reason"] == "draining"
        new = [served.bus.emit("news:told", {}).id for _ in range(3)]
        served.bus.emit("theme:changed", {"theme": "dark"}, by=GRACE)
        again = await served.listen(after=old)
        gap = await again.frame()
        assert gap is not None
        assert (gap.name, gap.data) == ("gap", {"reason": "restarted"})
        assert [event["id"] for event in await again.events(3)] == new


async def test_tells_a_gap_when_too_much_happened_and_then_what_is_left() -> None:
    async with serving(history=3) as served:
        start = str(served.bus.cursor)
        told = [served.bus.emit("news:told", {}).id for _ in range(5)]
        client = await served.listen(after=start)
        gap = await client.frame()
        assert gap is not None
        assert (gap.name, gap.data) == ("gap", {"reason": "overflow"})
        assert [event["id"] for event in await client.events(3)] == told[2:]


async def test_tells_no_gap_in_what_others_were_told() -> None:
    async with serving(history=1) as served:
        start = str(served.bus.cursor)
        for _ in range(3):
            served.bus.emit("theme:changed", {"theme": "dark"}, by=GRACE)
            served.bus.emit("app:error", {"app": "x", "step": "load", "message": "no"})
        client = await served.listen("linus", after=start)
        event = served.bus.emit("news:told", {})
        assert (await client.events(1))[0]["id"] == event.id


@pytest.mark.parametrize(
    "cursor",
    [
        "nothing",
        "EPOCH",
        "EPOCH-",
        "EPOCH--1",
        "EPOCH-01",
        "EPOCH-1.5",
        "EPOCH-1%00",
        "%00",
        "",
        f"EPOCH-{10**30}",
        "EPOCH-7",
        "EPOCH-9999999999999999",
        "zzzzzzzz-1",
        "EPOCH-1&after=EPOCH-1",
        "EPOCH-%D9%A1",
        "EPOCH-1%0Aid:%202",
    ],
)
async def test_a_cursor_that_is_none_is_told_with_a_remedy(cursor: str) -> None:
    async with serving() as served:
        target = f"/events/stream?after={cursor.replace('EPOCH', served.bus.cursor.epoch)}"
        client = await served.connect(target=target)
        assert client.status == 400
        assert b'"remedy":' in client.body
        assert served.streams.count == 0


async def test_nobody_gets_nothing() -> None:
    async with serving() as served:
        for person in (None, "mallory"):
            client = await served.connect(person=person)
            assert client.status == 401
            assert b"urn:mainhub:problem:not-signed-in" in client.body


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_is_only_read(method: str) -> None:
    async with serving() as served:
        client = await served.connect(method=method)
        assert (client.status, client.headers["allow"]) == (405, "GET")
        assert served.streams.count == 0


async def test_there_is_one_stream_only() -> None:
    async with serving() as served:
        assert (await served.connect(target="/events")).status == 404
        assert (await served.connect(target="/events/stream/")).status == 404


async def test_another_sites_page_gets_nothing() -> None:
    async with serving() as served:
        for site in ("cross-site", "same-site", "x"):
            client = await served.connect(f"Sec-Fetch-Site: {site}")
            assert client.status == 403
        assert (await served.connect("Sec-Fetch-Site: same-origin")).status == 200


async def test_a_persons_new_roles_count_from_the_next_check_on() -> None:
    async with serving(heartbeat=BEAT) as served:
        client = await served.listen("alan")
        served.bus.emit("orders:changed", {})
        served.sessions.roles = ("Employee",)
        seen = served.sessions.peeks
        await eventually(lambda: served.sessions.peeks > seen + 1)
        event = served.bus.emit("orders:changed", {})
        assert [found["id"] for found in await client.events(1)] == [event.id]


async def test_shows_that_it_lives() -> None:
    async with serving(heartbeat=BEAT) as served:
        client = await served.listen()
        await eventually(lambda: served.sessions.peeks > 3)
        served.bus.emit("news:told", {})
        await client.events(1)
        assert client.beats >= 2


async def test_a_session_has_so_many_streams_and_the_hub_too() -> None:
    async with serving(per_session=2, most=3) as served:
        for _ in range(2):
            assert (await served.connect()).status == 200
        refused = await served.connect()
        assert refused.status == 429
        assert b"urn:mainhub:problem:too-many-streams" in refused.body
        assert (await served.connect(person="ada.two")).status == 200
        full = await served.connect(person="grace")
        assert full.status == 503
        assert b"urn:mainhub:problem:streams-exhausted" in full.body
