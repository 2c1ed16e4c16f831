"""The gateway as it is served: uvicorn in front, a scripted service behind, doubles beside it."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import uvicorn
from typing_extensions import override

from gateway.scripted_upstream import ScriptedUpstream, pause
from gateway.wire import LIMIT, Reply, Wire
from mainhub.access import Need
from mainhub.gateway import Declaration, FrontendCalls, Gateway, RouteTable, Service
from mainhub.gateway.upstream import AiohttpUpstream
from mainhub.identity import EDITOR, EMPLOYEE, ROLELESS, Person
from mainhub.sessions import Session, Token, TokenGrants
from mainhub.web import Authenticator, Caller, Edge, Hosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import ASGIApp

    from mainhub.telemetry.telemetry import Telemetry

ROLES = {"grace": EDITOR, "linus": EMPLOYEE, "alan": ROLELESS}
SCOPES = ("api://hub/access_as_user",)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
_LOOK_EVERY = 0.002


class CookieNames(Authenticator):
    """Takes the cookie ``mainhub`` for the person's name; ``failure`` is raised instead."""

    def __init__(self) -> None:
        self.failure: Exception | None = None

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        if self.failure is not None:
            raise self.failure
        cookies = b";".join(value for name, value in headers if name == b"cookie").decode()
        name = dict(pair.strip().split("=", 1) for pair in cookies.split(";") if pair).get(
            "mainhub"
        )
        if name is None:
            return None
        roles = (ROLES.get(name, EMPLOYEE),)
        person = Person(f"t.{name}", name, None, roles, "t", "entra")
        return Caller(person, f"session-{name}", f"ref-{name}", LATER, LATER)


class Grants(TokenGrants):
    """Grants ``token-SESSION-SCOPE``; ``failure`` is raised instead."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.failure_to_renew: Exception | None = None
        self.forced = 0
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    @override
    async def token_for(
        self, session_id: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        self.asked.append((session_id, scopes))
        self.forced += force_refresh
        if self.failure is not None:
            raise self.failure
        if force_refresh and self.failure_to_renew is not None:
            raise self.failure_to_renew
        return Token(f"token-{session_id}" + "-newer" * self.forced, LATER)

    @override
    async def on_behalf_of(self, token: str, provider: str, scopes: tuple[str, ...]) -> Token:
        return Token(f"{token}-on-behalf", LATER)

    @override
    async def for_application(
        self, provider: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        self.forced += force_refresh
        return Token(f"token-{provider}" + "-newer" * self.forced, LATER)

    @override
    def give_back(self, session: Session) -> None:
        pass


class ServedGateway:
    """A running hub of one gateway, and its client's side."""

    def __init__(self, *, allow_unnamed: bool = True) -> None:
        self.upstream = ScriptedUpstream()
        self.people = CookieNames()
        self.grants = Grants()
        self.way = AiohttpUpstream()
        self.port = 0
        self.declarations: list[Declaration] = []
        self.telemetry: Telemetry | None = None
        self.gateway: Gateway
        self._allow_unnamed = allow_unnamed
        self._wires: list[Wire] = []
        self._server: uvicorn.Server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    async def declared(self) -> list[Declaration]:
        """Return what the front-ends declare; most calls here name none, which is allowed."""
        return self.declarations

    def service(self, name: str = "orders", **terms: Any) -> Service:
        """Return a service at the scripted upstream, *terms* aside."""
        return Service(
            **{
                "name": name,
                "upstream": self.upstream.origin,
                "need": Need.any_of({EDITOR, EMPLOYEE}),
                "scopes": SCOPES,
                "connect_timeout": timedelta(seconds=LIMIT),
                "response_timeout": timedelta(seconds=LIMIT),
                "idle_timeout": timedelta(seconds=LIMIT),
                "max_body": 1 << 20,
                **terms,
            }
        )

    def route(self, *services: Service) -> None:
        self.gateway.routes = RouteTable(services)

    def application(self) -> ASGIApp:
        """Return what the edge stands before; the gateway alone, unless a test has more."""
        return self.gateway

    async def start(self) -> None:
        await self.upstream.start()
        await self.way.start()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.gateway = Gateway(
            routes=RouteTable([self.service(), self.service("open", scopes=())]),
            authenticator=self.people,
            grants=self.grants,
            upstream=self.way,
            frontends=FrontendCalls(self.declared, allow_unnamed=self._allow_unnamed),
            own_origin=self.origin,
            metrics=self.telemetry.metrics if self.telemetry else None,
        )
        edge = Edge(
            self.application(),
            hosts=Hosts(self.origin),
            recorder=self.telemetry.recorder if self.telemetry else None,
            metrics=self.telemetry.metrics if self.telemetry else None,
        )
        config = uvicorn.Config(
            edge,
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._socket])

    async def stop(self) -> None:
        for wire in self._wires:
            wire.close()
        try:
            async with asyncio.timeout(LIMIT):
                await self._server.shutdown(sockets=[self._socket])
        finally:
            await self.way.aclose()
            await self.upstream.stop()

    async def wire(self) -> Wire:
        wire = await Wire.open(self.port)
        self._wires.append(wire)
        return wire

    def request(
        self,
        target: str = "/api/orders/v1/orders",
        *headers: str,
        method: str = "GET",
        person: str | None = "linus",
        body: bytes = b"",
    ) -> bytes:
        """Return the bytes of a request that the hub's own page would make."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}"]
        if person is not None:
            lines.append(f"Cookie: mainhub={person}")
        if method not in {"GET", "HEAD", "OPTIONS"}:
            lines += ["X-MainHub-CSRF: 1", "Sec-Fetch-Site: same-origin", f"Origin: {self.origin}"]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body

    async def call(self, target: str = "/api/orders/v1/orders", *headers: str, **how: Any) -> Reply:
        """Make one call on a connection of its own."""
        wire = await self.wire()
        await wire.send(self.request(target, *headers, **how))
        return await wire.reply(to=how.get("method", "GET"))

    async def raw(self, data: bytes) -> Reply:
        """Send *data* and read one answer."""
        wire = await self.wire()
        await wire.send(data)
        return await wire.reply()


async def eventually(condition: Callable[[], bool]) -> None:
    """Let everything else run until *condition* holds."""
    async with asyncio.timeout(LIMIT):
        while not condition():
            await pause(_LOOK_EVERY)
