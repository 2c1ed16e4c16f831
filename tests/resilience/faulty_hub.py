"""A gateway before a service that fails, with somebody beside it who must not notice."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from typing_extensions import override

from gateway.served import ServedGateway, eventually
from mainhub.health import Readiness
from mainhub.health.routes import router as health_router
from mainhub.resilience import (
    Budget,
    Bulkhead,
    CircuitBreaker,
    Pipeline,
    Retry,
    State,
    Transition,
)
from resilience.fault_server import SECRET, FaultServer
from resilience.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gateway.wire import Reply

# A machine may stand still for a second or more: these are for tests in which nothing hangs.
PATIENT = 20.0
# And these for those in which something does, and whose length they decide.
HURRIED, HURRIED_IDLE = 2.0, 1.0
# Beyond what is promised: this machine may be busy.
GENEROUS = 8.0
ATTEMPTS, CONSECUTIVE, LIMIT = 3, 5, 8
OPEN_FOR, OPEN_MAX = timedelta(seconds=60), timedelta(seconds=300)
TARGET = "/api/erp/v1/orders"
CUT = "cut"


class FaultyHub(ServedGateway):
    """A gateway before one service that fails and one that does not, and its health's routes."""

    def __init__(self, *, total: float, idle: float) -> None:
        super().__init__()
        self._total, self._idle = total, idle
        self.faulty = FaultServer()
        self.clock = MovedClock()
        self.changes: list[Transition] = []
        self.breaker = CircuitBreaker(
            consecutive=CONSECUTIVE, open_for=OPEN_FOR, open_max=OPEN_MAX, clock=self.clock
        )
        self.breaker.listen(self.changes.append)
        self.bulkhead = Bulkhead(LIMIT, queue=200)
        self.way_to_erp = Pipeline(
            "service-erp",
            breaker=self.breaker,
            retry=Retry(ATTEMPTS, base=timedelta(milliseconds=5), budget=Budget(burst=100)),
            bulkhead=self.bulkhead,
        )
        self._health = FastAPI()
        self._health.include_router(health_router(Readiness()))

    @override
    def application(self) -> ASGIApp:
        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            inner = self.gateway if scope["path"].startswith("/api/") else self._health
            await inner(scope, receive, send)

        return dispatch

    @override
    async def start(self) -> None:
        await self.faulty.start()
        await super().start()
        erp = self.service(
            "erp",
            scopes=(),
            upstream=self.faulty.origin,
            response_timeout=timedelta(seconds=self._total),
            idle_timeout=timedelta(seconds=self._idle),
            way=self.way_to_erp,
        )
        self.route(self.service(), erp)

    @override
    async def stop(self) -> None:
        try:
            await super().stop()
        finally:
            await self.faulty.stop()

    @property
    def attempts(self) -> int:
        """How often the service was tried, whether or not anything reached it."""
        figures = self.way_to_erp.figures
        return figures.ok + figures.failed + figures.retries

    @property
    def states(self) -> list[State]:
        """The states that the circuit has come to, one after the other."""
        return [change.after for change in self.changes]

    async def settle(self) -> None:
        """Wait until nobody is connected but the bystander, and no call is under way."""
        # Connections are taken in the order in which they came: this one is the last.
        wire = await self.wire()
        await wire.send(self.request())
        await wire.reply()
        wire.close()
        await eventually(lambda: len(self._server.server_state.connections) <= 1)
        await eventually(lambda: self.bulkhead.taken == 0)

    async def ask(self, count: int = 1) -> Counter[str]:
        """Make *count* calls at once; return what they got, by kind."""
        wires = [await self.wire() for _ in range(count)]
        for wire in wires:
            await wire.send(self.request(TARGET))
        try:
            async with asyncio.timeout(self._total + GENEROUS):
                replies = await asyncio.gather(*(wire.reply() for wire in wires))
        finally:
            for wire in wires:
                wire.close()
        for reply in replies:
            assert SECRET not in reply.body
        return Counter(kind(reply) for reply in replies)


def kind(reply: Reply) -> str:
    """Return what *reply* says, in a word; see to it that a problem says when to come back."""
    if not reply.complete:
        return CUT
    if reply.header("content-type") != "application/problem+json":
        return str(reply.status)
    assert reply.problem["service"] == "erp"
    if reply.status in {429, 503}:
        assert int(reply.header("retry-after") or 0) >= 1
    return reply.problem_name


class Bystander:
    """Somebody who uses another service all the while, and a machine that asks for ``/livez``."""

    def __init__(self, hub: FaultyHub) -> None:
        self._hub = hub
        self._over = False
        self.seen: Counter[tuple[str, int, bytes]] = Counter()
        self._task = asyncio.create_task(self._use())

    async def stop(self) -> None:
        self._over = True
        await self._task

    async def _use(self) -> None:
        wire = await self._hub.wire()
        try:
            while not self._over:
                for target in ("/api/orders/v1/orders", "/livez"):
                    await wire.send(self._hub.request(target))
                    reply = await wire.reply()
                    self.seen[target, reply.status, reply.body] += 1
        finally:
            wire.close()


@asynccontextmanager
async def faulty_hub(
    patch: pytest.MonkeyPatch, *, total: float = PATIENT, idle: float = PATIENT
) -> AsyncIterator[FaultyHub]:
    """Serve a hub, and see to it that nobody else noticed and that nothing of it is left.

    *total* and *idle* are the service's time-outs in seconds.
    """
    sockets, tasks = open_sockets(), asyncio.all_tasks()
    served = FaultyHub(total=total, idle=idle)
    # The way to the services takes what aiohttp takes for granted.
    patch.setattr("aiohttp.connector.DefaultResolver", lambda **_: served.faulty.names)
    await served.start()
    try:
        bystander = Bystander(served)
        yield served
        await bystander.stop()
        await eventually(lambda: served.bulkhead.taken == 0)
        assert served.way_to_erp.figures.in_flight == 0
    finally:
        # Whatever failed: uvloop does not end while somebody is connected.
        await served.stop()
    unchanged = {("/api/orders/v1/orders", 200, b""), ("/livez", 200, b'{"status":"alive"}')}
    assert set(bystander.seen) == unchanged
    assert (served.bulkhead.taken, len(served.bulkhead.waiting)) == (0, 0)
    await eventually(lambda: not left(asyncio.all_tasks() - tasks))
    await eventually(lambda: open_sockets() <= sockets)


def left(tasks: set[asyncio.Task[object]]) -> list[str]:
    """Return those of *tasks* that are not of the runner of this test."""
    return [told for told in map(repr, tasks) if "TestRunner" not in told]


def open_sockets() -> int:
    """Return how many sockets this process has open."""
    count = 0
    for opened in Path("/proc/self/fd").iterdir():
        # The one through which this folder is read is gone by now.
        with suppress(FileNotFoundError):
            count += str(opened.readlink()).startswith("socket:")
    return count
