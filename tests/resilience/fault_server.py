"""A service that can be made to fail in every way that a network knows, while it runs."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "erp.test"
BODY = b'{"orders": []}'
SECRET = b"Traceback: password=hunter2"
RETRY_AFTER = 3
_DRIP_SECONDS = 0.01
_NO_LINGER = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    """What is wrong with it."""

    OK = "ok"
    REFUSE = "refuse"
    """Nobody listens."""
    DNS = "dns"
    """Its name is not known, see :class:`Names`."""
    HANG = "hang"
    """It takes requests and never answers."""
    DRIP = "drip"
    """It answers, byte by byte, and comes to no end."""
    STALL = "stall"
    """It stops in the middle of an answer, and stays."""
    STORM = "storm"
    """It answers everything with 500."""
    LIMITED = "limited"
    """It answers everything with 429 and Retry-After."""
    RESET = "reset"
    """It breaks off in the middle of an answer."""
    GARBAGE = "garbage"
    """It answers in no protocol."""
    CLOSE = "close"
    """It closes each connection at once."""
    MISSING = "missing"
    """It works, but has not what is asked for: 404."""
    AWAY = "away"
    """It says when to come back: 503 and Retry-After, which is far away."""


_WHOLE = {Fault.OK, Fault.STORM, Fault.LIMITED, Fault.MISSING, Fault.AWAY}


class FaultServer:
    """Listens on a free loopback port, and keeps that port while it refuses.

    Attributes:
        fault: what is wrong now; changed by :meth:`become`.
        connections: how many were accepted.
        requests: how many heads were read.
        inside: how many requests are being answered now.
        most_inside: the most that there were at once, without those whose caller had gone.
    """

    def __init__(self) -> None:
        self.fault = Fault.OK
        self.names = Names()
        self.connections = self.requests = self.inside = self.most_inside = 0
        self._held = _bound(0)
        self.port = int(self._held.getsockname()[1])
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._answered: set[asyncio.StreamReader] = set()

    @property
    def origin(self) -> str:
        """Where it is, by a name that :class:`Names` knows."""
        return f"http://{NAME}:{self.port}"

    @property
    def reached(self) -> int:
        """How often something came as far as this server, at least to be turned away."""
        return max(self.connections, self.requests)

    def has_read(self, count: int) -> bool:
        """Tell whether so many requests have come."""
        return self.requests >= count

    def is_idle(self) -> bool:
        """Tell whether it answers nobody, nor has anybody to find gone."""
        return self.inside == 0

    async def start(self) -> None:
        await self.become(Fault.OK)

    async def stop(self) -> None:
        await self.become(Fault.REFUSE)
        self._held.close()

    async def become(self, fault: Fault) -> None:
        """Have *fault* from now on; ``refuse`` also breaks off what is open, as a crash would."""
        self.fault = fault
        self.names.known = fault is not Fault.DNS
        if fault is Fault.REFUSE:
            await self._close()
        elif self._server is None:
            listener = _bound(self.port)
            self._server = await asyncio.start_server(self._accepted, sock=listener, backlog=256)

    async def _close(self) -> None:
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        tasks = dict(self._tasks)
        for task, writer in tasks.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks[task] = writer
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            del self._tasks[task]
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self.fault is not Fault.CLOSE:
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            self.inside += 1
            self._answered.add(reader)
            # Who drips finds out only at the next drop that nobody listens any more.
            waited_for = sum(not _is_over(one) for one in self._answered)
            self.most_inside = max(waited_for, self.most_inside)
            try:
                goes_on = await self._answer(reader, writer)
            finally:
                self.inside -= 1
                self._answered.discard(reader)
            if not goes_on:
                return

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection may be used again."""
        fault = self.fault
        if fault is Fault.DRIP:
            await _drip(writer)
        for piece in _answer(fault):
            writer.write(piece)
        await writer.drain()
        if fault in {Fault.HANG, Fault.STALL}:
            with suppress(ConnectionError):
                await reader.read()
        elif fault is Fault.RESET:
            _reset(writer)
        return fault in _WHOLE


class Names(AbstractResolver):
    """Knows one name, or none; nobody outside is asked.

    Attributes:
        known: whether :data:`NAME` is.
        asked: how often it was looked up.
    """

    def __init__(self) -> None:
        self.known = True
        self.asked = 0

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        if host != NAME or not self.known:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        found = ResolveResult(
            hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [found]

    @override
    async def close(self) -> None:
        pass


def _bound(port: int) -> socket.socket:
    """Return a socket that has *port*; while it does not listen, the port refuses."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", port))
    return opened


def _answer(fault: Fault) -> Iterator[bytes]:
    if fault is Fault.OK:
        yield _whole("200 OK", BODY)
    elif fault is Fault.STORM:
        yield _whole("500 Internal Server Error", SECRET)
    elif fault is Fault.LIMITED:
        yield _whole("429 Too Many Requests", BODY, f"Retry-After: {RETRY_AFTER}")
    elif fault is Fault.MISSING:
        yield _whole("404 Not Found", BODY)
    elif fault is Fault.AWAY:
        yield _whole("503 Service Unavailable", SECRET, "Retry-After: 120")
    elif fault in {Fault.STALL, Fault.RESET}:
        yield _whole("200 OK", BODY)[: -len(BODY) // 2]
    elif fault is Fault.GARBAGE:
        yield b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n"


def _whole(status: str, body: bytes, *headers: str) -> bytes:
    kind = "Content-Type: application/json"
    lines = [f"HTTP/1.1 {status}", kind, f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def _is_over(reader: asyncio.StreamReader) -> bool:
    """Tell whether the caller has closed the connection, or broken it off."""
    return reader.at_eof() or reader.exception() is not None


async def _drip(writer: asyncio.StreamWriter) -> None:
    """Write a head that never ends, a byte at a time, until the other side has gone."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not writer.is_closing():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(_DRIP_SECONDS)
    raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    """Break off so that the other side is told (RST) rather than read an end."""
    with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
