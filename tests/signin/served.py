"""A hub composed as the command line composes it, served in the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
from typing_extensions import override

from cli.mainhub_process import HUB_DATABASES
from mainhub.app import compose
from mainhub.frontends import Build
from mainhub.settings import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from mainhub.app.hub import Hub
    from mainhub.clock import Clock

SECRET_KEY = "a-made-up-key-for-the-tests-of-signing-in"
_MANIFEST: dict[str, Any] = {
    "boot": {"file": "boot-1.js", "css": ["shell-1.css"]},
    "fluent": {"file": "fluent-1.js"},
    "imports": {"@mainhub/sdk": "sdk-1.js", "lit": "lit-1.js"},
    "frontends": {"dashboard": {"file": "dashboard-1.js", "integrity": "sha384-made-up"}},
    "pages": {"css": "pages-1.css"},
    "icon": "mainhub-1.svg",
    "integrity": {},
    "sources": "",
}


@dataclass(frozen=True)
class ServedHub:
    """A hub that answers at *url*."""

    url: str
    hub: Hub

    @property
    def parts(self) -> Any:  # noqa: ANN401 - what the tests look at behind the door
        """Return the rooms of the hub."""
        return self.hub._parts


def settings_of(
    on: socket.socket,
    state: Path,
    *,
    identity: Mapping[str, object],
    services: Mapping[str, object] | None = None,
    public_url: str | None = None,
    sections: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return settings for a hub on the socket *on* that keeps its database in *state*."""
    url = public_url or hub_url(on)
    known = f"sqlite+aiosqlite:///{state / 'mainhub.db'}"
    return {
        "hub": {
            "mode": "development",
            "listen": f"127.0.0.1:{on.getsockname()[1]}",
            "public_url": url,
            "secret_keys": [SECRET_KEY],
        },
        "database": {"url": HUB_DATABASES.told(state) or known},
        "identity": dict(identity),
        "gateway": {"services": dict(services or {})},
        "frontends": {"declared": {"dashboard": {"apis": list(services or {})}}},
        **(sections or {}),
    }


def listener(port: int = 0) -> socket.socket:
    """Return a socket that listens on loopback; connections wait until somebody serves it."""
    # The protocol is named, since asyncio turns Nagle's algorithm off only where it is: without,
    # every answer in two packets waits 40 ms for an acknowledgement.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", port))
    opened.listen()
    return opened


def hub_url(on: socket.socket) -> str:
    """Return the address of the hub on *on*: localhost, where providers are on 127.0.0.1."""
    return f"http://localhost:{on.getsockname()[1]}"


@asynccontextmanager
async def serving_hub(
    settings: Mapping[str, object], on: socket.socket, *, clock: Clock
) -> AsyncIterator[ServedHub]:
    """Compose a hub and serve it on a listening socket, which is closed at the end."""
    read = load(config=None, environ={}, preset=dict(settings), vendor_names=False)
    hub = compose(read, clock=clock, build=Build(_MANIFEST, {}))
    url = hub_url(on)
    config = uvicorn.Config(
        hub,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)

    async def run() -> None:
        # One task enters and leaves what the hub runs in, as at the command line.
        async with hub.running():
            await server.serve(sockets=[on])

    running = asyncio.create_task(run())
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
    if not ready.done():
        ready.cancel()
        await running
    try:
        yield ServedHub(url, hub)
    finally:
        server.should_exit = True
        await running


class _Server(uvicorn.Server):
    """Tells when it is ready, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
