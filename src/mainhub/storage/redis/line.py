"""One connection on which commands follow each other without waiting for answers.

The driver's connection does what it is good at: TLS, signing in, Sentinel. From then on bytes go
straight to its transport and come straight from it into hiredis, since the driver's own sending
makes a task for each command, and its reading one more turn of the loop. What is used of it beyond
its public methods stands here and nowhere else; `tests/storage/test_redis_line.py` tells when that
changes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, RedisError
from typing_extensions import override

from mainhub.telemetry import get_logger

__all__ = ["Command", "Line", "LineLost"]

log = get_logger("storage")

Command = tuple[bytes | str | int, ...]
"""A command of Redis and its words."""

_MOST: Final = 20_000
_MOST_BYTES: Final = 64 * 1024 * 1024
_LATE: Final = 0.02
_NOTHING: Final = object()


class LineLost(ConnectionError):
    """The connection broke off, or the server was silent for too long."""


class Line:
    """A pipeline of commands over *connection*, which is connected already.

    Args:
        connection: one of the driver's.
        silence: seconds after which a server that answers nothing is given up.
        on_lost: called once, with the reason, when the line has ended by itself.
    """

    def __init__(
        self, connection: Any, *, silence: float, on_lost: Callable[[Exception], None]
    ) -> None:
        self._connection = connection
        # Private to the driver: see above.
        self._transport: asyncio.Transport = connection._writer.transport  # noqa: SLF001
        self._replies = hiredis.Reader(
            protocolError=InvalidResponse,
            replyError=connection._parser.parse_error,  # noqa: SLF001 - likewise
            notEnoughData=_NOTHING,
        )
        self._silence = silence
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._further: list[bytes] | None = None
        self._heard_at = self._loop.time()
        self._alarm: asyncio.TimerHandle | None = None
        self._look_at = 0.0
        self._lost: Exception | None = None
        self._transport.set_protocol(_Incoming(self._take, self._break))

    @property
    def heard_at(self) -> float:
        """When the server answered last, by the loop's clock."""
        return self._heard_at

    def send(self, commands: Sequence[Command]) -> "list[asyncio.Future[Any]]":
        """Send *commands* one after the other; return their answers to be.

        Whoever stops waiting for one leaves the others alone. An answer may be an error of the
        driver's, which is raised by its future.

        Raises:
            LineLost: the line has ended, or far too much is under way.
        """
        if self._lost is not None:
            raise LineLost(str(self._lost)) from self._lost
        if len(self._waiting) + len(commands) > _MOST:
            raise LineLost(f"more than {_MOST} commands are under way")
        if self._transport.get_write_buffer_size() > _MOST_BYTES:
            raise LineLost("the server does not take what is sent to it")
        packed = [_packed(words) for words in commands]
        answers = [self._loop.create_future() for _ in commands]
        if not self._waiting:
            self._heard_at = self._loop.time()
            if self._alarm is None:
                self._watch(self._silence)
            # The first leaves at once; all who come in one turn after it share one more write.
            self._transport.writelines(packed)
        elif self._further is None:
            self._further = packed
            self._loop.call_soon(self._flush)
        else:
            self._further += packed
        self._waiting.extend(answers)
        return answers

    async def end(self, reason: str = "the line was put away") -> None:
        """End the line; who still waits is told *reason*."""
        self._break(LineLost(reason), tell=False)
        await self._connection.disconnect(nowait=True)

    def _flush(self) -> None:
        further, self._further = self._further, None
        if further and self._lost is None:
            self._transport.writelines(further)

    def _take(self, data: bytes) -> None:
        """Give each answer in *data* to who waits for it longest."""
        if self._lost is not None:
            return
        replies, waiting = self._replies, self._waiting
        self._heard_at = self._loop.time()
        try:
            replies.feed(data)
            while (answer := replies.gets(False)) is not _NOTHING:  # noqa: FBT003 - not decoded
                if isinstance(answer, RedisConnectionError):
                    # It says that it serves nobody: it loads its data, or has too many clients.
                    self._break(answer)
                    return
                future = waiting.popleft()
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                    # Looked at, or asyncio would complain where nobody waits any more.
                    future.exception()
                else:
                    future.set_result(answer)
        except (RedisError, OSError) as error:
            self._break(error)
        except Exception as error:  # edge: whatever the parser raises, nobody may wait for ever
            log.exception("redis.line_failed")
            self._break(error)

    def _look(self) -> None:
        """Give the server up if it is silent though somebody waits."""
        self._alarm = None
        if self._lost is not None or not self._waiting:
            return
        now = self._loop.time()
        left = self._heard_at + self._silence - now
        if left <= 0 and now - self._look_at > _LATE:
            # This process was busy, and has not read what the server said meanwhile.
            self._watch(_LATE)
        elif left <= 0:
            self._break(LineLost(f"the server was silent for {self._silence:g} s"))
        else:
            self._watch(left)

    def _watch(self, seconds: float) -> None:
        self._look_at = self._loop.time() + seconds
        self._alarm = self._loop.call_later(seconds, self._look)

    def _break(self, error: Exception, *, tell: bool = True) -> None:
        if self._lost is not None:
            return
        self._lost = error
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._transport.abort()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(LineLost(str(error) or type(error).__name__))
                future.exception()
        if tell:
            self._on_lost(error)


class _Incoming(asyncio.Protocol):
    """Hands on what arrives, and that nothing will any more."""

    def __init__(self, take: Callable[[bytes], None], lost: Callable[[Exception], None]) -> None:
        self._take = take
        self._lost = lost

    @override
    def data_received(self, data: bytes) -> None:
        self._take(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(exc or LineLost("the server closed the connection"))


def _packed(words: Command) -> bytes:
    """Return a command as Redis reads it; the driver's own way takes longer than all the rest."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        if isinstance(word, str):
            said = word.encode()
        else:
            said = word if isinstance(word, bytes) else b"%d" % word
        parts.append(b"$%d\r\n%b\r\n" % (len(said), said))
    return b"".join(parts)
