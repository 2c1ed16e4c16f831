"""Serving a hub: sockets first, then uvicorn, then the way out."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence
from datetime import timedelta

import uvicorn
from typing_extensions import override

from mainhub.app.hub import Hub
from mainhub.app.protocol import HubProtocol
from mainhub.telemetry import get_logger

__all__ = ["serve"]

log = get_logger("app")


async def serve(hub: Hub, sockets: Sequence[socket.socket], *, drain: timedelta) -> None:
    """Serve *hub* on *sockets* until SIGTERM or SIGINT; open requests get *drain* to finish.

    The sockets come bound, so that a busy port is told before anything is opened.
    """
    config = uvicorn.Config(
        hub,
        http=HubProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # What is left of the time is for grants under way and for closing.
        timeout_graceful_shutdown=max(1, int(drain.total_seconds()) - 3),
        timeout_keep_alive=30,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        log.info("hub.draining")
        hub.drain()
        server.should_exit = True

    async with hub.running():
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        try:
            await server.serve(sockets=list(sockets))
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
    log.info("hub.stopped")


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handling, which would end the process by the signal."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
