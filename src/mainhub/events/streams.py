"""All open streams: who reads, what each of them is sent, and how they end."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from time import monotonic
from typing import ClassVar, Final

import orjson

from mainhub.errors import Refused, Unavailable
from mainhub.events.audience import OnePerson, Permits, reaches
from mainhub.events.bus import ANY, Bus
from mainhub.events.event import Cursor, Event
from mainhub.events.reader import End, EndReason, Opening, Reader
from mainhub.identity import NotSignedIn
from mainhub.telemetry import get_logger
from mainhub.web import Caller, sse

__all__ = ["Draining", "Streams", "StreamsExhausted", "TooManyStreams", "framed"]

log = get_logger("events")

_REMEMBERED_ENDS: Final = 10_000
# Seconds. No longer: what was told of an end may be forged, and only the store knows.
_JUST_ENDED: Final = 5.0
_LEFT: Final = "left"


class TooManyStreams(Refused):
    """The session has as many streams open as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a session may have {limit} streams open")
        self.limit = limit


class StreamsExhausted(Unavailable):
    """The hub has as many streams open as it may."""

    kind: ClassVar[str] = "streams-exhausted"
    headline: ClassVar[str] = "The hub has no room for another stream"


class Draining(Unavailable):
    """The hub is stopping."""

    kind: ClassVar[str] = "draining"
    headline: ClassVar[str] = "The hub is stopping"


class Streams:
    """Hears everything from *bus* once, and hands it to the readers whom it concerns.

    Args:
        bus: what happens.
        permits: whether one of some roles is a person's.
        queue: how many events may wait for one reader before its stream is ended.
        per_session: how many streams one session may have.
        most: how many there may be in all.
        on_close: told why each stream ended; ``left``: its page went away.
    """

    def __init__(
        self,
        bus: Bus,
        *,
        permits: Permits,
        queue: int = 256,
        per_session: int = 32,
        most: int = 20_000,
        on_close: Callable[[str], None] | None = None,
    ) -> None:
        self._bus = bus
        self._permits = permits
        self._queue = queue
        self._per_session = per_session
        self._most = most
        self._on_close = on_close
        # Dictionaries for sets that keep their order.
        self._people: dict[str, dict[Reader, None]] = {}
        self._sessions: dict[str, dict[Reader, None]] = {}
        # A session can end between its check and the opening of its stream.
        self._ended: OrderedDict[str, float] = OrderedDict()
        self._closed = False
        self.count = 0
        bus.on(ANY, self._tell)

    def open(self, caller: Caller, *, after: str | None = None) -> Reader:
        """Return a new reader for *caller*: what it missed since *after*, then all that happens.

        Without a cursor it begins now. Nothing is lost or doubled between the two, since nothing
        else happens meanwhile.

        Raises:
            SessionNeeded: the caller has none.
            NotSignedIn: the session has ended.
            BadCursor: *after* is none.
            TooManyStreams: the session has enough of them.
            StreamsExhausted: the hub has.
            Draining: the hub is stopping.
        """
        ref = caller.session_for("The event stream")
        ended = self._ended.get(ref)
        if ended is not None and monotonic() - ended < _JUST_ENDED:
            raise NotSignedIn("the session has ended")
        if self._closed:
            raise Draining("It takes no new streams.", remedy="Connect again in a moment.")
        opening = self._opening(caller, after)
        if len(self._sessions.get(ref, ())) >= self._per_session:
            raise TooManyStreams(self._per_session)
        if self.count >= self._most:
            raise StreamsExhausted(
                f"It has {self._most} streams open.", remedy="Connect again in a moment."
            )
        reader = Reader(
            caller.person, ref, opening=opening, last=self._bus.cursor.seq, room=self._queue
        )
        self._people.setdefault(caller.person.id, {})[reader] = None
        self._sessions.setdefault(ref, {})[reader] = None
        self.count += 1
        return reader

    def close_one(self, reader: Reader, end: End) -> None:
        """End one stream; a second call does nothing."""
        if reader.ended is not None:
            return
        reader.end(end)
        self.count -= 1
        if self._on_close is not None:
            self._on_close(end.reason or _LEFT)
        for index, key in ((self._people, reader.person.id), (self._sessions, reader.session_ref)):
            index[key].pop(reader)
            if not index[key]:
                del index[key]

    def end(self, session_ref: str, reason: str, by: str | None = None) -> int:
        """End every stream of a session, which has ended, and return how many those were.

        *reason* is one of :class:`EndReason`, and *by* the name of who did it.
        """
        self._ended.pop(session_ref, None)
        self._ended[session_ref] = monotonic()
        if len(self._ended) > _REMEMBERED_ENDS:
            self._ended.popitem(last=False)
        return self._end(list(self._sessions.get(session_ref, ())), End(reason, by))

    def look(self) -> None:
        """Have the sessions of all streams looked at, spread over a second."""
        loop = asyncio.get_running_loop()
        readers = [reader for found in self._sessions.values() for reader in found]
        for number, reader in enumerate(readers):
            loop.call_later(number / len(readers), reader.ask)

    def close(self, reason: str = EndReason.DRAINING) -> int:
        """End every stream, open none any more, and return how many there were."""
        self._closed = True
        readers = [reader for found in self._sessions.values() for reader in found]
        return self._end(readers, End(reason))

    def _end(self, readers: list[Reader], end: End) -> int:
        for reader in readers:
            self.close_one(reader, end)
        return len(readers)

    def _opening(self, caller: Caller, after: str | None) -> Opening:
        if after is None:
            return Opening(self._bus.cursor)
        cursor, now = Cursor.parse(after), self._bus.cursor
        missed = tuple(
            event
            for event in self._bus.after(cursor)
            if reaches(event.audience, caller.person, self._permits)
        )
        gap, start = None, cursor
        if cursor.epoch != now.epoch:
            gap, start = "restarted", Cursor(now.epoch, 0)
        elif self._bus.has_lost(caller.person, self._permits, after=cursor):
            gap = "overflow"
        # With nothing to tell it begins now, so that no gap is told twice.
        return Opening(start if missed else now, gap, missed)

    def _tell(self, event: Event) -> None:
        if not self.count:
            return
        frame: bytes | None = None
        for reader in self._reached(event):
            frame = frame or framed(event)
            if not reader.put(event.cursor.seq, frame):
                log.info("events.slow_reader", type=event.type, waiting=self._queue)
                self.close_one(reader, End(EndReason.SLOW))

    def _reached(self, event: Event) -> Iterable[Reader]:
        if isinstance(event.audience, OnePerson):
            return list(self._people.get(event.audience.id, ()))
        # People with the same roles are judged once.
        judged: dict[tuple[str, ...], bool] = {}
        reached = []
        for readers in self._people.values():
            for reader in readers:
                roles = reader.person.roles
                if roles not in judged:
                    judged[roles] = reaches(event.audience, reader.person, self._permits)
                if judged[roles]:
                    reached.append(reader)
        return reached


def framed(event: Event) -> bytes:
    """Return *event* as it stands in a stream."""
    return sse.frame(orjson.dumps(event.as_public()).decode(), id_=event.id)
