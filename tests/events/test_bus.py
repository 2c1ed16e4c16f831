from __future__ import annotations

import gc
import weakref
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from events.moments import ADA, GRACE, HandClock, a_bus
from mainhub.events import (
    ANY,
    BadData,
    Event,
    EventLoop,
    Everyone,
    OnePerson,
    Roles,
    UnknownEventType,
    WrongAudience,
)
from telemetry.log_capture import captured_log

if TYPE_CHECKING:
    from mainhub.events import Bus

KEYS = {"keys": ["frontends"]}
TOLD = "cache:invalidated"


def emit(bus: Bus, type_: str = "news:told", source: str = "MainHub", **data: object) -> Event:
    return bus.emit(type_, data, source=source)


def _note(heard: list[int], number: int, _event: Event) -> None:
    heard.append(number)


def test_tells_who_listens_to_the_type() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.on(TOLD, heard.append)
    bus.on("news:told", lambda _event: pytest.fail("another type"))
    event = bus.emit(TOLD, KEYS)
    assert heard == [event]
    assert event.data == {"keys": ("frontends",)}
    assert (event.source, event.by, event.tab) == ("MainHub", None, None)


def test_tells_all_types_to_who_listens_to_all() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.on(ANY, heard.append)
    assert [bus.emit(TOLD, KEYS), emit(bus)] == heard


def test_tells_in_the_order_of_subscription_whatever_they_listen_to() -> None:
    bus, heard = a_bus(), list[int]()
    for number, type_ in enumerate(["news:told", ANY, "news:told", ANY]):
        bus.on(type_, partial(_note, heard, number))
    emit(bus)
    assert heard == [0, 1, 2, 3]


def test_filters_by_source() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.on("news:told", heard.append, source="orders")
    emit(bus)
    ours = emit(bus, source="orders")
    assert heard == [ours]


def test_tells_once() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.once("news:told", heard.append)
    first = emit(bus)
    emit(bus)
    assert heard == [first]


def test_once_with_a_source_waits_for_that_source() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.once("news:told", heard.append, source="orders")
    emit(bus)
    assert emit(bus, source="orders") in heard


def test_once_is_once_even_if_it_emits_the_same() -> None:
    bus, heard = a_bus(), list[Event]()

    def again(event: Event) -> None:
        heard.append(event)
        emit(bus)

    bus.once("news:told", again)
    emit(bus)
    assert len(heard) == 1


def test_off_ends_a_subscription_twice_without_harm() -> None:
    bus, heard = a_bus(), list[Event]()
    off = bus.on("news:told", heard.append)
    bus.on("news:told", heard.append)
    off()
    off()
    emit(bus)
    assert len(heard) == 1


def test_off_by_handler_ends_all_of_its_subscriptions() -> None:
    bus, heard = a_bus(), list[Event]()
    for type_ in ("news:told", ANY, TOLD):
        bus.on(type_, heard.append)
    assert bus.off(heard.append) == 3
    assert bus.off(heard.append) == 0
    emit(bus)
    assert not heard


def test_a_handler_may_end_itself_and_others_while_it_is_called() -> None:
    bus, heard = a_bus(), list[Event]()

    def first(_event: Event) -> None:
        bus.off(first)
        bus.off(heard.append)

    bus.on("news:told", first)
    bus.on("news:told", heard.append)
    last: list[Event] = []
    bus.on("news:told", last.append)
    emit(bus)
    emit(bus)
    assert not heard
    assert len(last) == 2


def test_who_subscribes_while_an_event_is_told_hears_the_next() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.once("news:told", lambda _event: bus.on("news:told", heard.append))
    emit(bus)
    assert not heard
    assert [emit(bus)] == heard


def test_a_handler_that_raises_is_logged_and_keeps_nobody_from_hearing() -> None:
    bus, heard = a_bus(), list[Event]()

    def broken(_event: Event) -> None:
        raise ZeroDivisionError("x")

    bus.on("news:told", broken)
    bus.on("news:told", heard.append)
    with captured_log() as log:
        event = emit(bus)
        emit(bus)
    assert len(heard) == 2
    (line, _) = [line for line in log.lines if line["event"] == "events.handler_failed"]
    assert (line["type"], line["id"]) == ("news:told", event.id)


def test_what_a_handler_emits_is_heard_by_all_in_one_order() -> None:
    bus, first, last = a_bus(), list[str](), list[str]()
    bus.on(ANY, lambda event: first.append(event.type))
    bus.on("news:told", lambda _event: bus.emit(TOLD, KEYS))
    bus.on(ANY, lambda event: last.append(event.type))
    emit(bus)
    assert first == last == ["news:told", TOLD]
    assert [event.type for event in bus.history()] == first


def test_handlers_that_call_each_other_come_to_an_end() -> None:
    bus, heard = a_bus(), list[Event]()
    bus.on("news:told", lambda _event: bus.emit(TOLD, KEYS))
    bus.on(TOLD, lambda _event: emit(bus))
    bus.on(ANY, heard.append)
    with captured_log() as log:
        emit(bus)
    assert len(heard) == 8
    assert log.events == ["events.handler_failed"]
    assert EventLoop.__name__ in log.text
    emit(bus)
    assert len(heard) == 16


