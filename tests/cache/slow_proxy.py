"""A way to a server on loopback that can be slow, or swallow what some connections carry."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self


class SlowProxy:
    """Carries bytes both ways.

    Attributes:
        delay: seconds by which answers are late.
        swallowed: the numbers of the connections, in order of their coming, that carry nothing.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.delay = 0.0
        self.swallowed: set[int] = set()
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, self.connections = self.connections, self.connections + 1
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        for source, sink, late in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._copy(number, source, sink, late=late))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(
        self, number: int, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, late: bool
    ) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while data := await source.read(65536):
                if late and self.delay:
                    await asyncio.sleep(self.delay)
                if number not in self.swallowed:
                    sink.write(data)
        sink.close()
        with suppress(OSError):
            await sink.wait_closed()
