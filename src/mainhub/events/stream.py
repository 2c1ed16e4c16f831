"""``/events/stream``: server-sent events to a person's open pages."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from mainhub.clock import Clock
from mainhub.errors import MainHubError, Unavailable
from mainhub.events.delivery import Delivery, Receive, Send
from mainhub.events.event import BadCursor
from mainhub.events.streams import Streams, TooManyStreams
from mainhub.identity import NotSignedIn
from mainhub.telemetry import get_logger
from mainhub.web import Caller, SessionNeeded, brings_bearer, problems

__all__ = ["PATH", "EventStream", "Peek"]

log = get_logger("events")

PATH: Final = "/events/stream"
_OWN: Final = frozenset({b"same-origin", b"none"})
Peek = Callable[[Iterable[tuple[bytes, bytes]]], Awaitable[Caller | None]]
"""Tells who sent the headers, without counting that as use of the session."""


class EventStream:
    """The ASGI callable of ``/events/stream``, behind :class:`mainhub.web.Edge`.

    Args:
        streams: the open streams.
        peek: tells who is calling, and later whether their session is still there.
        clock: tells when sessions end.
        heartbeat: how often a stream shows that it lives and looks after its session.
        grace: for how long a session is taken for alive after somebody vouched for it.
    """

    def __init__(
        self,
        *,
        streams: Streams,
        peek: Peek,
        clock: Clock,
        heartbeat: timedelta,
        grace: timedelta = timedelta(seconds=30),
    ) -> None:
        self._streams = streams
        self._peek = peek
        self._clock = clock
        self._heartbeat = heartbeat
        self._grace = grace

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["path"] != PATH:
            await problems.send_problem(send, problems.not_found("The hub has no such address."))
            return
        if scope["method"] != "GET":
            refusal = problems.method_not_allowed(scope["method"], allowed=("GET",))
            await problems.send_problem(send, refusal)
            return
        # A copy: the server may append to the list.
        headers = tuple(scope["headers"])
        if any(name == b"sec-fetch-site" and value not in _OWN for name, value in headers):
            refusal = problems.cross_site("A page of another site asks for this person's events.")
            await problems.send_problem(send, refusal)
            return
        try:
            caller = await self._caller(headers)
            reader = self._streams.open(caller, after=_after(headers, scope["query_string"]))
        except TooManyStreams as error:
            await problems.send_problem(send, problems.too_many_streams(error.limit))
            return
        except MainHubError as error:
            await problems.send_problem(send, problems.problem_of(error))
            return
        delivery = Delivery(
            reader,
            streams=self._streams,
            check=lambda: self._peek(headers),
            caller=caller,
            clock=self._clock,
            heartbeat=self._heartbeat,
            grace=self._grace,
        )
        await delivery.run(receive, send)

    async def _caller(self, headers: tuple[tuple[bytes, bytes], ...]) -> Caller:
        if brings_bearer(headers):
            raise SessionNeeded("The event stream")
        try:
            caller = await self._peek(headers)
        except Unavailable as error:
            log.warning("events.sessions_unavailable", caused_by=repr(error))
            raise
        if caller is None:
            raise NotSignedIn("events are told to signed-in people only")
        return caller


def _after(headers: Iterable[tuple[bytes, bytes]], query: bytes) -> str | None:
    """Return the cursor; what a browser sends when it connects again goes before the address."""
    sent = [value for name, value in headers if name == b"last-event-id" and value]
    # Characters that no cursor has become ones that none can have.
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True).get("after", [])
    given = [value.decode("latin-1") for value in sent] or asked
    if len(given) > 1:
        raise BadCursor("more than one cursor was given", remedy="Give one.")
    return given[0] if given else None
