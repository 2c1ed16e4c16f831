"""The two connections as one: commands on the first, what Redis tells about them on the second."""

import asyncio
import math
from contextlib import suppress
from typing import Any, Final

from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from typing_extensions import override

from mainhub.cache.port import Coherence
from mainhub.cache.redis.ear import INVALIDATED, Ear, is_forbidden
from mainhub.cache.redis.heard import Heard
from mainhub.cache.redis.spelling import Spelling
from mainhub.cache.redis.transport import Transport
from mainhub.resilience import on_its_own
from mainhub.storage.redis import Command, Line, LineLost
from mainhub.telemetry import get_logger

__all__ = ["Links"]

log = get_logger("cache")

_BEAT: Final = 0.5
_SILENCE: Final = 2.0
_AGAIN: Final = 0.05
_AGAIN_LATEST: Final = 0.3
_OPENING: Final = 1.0


class Links(Transport):
    """Keeps both connections, opens both anew when one is lost, and tells *heard* which it is.

    Args:
        pool: a pool of the driver's, whose connections are made for us, and never returned.
        heard: who is told of changes and of the link.
        spelling: the names of the channels.
        silence: seconds after which a server that answers no command is given up.
    """

    def __init__(self, pool: Any, heard: Heard, spelling: Spelling, *, silence: float) -> None:
        super().__init__(heard, spelling)
        self._pool = pool
        self._silence = silence
        self._line: Line | None = None
        self._ear: Ear | None = None
        self._opened: list[Any] = []
        self._keeper: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._lost = asyncio.Event()
        self._closed = False

    @override
    def start(self) -> None:
        if (self._keeper is None or self._keeper.done()) and not self._closed:
            self._keeper = on_its_own(self._keep(), name="cache.links")

    @override
    async def run(self, commands: list[Command]) -> list[Any]:
        line = self._line
        if line is None:
            line = await self._first_line()
        answers = line.send(commands)
        results = []
        for answer in answers:
            try:
                results.append(await answer)
            except ResponseError as error:
                if isinstance(error, ReadOnlyError):
                    # It was the master once: where it is now is found out by connecting again.
                    self._note(error)
                results.append(error)
        return results

    @override
    async def settled(self) -> None:
        ear = self._ear
        # If the link is lost, nobody believes anything of before anyhow.
        if ear is not None and self._heard.is_linked:
            await asyncio.wait([ear.ask()])

    @override
    async def aclose(self) -> None:
        self._closed = True
        keeper, self._keeper = self._keeper, None
        while keeper is not None and not keeper.done():
            keeper.cancel()
            # Again, if need be: on Python 3.11 a driver's wait may swallow a cancellation.
            await asyncio.wait([keeper], timeout=_AGAIN)
        self._heard.unlinked()
        # Who comes too late, or still waits for the first attempt, is refused.
        self._tried.set()

    async def _first_line(self) -> Line:
        """Return the line, for which somebody who comes first waits."""
        self.start()
        if not self._tried.is_set():
            await self._tried.wait()
        if self._line is None:
            raise LineLost(self.cause or "Redis is not connected")
        return self._line

    async def _keep(self) -> None:
        attempts = 0
        while True:
            linked_at = math.inf
            try:
                async with asyncio.timeout(_OPENING):
                    await self._open()
            except (RedisError, OSError, TimeoutError) as error:
                self._note(error)
            except Exception as error:  # edge: a driver's fault must not end the keeping
                log.exception("cache.link_failed")
                self._note(error)
            else:
                linked_at = asyncio.get_running_loop().time()
                self.cause = None
                self._tried.set()
                self._heard.linked()
                log.info("cache.linked", coherence=str(self.coherence))
                await self._stay()
                log.warning("cache.unlinked", cause=self.cause)
            finally:
                self._heard.unlinked()
                await self._close()
            self._tried.set()
            # A link that breaks off at once, as a replica's does, is as good as none.
            lasted = asyncio.get_running_loop().time() - linked_at > _SILENCE
            attempts = 1 if lasted else attempts + 1
            await asyncio.sleep(min(_AGAIN * attempts, _AGAIN_LATEST))

    async def _open(self) -> None:
        self._lost = asyncio.Event()
        ear = self._ear = Ear(
            await self._connected(protocol=2), self._heard, self._spelling, on_lost=self._note
        )
        connection = await self._connected()
        try:
            number = await ear.identify()
            await ear.open(INVALIDATED, self._spelling.wake)
            words = ("CLIENT", "TRACKING", "ON", "REDIRECT", number)
            await connection.send_command(*words, check_health=False)
            await connection.read_response(disable_decoding=True)
        except ResponseError as error:
            if not is_forbidden(error):
                raise
            # Then whoever changes something says so.
            self.coherence = Coherence.PUBSUB
            await ear.end()
            ear = self._ear = Ear(
                await self._connected(protocol=2), self._heard, self._spelling, on_lost=self._note
            )
            await ear.open(self._spelling.changes, self._spelling.wake)
        else:
            self.coherence = Coherence.TRACKING
        # Listening is allowed while a server loads its data, and commands are not.
        await connection.send_command("PING", check_health=False)
        await connection.read_response(disable_decoding=True)
        if self._lost.is_set():
            raise LineLost(self.cause or "nothing is heard")
        self._line = Line(connection, silence=self._silence, on_lost=self._note)

    async def _connected(self, *, protocol: int | None = None) -> Any:
        options = self._pool.connection_kwargs
        if protocol is None or options.get("protocol") == protocol:
            connection = self._pool.make_connection()
        else:
            connection = self._pool.connection_class(**{**options, "protocol": protocol})
        self._opened.append(connection)
        await connection.connect()
        return connection

    async def _stay(self) -> None:
        """Return when one of the connections is lost, or silent."""
        loop = asyncio.get_running_loop()
        while not self._lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT):
                    await self._lost.wait()
                return
            ear, line = self._ear, self._line
            assert ear is not None  # noqa: S101 - for the type checker: both were opened
            assert line is not None  # noqa: S101 - likewise
            if loop.time() - ear.heard_at > _SILENCE:
                self._note(LineLost(f"nothing was heard for {_SILENCE:g} s"))
                return
            try:
                ear.ask()
                line.send([("PING",)])
            except (RedisError, OSError, RuntimeError, AttributeError) as error:
                # uvloop says in its own way that a connection is closed.
                self._note(error)

    def _note(self, error: Exception) -> None:
        if not self._lost.is_set():
            self.cause = str(error) or type(error).__name__
        # Before anything else is read: nothing of before is vouched for any more.
        self._heard.unlinked()
        self._lost.set()

    async def _close(self) -> None:
        line, self._line = self._line, None
        ear, self._ear = self._ear, None
        if line is not None:
            await line.end()
        if ear is not None:
            await ear.end()
        while self._opened:
            await self._opened.pop().disconnect(nowait=True)
