"""People, types and a clock for the tests of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from mainhub.access import Need, decide
from mainhub.clock import Clock
from mainhub.events import Bus, Catalogue, EventType
from mainhub.identity import Person
from mainhub.web import Caller

if TYPE_CHECKING:
    from collections.abc import Iterable

LATER = datetime(2100, 1, 1, tzinfo=UTC)
ORDERS = EventType.of_company(
    "orders:changed",
    publish=["Editor"],
    audience=["Editor", "Employee"],
    summary="An order changed.",
)
DRAFT = EventType.of_company("draft:saved", publish=["*"], audience=["person"])
NEWS = EventType.of_company("news:told", publish=["Admin"], audience=["*"])


class HandClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self._monotonic = 0.0

    @override
    def now(self) -> datetime:
        return self._now

    @override
    def monotonic(self) -> float:
        return self._monotonic

    def move(self, by: timedelta) -> None:
        self._now += by
        self._monotonic += by.total_seconds()


def person(name: str, *roles: str) -> Person:
    return Person(f"t.{name}", name.title(), None, roles or ("USER",), "t", "entra")


ADA = person("ada", "Admin")
GRACE = person("grace", "Editor")
LINUS = person("linus", "Employee")
ALAN = person("alan")


def caller(who: Person, session: str | None = None) -> Caller:
    ref = session or f"ref-{who.id}"
    return Caller(who, f"secret-{ref}", ref, LATER, LATER)


def permits(who: Person, roles: Iterable[str]) -> bool:
    return decide(who, Need.any_of(roles)).allowed


def a_bus(history: int = 100, clock: Clock | None = None) -> Bus:
    return Bus(clock or HandClock(), Catalogue([ORDERS, DRAFT, NEWS]), history)
