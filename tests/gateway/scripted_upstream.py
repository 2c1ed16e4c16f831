"""A service that records every byte it is sent and answers exactly as a test scripts it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


@dataclass
class Exchange:
    """One request as the service received it, and the means to answer it."""

    head: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: int
    ended: bool = field(default=False)

    @property
    def request_line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        return self.request_line.split(" ")[1]

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("utf-8").split("\r\n")[1:-2]
        pairs = [line.partition(":") for line in lines]
        return [(name.lower(), value.strip()) for name, _, value in pairs]

    def header(self, name: str) -> str | None:
        values = [value for given, value in self.headers if given == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    async def body(self) -> bytes:
        if self.header("transfer-encoding") == "chunked":
            return b"".join([chunk async for chunk in self.chunks()])
        return await self.reader.readexactly(int(self.header("content-length") or 0))

    async def chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readline(), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"{}", *headers: str, status: str = "200 OK") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        await self.write("\r\n".join(lines).encode("latin-1") + body)

    def reset(self) -> None:
        """Break the connection off."""
        self.ended = True
        self.writer.transport.abort()

    def close(self) -> None:
        """Close the connection once what was written has gone out."""
        self.ended = True
        self.writer.close()

    async def until_gone(self) -> None:
        """Wait until the other side has closed."""
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass
        self.ended = True


async def pause(seconds: float) -> None:
    """Let *seconds* pass on the service's side: some faults are made of time."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    timer = loop.call_later(seconds, over.set_result, None)
    try:
        await over
    finally:
        timer.cancel()


async def echo(exchange: Exchange) -> None:
    await exchange.answer(await exchange.body())


class ScriptedUpstream:
    """Serves on a free loopback port; ``script`` answers each request."""

    def __init__(self) -> None:
        self.script: Callable[[Exchange], Awaitable[None]] = echo
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self.origin = ""
        self.errors: list[BaseException] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def only(self) -> Exchange:
        assert len(self.exchanges) == 1, [each.request_line for each in self.exchanges]
        return self.exchanges[0]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 20)
        port = self._server.sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Stop listening and break off what is open, as a crash would."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        connection = self.connections
        try:
            await self._serve(reader, writer, connection)
        except asyncio.CancelledError:
            pass
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.errors.append(error)
        finally:
            writer.transport.abort()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    raise
                return
            exchange = Exchange(head, reader, writer, connection)
            self.exchanges.append(exchange)
            await self.script(exchange)
            if exchange.ended:
                return
