"""The second connection: what Redis tells by itself, and whether it still can."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from redis.exceptions import RedisError, ResponseError

from mainhub.cache.redis.heard import Heard
from mainhub.cache.redis.spelling import Spelling
from mainhub.telemetry import get_logger

__all__ = ["INVALIDATED", "Ear"]

log = get_logger("cache")

INVALIDATED: Final = "__redis__:invalidate"


class Ear:
    """Hears of changes, and of fills that end, on *connection*, which speaks RESP2.

    Args:
        connection: one of the driver's, connected, used for nothing else.
        heard: who is told.
        spelling: the names of the channels.
        on_lost: called once, with the reason, when it hears no more.
    """

    def __init__(
        self,
        connection: Any,
        heard: Heard,
        spelling: Spelling,
        *,
        on_lost: Callable[[Exception], None],
    ) -> None:
        self._connection = connection
        self._heard = heard
        self._spelling = spelling
        self._on_lost = on_lost
        self._reader: asyncio.Task[None] | None = None
        self._asked: deque[asyncio.Future[None]] = deque()
        self.heard_at = 0.0

    async def identify(self) -> int:
        """Return the number by which Redis knows the connection.

        Raises:
            ResponseError: that is not for us to ask.
        """
        await self._connection.send_command("CLIENT", "ID", check_health=False)
        return int(await self._connection.read_response(disable_decoding=True))

    async def open(self, *channels: str) -> None:
        """Listen to *channels*; what comes on them is heard when this has returned."""
        await self._connection.send_command("SUBSCRIBE", *channels, check_health=False)
        for _ in channels:
            await self._connection.read_response(disable_decoding=True)
        self.heard_at = asyncio.get_running_loop().time()
        self._reader = asyncio.create_task(self._read(), name="cache.ear")

    def ask(self) -> "asyncio.Future[None]":
        """Ask for a sign of life; once it has come, all that Redis had to say before was heard."""
        answer = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        # Not by the driver's own sending, which makes a task for each command.
        self._connection._writer.writelines(self._connection.pack_command("PING"))  # noqa: SLF001
        return answer

    async def end(self) -> None:
        """Hear nothing more."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        await self._connection.disconnect(nowait=True)

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                message = await self._connection.read_response(
                    disable_decoding=True, timeout=math.inf, disconnect_on_error=False
                )
                self.heard_at = clock()
                if isinstance(message, list) and message[0] == b"message":
                    self._take(message[1].decode(), message[2])
                elif self._asked and not (answer := self._asked.popleft()).done():
                    answer.set_result(None)
        except (RedisError, OSError) as error:
            self._on_lost(error)
        except Exception as error:  # edge: whatever the driver raises, it is heard of
            log.exception("cache.ear_failed")
            self._on_lost(error)
        finally:
            for answer in self._asked:
                answer.cancel()

    def _take(self, channel: str, payload: Any) -> None:
        if channel == INVALIDATED:
            if payload is None:
                # FLUSHALL and the like.
                self._heard.forgotten()
            for name in payload or ():
                self._heard.changed(name)
        elif channel == self._spelling.wake:
            self._heard.woken(payload.decode(errors="replace"))
        elif channel == self._spelling.changes:
            for name in payload.split(b"\n"):
                self._heard.changed(name)


def is_forbidden(error: ResponseError) -> bool:
    """Tell whether Redis said that this is not for us to do, rather than that it cannot."""
    text = str(error).lower()
    return "permission" in text or "unknown command" in text or "unknown subcommand" in text