def test_stamps_and_counts() -> None:
    clock = HandClock()
    bus = a_bus(clock=clock)
    first = emit(bus)
    clock.move(timedelta(seconds=1))
    second = emit(bus)
    assert (second.timestamp - first.timestamp) == timedelta(seconds=1)
    assert (first.cursor.seq, second.cursor.seq) == (1, 2)
    assert second.cursor == bus.cursor
    assert a_bus().cursor.epoch != bus.cursor.epoch


def test_an_event_cannot_be_changed_by_who_hears_it() -> None:
    event = a_bus().emit(TOLD, KEYS)
    with pytest.raises(TypeError):
        event.data["keys"] = ()  # type: ignore[index]  # the point of the test


@pytest.mark.parametrize("type_", ["", "news", "News:told", "user:logon", "*"])
def test_knows_only_the_types_of_the_catalogue(type_: str) -> None:
    with pytest.raises(UnknownEventType):
        a_bus().emit(type_, {})


def test_a_typing_error_in_a_subscription_is_told() -> None:
    with pytest.raises(UnknownEventType):
        a_bus().on("user:logon", print)


def test_a_coroutine_function_is_no_handler() -> None:
    async def handler(_event: Event) -> None: ...

    with pytest.raises(TypeError, match="called, not awaited"):
        a_bus().on("news:told", handler)


def test_wrong_data_is_told_to_nobody() -> None:
    bus = a_bus()
    bus.on(ANY, lambda _event: pytest.fail("nothing happened"))
    with pytest.raises(BadData):
        bus.emit(TOLD, {"keys": 3})
    assert not bus.history()
    assert bus.cursor.seq == 0


def test_the_scope_of_a_type_decides_who_receives() -> None:
    bus = a_bus()
    assert emit(bus).audience == Everyone()
    assert emit(bus, "orders:changed").audience == Roles(frozenset({"Editor", "Employee"}))
    theme = bus.emit("theme:changed", {"theme": "dark"}, by=ADA)
    assert theme.audience == OnePerson(ADA.id)
    assert theme.by is not None
    assert theme.by.name == "Ada"


def test_an_audience_may_be_narrowed_and_never_widened() -> None:
    bus = a_bus()
    narrow = Roles(frozenset({"Editor"}))
    assert bus.emit("news:told", {}, audience=narrow).audience == narrow
    assert bus.emit("orders:changed", {}, audience=narrow).audience == narrow
    for type_, data, audience in (
        ("orders:changed", {}, Everyone()),
        ("orders:changed", {}, Roles(frozenset({"Editor", "Admin"}))),
        ("theme:changed", {"theme": "dark"}, Everyone()),
        ("theme:changed", {"theme": "dark"}, None),
        ("network:status", {"online": True}, None),
    ):
        with pytest.raises(WrongAudience):
            bus.emit(type_, data, audience=audience)


def test_remembers_so_many_of_each_type() -> None:
    bus = a_bus(history=3)
    bus.emit(TOLD, KEYS)
    told = [emit(bus) for _ in range(5)]
    assert bus.history("news:told") == told[2:]
    assert [event.cursor.seq for event in bus.history()] == [1, 4, 5, 6]


def test_filters_what_it_remembers_by_source() -> None:
    bus = a_bus()
    emit(bus)
    ours = emit(bus, source="orders")
    assert bus.history("news:told", "orders") == bus.history(source="orders") == [ours]


def test_forgets_a_type_or_all() -> None:
    bus = a_bus()
    bus.emit(TOLD, KEYS)
    emit(bus)
    assert bus.clear("news:told") == 1
    assert [event.type for event in bus.history()] == [TOLD]
    assert bus.clear() == 1
    assert bus.clear() == 0


def test_an_overflow_is_a_gap_for_who_would_have_seen_it_only() -> None:
    bus = a_bus(history=1)
    start = bus.cursor
    for _ in range(2):
        bus.emit("theme:changed", {"theme": "dark"}, by=ADA)
    for _ in range(2):
        bus.emit("news:told", {}, audience=Roles(frozenset({"Admin"})))

    def lost(who: object) -> bool:
        return bus.has_lost(who, lambda who, roles: not roles.isdisjoint(who.roles), after=start)  # type: ignore[arg-type, attr-defined]

    assert lost(ADA)
    assert not lost(GRACE)


def test_what_was_cleared_is_a_gap() -> None:
    bus = a_bus()
    start = bus.cursor
    emit(bus)
    seen = bus.cursor
    bus.clear()
    assert bus.has_lost(ADA, lambda _who, _roles: True, after=start)
    assert not bus.has_lost(ADA, lambda _who, _roles: True, after=seen)


def test_a_gap_is_told_even_after_thousands_of_people() -> None:
    bus = a_bus(history=1)
    start = bus.cursor
    bus.emit("theme:changed", {"theme": "dark"}, by=ADA)
    for number in range(5000):
        bus.emit("theme:changed", {"theme": "dark"}, audience=OnePerson(str(number)))
    assert bus.has_lost(ADA, lambda _who, _roles: True, after=start)


def test_a_handler_that_is_gone_is_not_kept_alive() -> None:
    class Listener:
        def hear(self, event: Event) -> None: ...

    bus, listener = a_bus(), Listener()
    off = bus.on("news:told", listener.hear)
    emit(bus)
    off()
    gone = weakref.ref(listener)
    del listener, off
    gc.collect()
    assert gone() is None
