"""What happens, told to whom it concerns: handlers in this process, and people's open pages.

For: every room that has something to tell (:meth:`Bus.emit`) or wants to hear (:meth:`Bus.on`), and
pages, which read ``/events/stream`` and publish what their person's roles grant. Not for: what must
not be lost (``audit``, or a table of one's own): the bus remembers the last events of each type, in
this process, and forgets all of them when it ends.

Invariants: who receives an event is decided once, when it is emitted; no browser chooses an event's
id, time or author, nor publishes a type that was not granted to it; all of it happens on the event
loop's thread.
"""

from mainhub.events.audience import Audience, Everyone, OnePerson, Permits, Roles
from mainhub.events.bus import ANY, Bus, EventLoop, Handler, Off
from mainhub.events.catalogue import SYSTEM, Catalogue, EventType, UnknownEventType, WrongAudience
from mainhub.events.event import HUB, Author, BadCursor, Cursor, Event
from mainhub.events.payload import BadData, Field
from mainhub.events.reader import EndReason
from mainhub.events.stream import EventStream
from mainhub.events.streams import Streams

__all__ = [
    "ANY",
    "HUB",
    "SYSTEM",
    "Audience",
    "Author",
    "BadCursor",
    "BadData",
    "Bus",
    "Catalogue",
    "Cursor",
    "EndReason",
    "Event",
    "EventLoop",
    "EventStream",
    "EventType",
    "Everyone",
    "Field",
    "Handler",
    "Off",
    "OnePerson",
    "Permits",
    "Roles",
    "Streams",
    "UnknownEventType",
    "WrongAudience",
]
