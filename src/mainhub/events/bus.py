"""The bus: who hears of what happens in this process, in which order, and what was told before.

Everything here happens on the event loop's thread, and only there; whoever works on another thread
comes back with ``loop.call_soon_threadsafe``.
"""

import inspect
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mainhub.clock import Clock
from mainhub.events.audience import Audience, OnePerson, Permits
from mainhub.events.catalogue import Catalogue, WrongAudience
from mainhub.events.event import HUB, Author, BadCursor, Cursor, Event
from mainhub.events.history import History
from mainhub.identity import Person
from mainhub.telemetry import get_logger

__all__ = ["ANY", "Bus", "EventLoop", "Handler", "Off"]

log = get_logger("events")

ANY: Final = "*"
"""Listens to all types."""
_DEEPEST: Final = 8

Handler = Callable[[Event], object]
"""Is told of an event; returns at once, since everybody else waits for it."""
Off = Callable[[], None]
"""Ends a subscription; a second call does nothing."""


class EventLoop(RuntimeError):
    """Handlers that emit because of what handlers emitted do not come to an end."""


@dataclass(slots=True, eq=False)
class _Subscription:
    type: str
    handler: Handler
    source: str | None
    once: bool
    active: bool = True


class Bus:
    """Tells handlers of events, in the order in which they subscribed, and remembers the events.

    A handler that raises is logged and keeps nobody else from hearing. What a handler emits is told
    after what is being told, so that all hear everything in the same order; a chain of more than
    eight events, each emitted because of the one before, is refused with :class:`EventLoop`. What
    subscribes while an event is being told hears of the next one; what unsubscribes hears no more.

    Args:
        clock: stamps the events.
        catalogue: the types that there are.
        history: how many events of each type are remembered.
    """

    def __init__(self, clock: Clock, catalogue: Catalogue, history: int = 100) -> None:
        self.catalogue = catalogue
        self._clock = clock
        self._epoch = secrets.token_hex(4)
        self._seq = 0
        self._history = History(history)
        self._subscriptions: list[_Subscription] = []
        # Who hears of a type, made when one is emitted and dropped when somebody comes or goes.
        self._hearing: dict[str, tuple[_Subscription, ...]] = {}
        self._untold: deque[tuple[Event, int]] = deque()
        self._depth = 0

    @property
    def cursor(self) -> Cursor:
        """The place after the latest event."""
        return Cursor(self._epoch, self._seq)

    def on(self, type_: str, handler: Handler, source: str | None = None) -> Off:
        """Have *handler* told of each event of a type, or of :data:`ANY`; *source* filters.

        Raises:
            UnknownEventType: there is no such type.
            TypeError: the handler is a coroutine function, which nobody would await.
        """
        return self._subscribe(type_, handler, source, once=False)

    def once(self, type_: str, handler: Handler, source: str | None = None) -> Off:
        """Have *handler* told of the next such event only; as :meth:`on` otherwise."""
        return self._subscribe(type_, handler, source, once=True)

    def off(self, handler: Handler) -> int:
        """End every subscription of *handler* and return how many those were."""
        ended = [found for found in self._subscriptions if found.handler == handler]
        for subscription in ended:
            self._unsubscribe(subscription)
        return len(ended)

    def emit(
        self,
        type_: str,
        data: Mapping[str, object],
        *,
        source: str = HUB,
        audience: Audience | None = None,
        by: Person | None = None,
        tab: str | None = None,
    ) -> Event:
        """Tell everybody whom it concerns, and return the event.

        All handlers have been called when this returns, unless a handler itself emits. Without
        *audience* the scope of the type decides; one for a person's own pages goes to *by*.

        Raises:
            UnknownEventType: there is no such type.
            BadData: the data is not what the type asks for.
            WrongAudience: the type is not for that audience.
            EventLoop: too many handlers called each other.
        """
        kind = self.catalogue[type_]
        if audience is None and kind.scope == "person":
            if by is None:
                raise WrongAudience(f"{type_} needs the person whom it is for")
            audience = OnePerson(by.id)
        settled, checked = kind.audience(audience), kind.checked(data)
        if self._depth >= _DEEPEST:
            raise EventLoop(f"{type_} was emitted because of {_DEEPEST} events before it")
        self._seq += 1
        event = Event(
            cursor=self.cursor,
            type=type_,
            timestamp=self._clock.now(),
            source=source,
            data=MappingProxyType(checked),
            audience=settled,
            by=Author.of(by) if by else None,
            tab=tab,
        )
        self._history.add(event)
        self._untold.append((event, self._depth + 1))
        if self._depth == 0:
            self._tell()
        return event

    def history(self, type_: str | None = None, source: str | None = None) -> list[Event]:
        """Return what is remembered, oldest first."""
        events = self._history.events(type_)
        return events if source is None else [event for event in events if event.source == source]

    def after(self, cursor: Cursor) -> list[Event]:
        """Return what is remembered and came after *cursor*; after another process's, everything.

        Raises:
            BadCursor: this process has not come so far.
        """
        if cursor.epoch != self._epoch:
            return self._history.events()
        if cursor.seq > self._seq:
            raise BadCursor(
                "the cursor names an event that has not happened",
                remedy="Give the id of the last event that was received, or none to start now.",
            )
        return self._history.events(after=cursor.seq)

    def has_lost(self, person: Person, permits: Permits, *, after: Cursor) -> bool:
        """Tell whether something for *person* that came after *after* is forgotten.

        True for another process's cursor: what that one told is not known here.
        """
        if after.epoch != self._epoch:
            return True
        return self._history.has_lost(person, permits, after=after.seq)

    def clear(self, type_: str | None = None) -> int:
        """Forget what happened, of one type or all, and return how many events those were."""
        return self._history.clear(type_)

    def _subscribe(self, type_: str, handler: Handler, source: str | None, *, once: bool) -> Off:
        if type_ != ANY:
            self.catalogue[type_]
        if inspect.iscoroutinefunction(handler):
            raise TypeError("a handler is called, not awaited: let it start what takes time")
        subscription = _Subscription(type_, handler, source, once)
        self._subscriptions.append(subscription)
        self._hearing.clear()
        return lambda: self._unsubscribe(subscription)

    def _unsubscribe(self, subscription: _Subscription) -> None:
        if subscription.active:
            subscription.active = False
            self._subscriptions.remove(subscription)
            self._hearing.clear()

    def _tell(self) -> None:
        try:
            while self._untold:
                event, self._depth = self._untold.popleft()
                for subscription in self._hearers(event.type):
                    if subscription.active and subscription.source in {None, event.source}:
                        self._call(subscription, event)
        finally:
            self._depth = 0

    def _hearers(self, type_: str) -> Iterable[_Subscription]:
        hearing = self._hearing.get(type_)
        if hearing is None:
            hearing = tuple(found for found in self._subscriptions if found.type in {type_, ANY})
            self._hearing[type_] = hearing
        return hearing

    def _call(self, subscription: _Subscription, event: Event) -> None:
        if subscription.once:
            self._unsubscribe(subscription)
        try:
            subscription.handler(event)
        except Exception:  # edge: a handler may raise anything, and the others still hear
            log.exception("events.handler_failed", type=event.type, id=event.id)
