"""The stream and the routes as they are served: uvicorn in front, people and sessions made up."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import uvicorn
from typing_extensions import override

from events.moments import ADA, ALAN, GRACE, LATER, LINUS, HandClock, a_bus, caller, permits
from mainhub.access import require
from mainhub.app.api import control_app
from mainhub.events import EventStream, Streams
from mainhub.events.routes import EventRoutes
from mainhub.web import Authenticator, Caller, Edge, Guard, Hosts, read_cookies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable

    from mainhub.events import Bus
    from mainhub.web.edge import Receive, Scope, Send

LIMIT = 20.0
PEOPLE = {who.id.removeprefix("t."): who for who in (ADA, GRACE, LINUS, ALAN)}


class Sessions(Authenticator):
    """Takes the cookie ``mainhub`` for ``NAME`` or ``NAME.SESSION``."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.failure: Exception | None = None
        self.peeks = 0
        self.expires_at = LATER
        self.roles: tuple[str, ...] = ()
        # What stops an answer until it is set, though it has been found already.
        self.gate: asyncio.Event | None = None
        self.unvouched_for = timedelta()

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        cookie = read_cookies(headers).get("mainhub", "")
        name = cookie.partition(".")[0]
        if name not in PEOPLE or cookie in self.gone:
            return None
        who = PEOPLE[name]
        return caller(replace(who, roles=self.roles or who.roles), cookie)

    async def peek(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        self.peeks += 1
        if self.failure is not None:
            raise self.failure
        found = await self.authenticate(headers)
        if self.gate is not None:
            await self.gate.wait()
        return found and replace(
            found,
            idle_expires_at=self.expires_at,
            unverified=bool(self.unvouched_for),
            unvouched_for=self.unvouched_for,
        )


@dataclass
class Frame:
    """One event of a stream as a browser reads it."""

    name: str
    id: str
    data: Any


class Client:
    """A page with one stream open, which it reads byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.last_id = ""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.beats = 0
        self.body = b""

    async def open(self, host: str, target: str, *headers: str, method: str = "GET") -> None:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = (await self._within(self.reader.readuntil(b"\r\n\r\n"))).decode("latin-1")
        first, *fields = head.strip().split("\r\n")
        self.status = int(first.split(" ")[1])
        self.headers = {
            name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
        }
        if "content-length" in self.headers and method != "HEAD":
            length = int(self.headers["content-length"])
            self.body = await self._within(self.reader.readexactly(length))

    async def frame(self) -> Frame | None:
        """Return the next event, ``None`` when the stream has come to its proper end."""
        while True:
            block = await self._block()
            if block is None:
                return None
            fields: dict[str, str] = {}
            for line in block.decode().splitlines():
                name, _, value = line.partition(": ")
                fields[name] = value
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                name = fields.get("event", "message")
                return Frame(name, fields.get("id", ""), json.loads(fields["data"]))
            self.beats += 1

    async def frames(self, count: int) -> list[Frame]:
        found = [await self.frame() for _ in range(count)]
        return [frame for frame in found if frame is not None]

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Return the data of the next *count* events that happened."""
        found = await self.frames(count)
        assert [frame.name for frame in found] == ["message"] * count, found
        assert [frame.id for frame in found] == [frame.data["id"] for frame in found]
        return [frame.data for frame in found]

    def close(self) -> None:
        self.writer.transport.abort()

    async def _block(self) -> bytes | None:
        """Return what comes up to the next blank line, however it is cut into chunks."""
        while b"\n\n" not in self.body:
            size = int(await self._within(self.reader.readuntil(b"\r\n")), 16)
            data = await self._within(self.reader.readexactly(size + 2))
            if not size:
                return None
            self.body += data[:-2]
        block, _, self.body = self.body.partition(b"\n\n")
        return block

    async def _within(self, reading: Awaitable[bytes]) -> bytes:
        async with asyncio.timeout(LIMIT):
            return await reading


class ServedEvents:
    """A running hub of one bus."""

    def __init__(
        self,
        *,
        heartbeat: timedelta = timedelta(seconds=15),
        grace: timedelta = timedelta(seconds=30),
        history: int = 100,
        queue: int = 256,
        per_session: int = 32,
        most: int = 20_000,
    ) -> None:
        self.clock = HandClock()
        self.bus: Bus = a_bus(history, self.clock)
        self.sessions = Sessions()
        self.port = 0
        self._terms: dict[str, Any] = {"queue": queue, "per_session": per_session, "most": most}
        self._heartbeat = heartbeat
        self._grace = grace
        self._clients: list[Client] = []
        self._server: uvicorn.Server
        self._socket: socket.socket

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def compose(self) -> None:
        """Make what a process makes when it starts."""
        self.streams = Streams(self.bus, permits=permits, **self._terms)
        self._stream = EventStream(
            streams=self.streams,
            peek=self.sessions.peek,
            clock=self.clock,
            heartbeat=self._heartbeat,
            grace=self._grace,
        )
        guard = Guard(self.sessions, own_origin=f"http://{self.host}", judge=require)
        routes = EventRoutes(bus=self.bus, guard=guard, permits=permits)
        self._control = control_app([routes.router()])

    def restart(self) -> None:
        """Forget everything, as a new process does."""
        self.streams.close()
        self.bus = a_bus(100, self.clock)
        self.compose()

    async def start(self) -> ServedEvents:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.compose()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            events = scope["path"].startswith("/events")
            await (self._stream if events else self._control)(scope, receive, send)

        config = uvicorn.Config(
            Edge(app, hosts=Hosts(f"http://{self.host}")),
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._socket])
        return self

    async def drain(self) -> None:
        """End as on SIGTERM: every stream, then the server, which waits for what is open."""
        self.streams.close()
        async with asyncio.timeout(LIMIT):
            await self._server.shutdown(sockets=[self._socket])

    async def stop(self) -> None:
        for client in self._clients:
            client.close()
        with suppress(TimeoutError):
            await self.drain()

    async def connect(
        self,
        *headers: str,
        person: str | None = "ada",
        target: str = "/events/stream",
        method: str = "GET",
        small_buffer: bool = False,
    ) -> Client:
        """Send a request for the stream and read the head of its answer."""
        own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if small_buffer:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        own.setblocking(False)  # noqa: FBT003  socket's own signature
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", self.port))
        client = Client(*await asyncio.open_connection(sock=own, limit=2**16))
        self._clients.append(client)
        cookies = [f"Cookie: mainhub={person}"] if person else []
        await client.open(self.host, target, *cookies, *headers, method=method)
        return client

    async def listen(self, person: str = "ada", after: str | None = None) -> Client:
        """Open a stream and read what it begins with, a gap aside."""
        resume = [f"Last-Event-ID: {after}"] if after else []
        client = await self.connect(*resume, person=person)
        assert client.status == 200, client.body
        hello = await client.frame()
        assert hello is not None
        assert hello.name == "hello"
        return client


@asynccontextmanager
async def serving(**terms: Any) -> AsyncIterator[ServedEvents]:
    served = await ServedEvents(**terms).start()
    try:
        yield served
    finally:
        await served.stop()


async def ended(client: Client) -> dict[str, Any]:
    """Return what the stream's last event says, after which it closes."""
    end = await client.frame()
    assert end is not None
    assert end.name == "end"
    assert await client.frame() is None
    data: dict[str, Any] = end.data
    return data
