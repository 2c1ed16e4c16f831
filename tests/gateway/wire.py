"""A client that puts exactly the given bytes on the wire and tells how an answer ended."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

LIMIT = 20.0


@dataclass
class Reply:
    """An answer; *complete* tells whether its body ended as its head promised."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    complete: bool = False

    def header(self, name: str) -> str | None:
        values = [value for given, value in self.headers if given == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def problem(self) -> dict[str, Any]:
        assert self.header("content-type") == "application/problem+json", self
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        return document

    @property
    def problem_name(self) -> str:
        return str(self.problem["type"]).removeprefix("urn:mainhub:problem:")


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Wire:
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> Reply:
        """Read the head of the next answer."""
        async with asyncio.timeout(LIMIT):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        pairs = [line.partition(":") for line in lines[1:-2]]
        headers = [(name.lower(), value.strip()) for name, _, value in pairs]
        return Reply(int(lines[0].split(" ")[1]), headers)

    async def piece(self) -> bytes:
        """Read one chunk of a chunked body; empty at its end."""
        async with asyncio.timeout(LIMIT):
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            chunk = await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        return chunk

    async def reply(self, *, to: str = "GET") -> Reply:
        """Read the next answer, to its end or to where it breaks off."""
        reply = await self.head()
        bodiless = to == "HEAD" or reply.status in {204, 304}
        try:
            if reply.header("transfer-encoding") == "chunked" and not bodiless:
                while chunk := await self.piece():
                    reply.body += chunk
            elif not bodiless:
                async with asyncio.timeout(LIMIT):
                    length = int(reply.header("content-length") or 0)
                    reply.body = await self.reader.readexactly(length)
        except asyncio.IncompleteReadError as error:
            reply.body += error.partial
            return reply
        reply.complete = True
        return reply

    async def rest(self) -> bytes:
        """Read to the end of the connection."""
        async with asyncio.timeout(LIMIT):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    def close(self) -> None:
        self.writer.transport.abort()
