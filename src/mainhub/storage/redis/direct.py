"""Scripts over a connection of their own, on which none waits for the answer to another."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

import redis.exceptions as driver

from mainhub.resilience import on_its_own
from mainhub.storage.redis.line import Command, Line, LineLost
from mainhub.storage.redis.link import Pool, Watch
from mainhub.storage.redis.place import Patience

__all__ = ["Direct"]

_CLOSED: Final = "the connections to Redis have been closed"
_OPENED: Final = "a connection to Redis took longer than {:g} s"


class Direct:
    """Runs scripts for the price of a round trip: about a third of what the driver's client takes.

    The connection is opened for who comes first, and again after it was lost.

    Args:
        pool: makes the connection, and cuts it.
        watch: is asked before a command, and told of trouble.
        patience: how long connecting may take, and how long the server may be silent.
    """

    def __init__(self, pool: Pool, watch: Watch, patience: Patience) -> None:
        self._pool = pool
        self._watch = watch
        self._patience = patience
        self._connection: Any = None
        self._line: Line | None = None
        self._opening: asyncio.Task[Line] | None = None
        self._closed = False

    def evalsha(self, name: str, keys: int, /, *words: bytes) -> Awaitable[Any]:
        """Return what the script of that *name* answers; the first *keys* of *words* are its keys.

        Raises:
            redis.RedisError: Redis does not know it, refuses it, or does not answer.
        """
        return self._run(("EVALSHA", name, keys, *words))

    def eval(self, script: str, keys: int, /, *words: bytes) -> Awaitable[Any]:
        """Return what *script* answers, likewise."""
        return self._run(("EVAL", script, keys, *words))

    async def aclose(self) -> None:
        """End the connection; who waits is told so."""
        self._closed = True
        opening, self._opening = self._opening, None
        if opening is not None and not opening.done():
            opening.cancel()
            await asyncio.wait([opening])
        line, self._line = self._line, None
        if line is not None:
            await line.end()
        await self._disconnect()

    async def _run(self, words: Command) -> object:
        self._watch.admit()
        line = self._line
        if line is None:
            line = await self._opened()
        try:
            (answer,) = line.send([words])
            found: object = await answer
        except driver.ResponseError as error:
            # Redis 6 wraps what a script was told into an error of its own.
            if not isinstance(error, driver.ReadOnlyError) and "-READONLY " not in str(error):
                raise
            # It was the master once: the next connection asks again who is.
            await line.end("the server has become a replica")
            self._lost(line)
            raise driver.ConnectionError("the server has become a replica") from error
        except LineLost as error:
            raise driver.ConnectionError(str(error)) from error
        return found

    async def _opened(self) -> Line:
        """Return the line, which whoever comes first opens for all."""
        if self._closed:
            raise driver.ConnectionError(_CLOSED)
        opening = self._opening
        if opening is None:
            opening = self._opening = on_its_own(self._open(), name="redis.direct")
            opening.add_done_callback(self._tried)
        await asyncio.wait([opening])
        if opening.cancelled():
            raise driver.ConnectionError(_CLOSED)
        return opening.result()

    async def _open(self) -> Line:
        await self._disconnect()
        connection = self._connection = self._pool.make_connection()
        try:
            async with asyncio.timeout(self._patience.connect):
                await connection.connect()
        except TimeoutError:
            self._watch.trouble()
            raise driver.TimeoutError(_OPENED.format(self._patience.connect)) from None
        except (driver.RedisError, OSError):
            self._watch.trouble()
            raise
        line = Line(connection, silence=self._patience.command, on_lost=lambda _: self._lost(line))
        self._line = line
        return line

    def _tried(self, opening: "asyncio.Task[Line]") -> None:
        if self._opening is opening:
            self._opening = None
        if not opening.cancelled():
            # Looked at, or asyncio would complain where nobody waits any more.
            opening.exception()

    def _lost(self, line: Line) -> None:
        if self._line is line:
            self._line = None
        self._watch.trouble()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)
