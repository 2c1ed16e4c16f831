"""A real server on loopback whose answers a test writes, byte by byte."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class LocalServer:
    """Remembers the requests that it got, and answers each with ``answer``."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answer: Answer = saying(b"{}")
        self.left = asyncio.Event()
        self.port = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LocalServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await _request(reader))
            await self.answer(writer)
            if not writer.is_closing():
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            # A client that gave up may leave before it has said everything, or anything.
            pass
        finally:
            self.left.set()
            writer.close()


async def _request(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(
        (
            int(line.partition(":")[2])
            for line in head.split("\r\n")
            if line.lower().startswith("content-length:")
        ),
        0,
    )
    return head + (await reader.readexactly(length)).decode()


def saying(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """Return the answer of *status* with *body*."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        writer.write_eof()
        await writer.drain()

    return answer
