"""The simulated world as `mainhub dev` runs it, with its faults, on loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from mainhub.simulator import (
    TENANT_ID,
    Deeds,
    FaultDesk,
    Faults,
    Faulty,
    FaultyServer,
    Target,
    entra_app,
    orders_app,
)
from mainhub.simulator.faults.breaking import Pace
from simulator.served import address, listener
from simulator.visitor import REGISTRATION, MovingClock

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.types import ASGIApp

PATHS = {
    Target.ENTRA: f"/{TENANT_ID}/v2.0/.well-known/openid-configuration",
    Target.ORDERS: "/healthz",
}
HEADERS = {"X-MainHub-Sim": "1"}
_PACE = Pace(look_every=0.01, byte_every=0.001)


@dataclass
class Chance:
    """Draws what it is told to."""

    drawn: float = 0.0

    def __call__(self) -> float:
        return self.drawn


@dataclass
class BrokenWorld:
    """Both targets, and who asks them."""

    urls: dict[Target, str]
    faults: Faults
    clock: MovingClock
    browser: aiohttp.ClientSession
    deeds: Deeds
    servers: dict[Target, FaultyServer] = field(default_factory=dict)
    chance: Chance = field(default_factory=Chance)

    @property
    def desk(self) -> str:
        return f"{self.urls[Target.ENTRA]}/_sim"

    async def set(self, target: str, **fault: object) -> dict[str, object]:
        """Change a fault as a program does, and return what is told of it."""
        url = f"{self.desk}/faults/{target}"
        async with self.browser.put(url, json=fault, headers=HEADERS) as answer:
            told: dict[str, object] = await answer.json()
            assert answer.status == 200, told
            return told

    async def switch(self, name: str, value: str, **more: object) -> dict[str, object]:
        """Set a switch as a program does, and return what is told of it."""
        url = f"{self.desk}/switches/{name}"
        async with self.browser.put(url, json={"value": value, **more}, headers=HEADERS) as answer:
            told: dict[str, object] = await answer.json()
            assert answer.status == 200, told
            return told

    async def ask(self, target: Target, path: str | None = None) -> tuple[int, bytes]:
        """Ask a target for its public address, and read the answer to its end."""
        url = self.urls[target] + (path or PATHS[target])
        async with self.browser.get(url, allow_redirects=False) as answer:
            return answer.status, await answer.read()


@asynccontextmanager
async def broken_world(folder: Path) -> AsyncIterator[BrokenWorld]:
    """Serve both targets on free ports, with their memory in *folder*."""
    clock, chance = MovingClock(), Chance()
    sockets = {target: listener() for target in Target}
    urls = {target: address(opened) for target, opened in sockets.items()}
    faults = Faults(folder / "faults.json", clock=clock)
    entra = entra_app(
        base_url=urls[Target.ENTRA], state=folder, registration=REGISTRATION, clock=clock
    )
    issuer = f"{urls[Target.ENTRA]}/{TENANT_ID}/v2.0"
    deeds: Deeds = entra.state.deeds
    orders = orders_app(issuer=issuer, audience=REGISTRATION.client_id, conduct=deeds.conduct)

    def faulty(app: ASGIApp, target: Target) -> Faulty:
        return Faulty(app, faults=faults, target=target, chance=chance, pace=_PACE)

    port = sockets[Target.ORDERS].getsockname()[1]
    apps: dict[Target, ASGIApp] = {
        Target.ENTRA: FaultDesk(
            faulty(entra, Target.ENTRA), faults=faults, orders_port=port, deeds=deeds
        ),
        Target.ORDERS: faulty(orders, Target.ORDERS),
    }
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as browser:
        world = BrokenWorld(urls, faults, clock, browser, deeds, chance=chance)
        async with asyncio.TaskGroup() as tasks:
            for target, app in apps.items():
                bind = _again(sockets[target])
                server = FaultyServer(app, faults=faults, target=target, bind=bind)
                world.servers[target] = server
                tasks.create_task(server.serve())
            await until(lambda: all(server.started for server in world.servers.values()))
            try:
                yield world
            finally:
                faults.forget()
                for server in world.servers.values():
                    server.should_exit = True


async def until(condition: Callable[[], bool]) -> None:
    """Wait for *condition*, for a while."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (it is no event of ours)
            await asyncio.sleep(0.01)


def _again(first: socket.socket) -> Callable[[], socket.socket]:
    """Return what binds: *first* at first, then its port anew."""
    port, unused = first.getsockname()[1], [first]

    def bind() -> socket.socket:
        return unused.pop() if unused else listener(port)

    return bind
