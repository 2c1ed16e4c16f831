"""A server whose connections can be broken, and whose port can be closed and opened again."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Scope
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mainhub.simulator.faults.fault import Mode, Target
from mainhub.simulator.faults.standing import Faults

_EXTENSION: Final = "simulator.connection"
_PATIENCE: Final = 2


class Connection(HttpToolsProtocol):
    """Tells each request over which transport it came."""

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_EXTENSION: {"transport": self.transport}}


def transport_of(scope: Scope) -> asyncio.Transport:
    """Return the transport of a request that a `FaultyServer` serves."""
    transport: asyncio.Transport = scope["extensions"][_EXTENSION]["transport"]
    return transport


class FaultyServer(uvicorn.Server):
    """Serves *app*, which is *target*, on the listening socket that *bind* returns.

    While the target refuses everything, the port of the orders service is closed, its open
    connections too; *bind* opens it again. The port of the tenant stays open, since faults are
    changed there.
    """

    def __init__(
        self, app: ASGIApp, *, faults: Faults, target: Target, bind: Callable[[], socket.socket]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_PATIENCE,
            )
        )
        self._faults = faults
        self._target = target
        self._bind = bind

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Bound before anything else starts, so that a port in use is all that is to be told.
        await super().startup([] if self._is_shut() else [self._bind()])

    @override
    async def on_tick(self, counter: int) -> bool:
        # Every tenth of a second.
        await self._follow()
        return await super().on_tick(counter)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._faults.of(self._target).fault.mode is not Mode.FINE:
            # What is held on purpose would only be waited for.
            self._hang_up()
        await super().shutdown(sockets)

    async def _follow(self) -> None:
        shut = self._is_shut()
        if shut and self.servers:
            for server in self.servers:
                server.close()
            self.servers = []
            self._hang_up()
        elif not shut and not self.servers:
            loop = asyncio.get_running_loop()
            self.servers = [await loop.create_server(self._connection, sock=self._bind())]

    def _is_shut(self) -> bool:
        fault = self._faults.of(self._target).fault
        return self._target is Target.ORDERS and fault.mode is Mode.REFUSE and fault.is_total

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.transport.abort()

    def _connection(self) -> Connection:
        return Connection(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
