"""The life of one open stream, from its first frame to its last."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import orjson

from mainhub.clock import Clock
from mainhub.errors import Unavailable
from mainhub.events.reader import End, EndReason, Reader
from mainhub.events.streams import Streams, framed
from mainhub.telemetry import get_logger
from mainhub.web import Caller, sse

__all__ = ["Check", "Delivery", "Receive", "Send"]

log = get_logger("events")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Check = Callable[[], Awaitable[Caller | None]]
"""Looks whether the session is still there; ``None``: it is not."""

_HEAD: Final = {
    "type": "http.response.start",
    "status": HTTPStatus.OK,
    "headers": list(sse.HEADERS),
}
_RETRY_MS: Final = 2000
_AT_ONCE: Final = 64
_PATIENCE: Final = timedelta(seconds=30)
_LAST_WORD: Final = timedelta(seconds=1)
# Between two checks of a session that is over by the clock and not by its store.
_SOONEST: Final = timedelta(seconds=0.25)
# Seconds until a session that nobody could vouch for is looked at again.
_AGAIN: Final = 0.5


class Delivery:
    """Sends what *reader* is given, and ends with it, with its client, or with its session."""

    def __init__(
        self,
        reader: Reader,
        *,
        streams: Streams,
        check: Check,
        caller: Caller,
        clock: Clock,
        heartbeat: timedelta,
        grace: timedelta = timedelta(seconds=30),
    ) -> None:
        self._reader = reader
        self._streams = streams
        self._check = check
        self._caller = caller
        self._clock = clock
        self._heartbeat = heartbeat
        # Within the grace after it was last vouched for, a session is taken for alive.
        self._grace = grace.total_seconds()
        self._seen_at = clock.monotonic() - caller.unvouched_for.total_seconds()
        self._checking: asyncio.Task[None] | None = None
        # Whether somebody wanted it looked at, and nobody has vouched for it since.
        self._is_owed = False
        self._asked_meanwhile = False
        self._again: asyncio.TimerHandle | None = None

    async def run(self, receive: Receive, send: Send) -> None:
        """Serve the stream to its end."""
        gone = asyncio.create_task(self._until_gone(receive))
        try:
            rest = b""
            if await self._begin(send):
                rest = await self._live(send)
            await self._last_word(send, rest)
        finally:
            self._end(None)
            if self._again is not None:
                self._again.cancel()
            gone.cancel()
            await _settled(gone, self._checking)

    async def _begin(self, send: Send) -> bool:
        """Send what the stream begins with; ``False`` if it ended before that was done."""
        if not await self._sent(send, _HEAD):
            return False
        for frames in self._beginning():
            if not await self._sent(send, _body(frames)):
                return False
        return True

    async def _live(self, send: Send) -> bytes:
        """Send what comes until the end, and return what has not been sent.

        Nothing is returned after something failed to be sent: whoever got the later events without
        the earlier ones would resume behind both.
        """
        loop = asyncio.get_running_loop()
        next_beat = loop.time() + self._pause()
        while True:
            await self._reader.wait(next_beat)
            frames = self._reader.take()
            if self._reader.ended is not None:
                return frames
            if self._reader.asked:
                self._reader.asked = False
                self._is_owed = True
                self._begin_check()
            if loop.time() >= next_beat:
                frames += sse.comment("beat")
                next_beat = loop.time() + self._pause()
                self._begin_check()
            if frames and not await self._sent(send, _body(frames)):
                return b""

    def _beginning(self) -> Iterator[bytes]:
        opening = self._reader.opening
        start = str(opening.start)
        hello = {
            "person": self._caller.person.id,
            "session": self._caller.session_ref,
            "heartbeat_seconds": self._heartbeat.total_seconds(),
            "cursor": start,
        }
        # Its id lets a browser that connects again before anything happened resume from here.
        frames = sse.frame(_json(hello), event="hello", id_=start, retry_ms=_RETRY_MS)
        if opening.gap is not None:
            frames += sse.frame(_json({"reason": opening.gap}), event="gap")
        yield frames
        for first in range(0, len(opening.missed), _AT_ONCE):
            yield b"".join(framed(event) for event in opening.missed[first : first + _AT_ONCE])

    async def _sent(self, send: Send, message: MutableMapping[str, Any]) -> bool:
        """Send *message*, unless the stream has ended or ends while its client does not read."""
        if self._reader.ended is not None:
            return False
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()) as patience:
                self._reader.interrupted_by(patience)
                await send(message)
        except TimeoutError:
            self._end(EndReason.SLOW)
            return False
        finally:
            self._reader.interrupted_by(None)
        return True

    async def _last_word(self, send: Send, rest: bytes) -> None:
        end = self._reader.ended
        if end is None or end.reason is None:
            return
        frames = rest + sse.frame(_json({"reason": end.reason, "by": end.by}), event="end")
        # To a client that does not read even this, its connection says it.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD.total_seconds()):
                await send(_body(frames, more=False))

    async def _until_gone(self, receive: Receive) -> None:
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._end(None)

    def _begin_check(self) -> None:
        if self._checking is None or self._checking.done():
            self._asked_meanwhile = False
            self._checking = asyncio.create_task(self._check_session())
            self._checking.add_done_callback(self._checked)
        else:
            # What that one has read may be of before.
            self._asked_meanwhile = True

    def _checked(self, _done: asyncio.Task[None]) -> None:
        """Look again if this one said nothing, or nothing new."""
        if self._reader.ended is not None:
            return
        if self._asked_meanwhile:
            self._reader.ask()
        elif self._is_owed and self._again is None:
            wait = _AGAIN * (1 + random.random())  # noqa: S311 - so that not all come at once
            self._again = asyncio.get_running_loop().call_later(wait, self._look_again)

    def _look_again(self) -> None:
        self._again = None
        self._reader.ask()

    async def _check_session(self) -> None:
        try:
            caller = await self._check()
        except Unavailable as error:
            self._unknown(error)
            return
        except Exception:  # edge: a background task must tell of its failure
            log.exception("events.check_failed")
            self._end(EndReason.UNAVAILABLE)
            return
        if caller is None or caller.person.id != self._reader.person.id:
            self._end(EndReason.EXPIRED)
            return
        self._caller = caller
        # The person's roles may be others than when the stream opened.
        self._reader.person = caller.person
        if caller.unverified:
            self._unknown(None)
            return
        self._is_owed = False
        self._seen_at = self._clock.monotonic()

    def _unknown(self, error: Unavailable | None) -> None:
        """End the stream if for too long nobody could say whether its session lives."""
        if self._clock.monotonic() - self._seen_at >= self._grace:
            log.warning("events.session_unknown", caused_by=repr(error))
            self._end(EndReason.UNAVAILABLE)

    def _pause(self) -> float:
        """Return the seconds until the next beat: sooner if the session ends before."""
        left = min(self._caller.expires_at, self._caller.idle_expires_at) - self._clock.now()
        if self._caller.unverified:
            # The grace may end before the next beat.
            known = timedelta(seconds=self._seen_at + self._grace - self._clock.monotonic())
            left = min(left, known)
        return min(self._heartbeat, max(left, _SOONEST)).total_seconds()

    def _end(self, reason: EndReason | None) -> None:
        self._streams.close_one(self._reader, End(reason))


def _body(frames: bytes, *, more: bool = True) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": frames, "more_body": more}


def _json(facts: Mapping[str, object]) -> str:
    return orjson.dumps(facts).decode()


async def _settled(*tasks: asyncio.Task[None] | None) -> None:
    """Wait for what still runs; a check is not cancelled, for its driver's sake."""
    running = [task for task in tasks if task is not None]
    done, pending = await asyncio.wait(running, timeout=_PATIENCE.total_seconds())
    for task in pending:
        task.cancel()
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            log.warning("events.client_failed", caused_by=repr(error))
