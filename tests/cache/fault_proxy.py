"""What stands between a cache and its Redis and does to their connections what networks do.

It runs on a thread of its own, so that it slows down nobody's event loop, and knows two kinds of
connections: a link that subscribes hears, every other one commands.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["COMMANDS", "EVERY", "HEARING", "FaultProxy"]

COMMANDS: Final = frozenset({"commands"})
HEARING: Final = frozenset({"hearing"})
EVERY: Final = COMMANDS | HEARING
_CHUNK: Final = 65_536
_PATIENCE: Final = 30.0


class FaultProxy:
    """Listens on a free loopback port and passes everything on to *port*.

    Every method but the constructor may be called from any thread, and has had its effect when it
    returns.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._pairs: set[_Pair] = set()
        self._server: asyncio.Server | None = None
        self._holes: frozenset[str] = frozenset()
        self._delay = 0.0
        self.port = 0
        self._thread = threading.Thread(target=self._serve, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(_PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def pass_on(self, port: int | None = None) -> None:
        """Do no harm any more, and lead new connections to *port* from now on."""

        async def do() -> None:
            self._target = port or self._target
            self._delay, self._holes = 0.0, frozenset()
            for pair in self._pairs:
                pair.open.set()

        self._do(do)

    def delay(self, seconds: float) -> None:
        """Let everything arrive so much later, each way."""

        async def do() -> None:
            self._delay = seconds

        self._do(do)

    def swallow(self, kinds: frozenset[str], *, new: bool = False) -> None:
        """Let links of *kinds* be silent: what is sent waits for ever, and nobody is told.

        With *new*, connections that are opened from now on are silent from their first byte.
        """

        async def do() -> None:
            self._holes = kinds if new else frozenset()
            for pair in self._pairs:
                if pair.kind in kinds:
                    pair.open.clear()

        self._do(do)

    def cut(self, kinds: frozenset[str] = EVERY) -> None:
        """Break links of *kinds* off, on both sides."""

        async def do() -> None:
            for pair in list(self._pairs):
                if pair.kind in kinds:
                    pair.abort()

        self._do(do)

    def halve(self, kinds: frozenset[str] = EVERY) -> None:
        """Break links of *kinds* off for the server alone: clients are told nothing."""

        async def do() -> None:
            for pair in list(self._pairs):
                if pair.kind in kinds:
                    pair.open.clear()
                    pair.there.transport.abort()

        self._do(do)

    @property
    def kinds(self) -> list[str]:
        """What kinds of links there are."""
        return sorted(pair.kind for pair in tuple(self._pairs))

    def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(_PATIENCE)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        for pair in list(self._pairs):
            pair.abort()
            pair.open.set()
        current = asyncio.current_task()
        left = [task for task in asyncio.all_tasks() if task is not current]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, here: asyncio.StreamWriter) -> None:
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            here.transport.abort()
            return
        pair = _Pair(here, there)
        if self._holes:
            pair.open.clear()
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._pump(pair, reader, there, asks=True), self._pump(pair, back, here, asks=False)
            )
        finally:
            self._pairs.discard(pair)
            pair.abort()

    async def _pump(
        self,
        pair: _Pair,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        asks: bool,
    ) -> None:
        """Pass on what comes, late but in order, until either end is gone."""
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sending = asyncio.create_task(self._send(pair, late, writer))
        try:
            with suppress(OSError):
                while data := await reader.read(_CHUNK):
                    if asks and b"SUBSCRIBE" in data.upper():
                        pair.kind = "hearing"
                    late.put_nowait((self._loop.time() + self._delay, data))
            # What was sent before the end arrives before it.
            late.put_nowait((self._loop.time() + self._delay, b""))
            await sending
        finally:
            sending.cancel()

    async def _send(
        self,
        pair: _Pair,
        late: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
    ) -> None:
        while True:
            at, data = await late.get()
            await asyncio.sleep(max(0.0, at - self._loop.time()))
            await pair.open.wait()
            if not data:
                writer.transport.abort()
                return
            if writer.transport.is_closing():
                return
            with suppress(OSError):
                writer.write(data)
                await writer.drain()


class _Pair:
    """Two connections that are meant to be one."""

    def __init__(self, here: asyncio.StreamWriter, there: asyncio.StreamWriter) -> None:
        self.here = here
        self.there = there
        self.kind = "commands"
        self.open = asyncio.Event()
        self.open.set()

    def abort(self) -> None:
        self.here.transport.abort()
        self.there.transport.abort()
