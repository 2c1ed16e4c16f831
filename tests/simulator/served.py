"""Real servers on loopback, inside the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """Tells when it is ready, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def listener(port: int = 0) -> socket.socket:
    """Return a socket that listens on loopback; connections wait until somebody serves it."""
    # With the protocol named, asyncio sends small answers at once (TCP_NODELAY).
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", port))
    opened.listen()
    return opened


def address(opened: socket.socket) -> str:
    """Return the base URL of what is served on *opened*."""
    return f"http://127.0.0.1:{opened.getsockname()[1]}"


@asynccontextmanager
async def serving(app: ASGIApp, on: socket.socket) -> AsyncIterator[None]:
    """Serve *app* on a listening socket, which is closed at the end."""
    server = _Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[on]))
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    assert ready.done(), "the server did not start"
    try:
        yield
    finally:
        server.should_exit = True
        await running
