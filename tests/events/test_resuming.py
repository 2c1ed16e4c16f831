"""Readers that come and go at random see each event of theirs once, in order, or get a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from events.moments import ADA, ALAN, GRACE, LINUS, a_bus, caller, permits
from mainhub.events import Cursor, Roles, Streams
from mainhub.events.audience import reaches
from mainhub.events.reader import End, EndReason, Reader

if TYPE_CHECKING:
    from mainhub.events import Event
    from mainhub.identity import Person

PEOPLE = (ADA, GRACE, LINUS, ALAN)
HISTORY, QUEUE = 4, 6


class Page:
    """What one page has read, and from where it goes on."""

    def __init__(self, who: Person) -> None:
        self.who = who
        self.reader: Reader | None = None
        self.cursor: str | None = None
        # The ids since the last gap, and those that should have come.
        self.got: list[str] = []
        self.due: list[str] = []
        self.warned = False


class Resuming(RuleBasedStateMachine):
    """Every step is one turn of the loop; what a page is due is counted apart from the bus."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = [Page(who) for who in PEOPLE]
        self.told: list[Event] = []
        self.begin()

    def begin(self) -> None:
        self.bus = a_bus(HISTORY)
        self.streams = Streams(self.bus, permits=permits, queue=QUEUE)
        self.told = []

    @rule(sure=st.sampled_from([False, False, False, True]))
    def restart(self, sure: bool) -> None:  # noqa: FBT001  Hypothesis names it
        # Rarely, so that processes grow old enough to forget.
        if sure and self.told:
            self.streams.close()
            for page in self.pages:
                page.reader = None
            self.begin()

    @rule(
        type_=st.sampled_from(["news:told", "orders:changed", "draft:saved", "narrow"]),
        who=st.sampled_from(PEOPLE),
        count=st.integers(1, 3),
    )
    def emit(self, type_: str, who: Person, count: int) -> None:
        narrow = Roles(frozenset(who.roles)) if type_ == "narrow" else None
        for _ in range(count):
            name = "news:told" if narrow else type_
            event = self.bus.emit(name, {}, by=who, audience=narrow)
            self.told.append(event)
            for page in self.pages:
                if page.cursor is not None and reaches(event.audience, page.who, permits):
                    page.due.append(event.id)

    @rule(type_=st.sampled_from([None, "news:told"]))
    def clear(self, type_: str | None) -> None:
        self.bus.clear(type_)

    @rule(number=st.integers(0, 3))
    def connect(self, number: int) -> None:
        page = self.pages[number]
        if page.reader is not None:
            return
        page.reader = self.streams.open(caller(page.who), after=page.cursor)
        opening = page.reader.opening
        if page.cursor is None:
            assert opening.gap is None
            assert not opening.missed
        elif opening.gap is not None:
            # What is left follows, and nothing that was seen before.
            left = [event.id for event in opening.missed]
            held = {event.id for event in self.bus.history()}
            before = Cursor.parse(page.cursor)
            assert left == [
                event.id
                for event in self.told
                if event.id in held
                and (event.cursor.epoch != before.epoch or event.cursor.seq > before.seq)
                and reaches(event.audience, page.who, permits)
            ]
            if opening.gap == "overflow":
                assert left != page.due[len(page.got) :] or page.warned, "a false alarm"
                # It is told again to who goes away among events that are older than what was lost.
                page.warned = True
            page.got, page.due = [], left
        if not opening.missed:
            assert opening.start == self.bus.cursor
            page.warned = False
        page.cursor = str(opening.start)
        for event in opening.missed:
            page.got.append(event.id)
            page.cursor = event.id

    @rule(number=st.integers(0, 3))
    def read(self, number: int) -> None:
        page = self.pages[number]
        if page.reader is None:
            return
        for block in page.reader.take().decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            assert orjson.loads(fields["data"])["id"] == fields["id"]
            page.got.append(fields["id"])
            page.cursor = fields["id"]
        if page.reader.ended is None:
            assert page.got == page.due
        else:
            assert page.reader.ended.reason == EndReason.SLOW
            page.reader = None

    @rule(number=st.integers(0, 3))
    def go_away(self, number: int) -> None:
        page = self.pages[number]
        if page.reader is not None:
            self.streams.close_one(page.reader, End(None))
            page.reader = None

    @invariant()
    def everything_so_far_came_once_and_in_order(self) -> None:
        for page in self.pages:
            assert page.got == page.due[: len(page.got)]

    @invariant()
    def the_count_is_true(self) -> None:
        live = [p.reader for p in self.pages if p.reader is not None and p.reader.ended is None]
        assert self.streams.count == len(live)


TestResuming = Resuming.TestCase
TestResuming.settings = settings(max_examples=60, stateful_step_count=40)
