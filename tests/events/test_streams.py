from __future__ import annotations

import pytest

from events.moments import ADA, GRACE, LINUS, a_bus, caller, permits, person
from mainhub.events import Event, OnePerson, Streams
from mainhub.events.reader import End, EndReason, Reader
from mainhub.events.streams import TooManyStreams
from mainhub.identity import NotSignedIn


def ids(reader: Reader) -> list[str]:
    lines = reader.take().decode().splitlines()
    return [line.removeprefix("id: ") for line in lines if line.startswith("id: ")]


def test_who_opens_a_stream_because_of_an_event_gets_what_follows_it() -> None:
    bus = a_bus()
    opened: list[Reader] = []
    # Before the streams, so that they are told of the event after the stream was opened.
    bus.once("news:told", lambda _event: opened.append(streams.open(caller(ADA))))
    streams = Streams(bus, permits=permits)
    bus.emit("news:told", {})
    following = bus.emit("news:told", {})
    (reader,) = opened
    assert ids(reader) == [following.id]


def test_who_resumes_because_of_an_event_gets_it_once() -> None:
    bus = a_bus()
    opened: list[Reader] = []
    start = str(bus.cursor)
    bus.once("news:told", lambda _event: opened.append(streams.open(caller(ADA), after=start)))
    streams = Streams(bus, permits=permits)
    event = bus.emit("news:told", {})
    (reader,) = opened
    assert [missed.id for missed in reader.opening.missed] == [event.id]
    assert ids(reader) == []


def test_a_persons_event_asks_nobody_elses_reader() -> None:
    bus, asked = a_bus(), list[object]()

    def judging(who: object, _roles: object) -> bool:
        asked.append(who)
        return True

    streams = Streams(bus, permits=judging)
    readers = [streams.open(caller(person(f"p{number}", "Employee"))) for number in range(50)]
    event = bus.emit("theme:changed", {"theme": "dark"}, audience=OnePerson("t.p7"))
    assert [number for number, reader in enumerate(readers) if ids(reader)] == [7]
    assert not asked
    assert event.cursor.seq == 1


def test_people_with_the_same_roles_are_judged_once_for_each_event() -> None:
    bus, asked = a_bus(), list[object]()

    def judging(_who: object, roles: object) -> bool:
        asked.append(roles)
        return True

    streams = Streams(bus, permits=judging)
    readers = [streams.open(caller(person(f"p{number}", "Employee"))) for number in range(50)]
    bus.emit("orders:changed", {})
    assert len(asked) == 1
    assert all(len(ids(reader)) == 1 for reader in readers)


def test_roles_that_change_count_from_then_on() -> None:
    bus = a_bus()
    streams = Streams(bus, permits=permits)
    reader = streams.open(caller(person("p", "USER")))
    bus.emit("orders:changed", {})
    reader.person = person("p", "Editor")
    event = bus.emit("orders:changed", {})
    assert ids(reader) == [event.id]


def test_too_much_at_once_ends_the_stream_and_keeps_nothing() -> None:
    bus = a_bus()
    streams = Streams(bus, permits=permits, queue=3)
    slow, quick = streams.open(caller(ADA)), streams.open(caller(GRACE))
    for _ in range(4):
        bus.emit("news:told", {})
        ids(quick)
    assert slow.ended is not None
    assert slow.ended.reason == EndReason.SLOW
    assert not slow.take()
    assert quick.ended is None
    assert streams.count == 1


@pytest.mark.parametrize("reason", ["signed-out", "revoked", "replaced", "provider", "expired"])
def test_a_session_that_ended_has_no_streams_and_gets_none(reason: str) -> None:
    streams = Streams(a_bus(), permits=permits)
    readers = [streams.open(caller(ADA, "one")) for _ in range(2)]
    other = streams.open(caller(ADA, "two"))
    assert streams.end("one", reason, by="Grace") == 2
    assert [reader.ended for reader in readers] == [End(reason, "Grace")] * 2
    assert other.ended is None
    with pytest.raises(NotSignedIn):
        streams.open(caller(ADA, "one"))
    assert streams.end("unknown", reason) == 0
    assert streams.count == 1


def test_a_refused_stream_leaves_nothing_behind() -> None:
    bus = a_bus()
    streams = Streams(bus, permits=permits, per_session=1)
    reader = streams.open(caller(LINUS))
    with pytest.raises(TooManyStreams):
        streams.open(caller(LINUS))
    event: Event = bus.emit("news:told", {})
    assert ids(reader) == [event.id]
    assert streams.count == 1
