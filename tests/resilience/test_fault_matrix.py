"""Each fault that a service can have, through the gateway: what people see, what it is spared.

The hub runs as it is served, in real time; only the breaker's clock is moved by hand.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from typing_extensions import override

from gateway.served import ServedGateway, eventually
from mainhub.clock import Clock
from mainhub.health import Readiness
from mainhub.health.routes import router as health_router
from mainhub.resilience import (
    Budget,
    Bulkhead,
    Cause,
    CircuitBreaker,
    Pipeline,
    Retry,
    State,
    Transition,
)
from resilience.fault_server import BODY, SECRET, Fault, FaultServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gateway.wire import Reply

pytestmark = pytest.mark.anyio

TOTAL, IDLE = 0.8, 0.4
# Beyond what is promised: this machine may be busy.
GENEROUS = 8.0
ATTEMPTS, CONSECUTIVE, LIMIT = 3, 5, 8
OPEN_FOR, OPEN_MAX = timedelta(seconds=60), timedelta(seconds=300)
TARGET = "/api/erp/v1/orders"


@dataclass(frozen=True)
class Row:
    """What is seen of a fault: what the first caller gets, after how many attempts."""

    fault: Fault
    first: str
    attempts: int


UNREACHABLE, TIMEOUT, CUT = "upstream-unreachable", "upstream-timeout", "cut"
MATRIX = [
    Row(Fault.REFUSE, UNREACHABLE, ATTEMPTS),
    Row(Fault.DNS, UNREACHABLE, ATTEMPTS),
    Row(Fault.HANG, TIMEOUT, 1),
    Row(Fault.DRIP, TIMEOUT, 1),
    Row(Fault.STALL, CUT, 1),
    Row(Fault.STORM, "upstream-failed", ATTEMPTS),
    Row(Fault.RESET, CUT, 1),
    Row(Fault.GARBAGE, UNREACHABLE, ATTEMPTS),
    Row(Fault.CLOSE, UNREACHABLE, ATTEMPTS),
]


class HandClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)

    @override
    def monotonic(self) -> float:
        return self.at


class FaultyHub(ServedGateway):
    """A gateway before one service that fails and one that does not, and its health's routes."""

    def __init__(self) -> None:
        super().__init__()
        self.faulty = FaultServer()
        self.clock = HandClock()
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
            response_timeout=timedelta(seconds=TOTAL),
            idle_timeout=timedelta(seconds=IDLE),
            way=self.way_to_erp,
        )
        self.route(self.service(), erp)

    @override
    async def stop(self) -> None:
        await super().stop()
        await self.faulty.stop()

    async def ask(self, count: int = 1) -> Counter[str]:
        """Make *count* calls at once; return what they got, by kind."""
        wires = [await self.wire() for _ in range(count)]
        for wire in wires:
            await wire.send(self.request(TARGET))
        try:
            async with asyncio.timeout(TOTAL + GENEROUS):
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
        while not self._over:
            for target in ("/api/orders/v1/orders", "/livez"):
                await wire.send(self._hub.request(target))
                reply = await wire.reply()
                self.seen[target, reply.status, reply.body] += 1
        wire.close()


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run on uvloop, as the hub does."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaultyHub]:
    """Return a hub, and see to it that nothing of it is left."""
    sockets, tasks = open_sockets(), asyncio.all_tasks()
    served = FaultyHub()
    # The way to the services takes what aiohttp takes for granted.
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", lambda **_: served.faulty.names)
    await served.start()
    bystander = Bystander(served)
    yield served
    await bystander.stop()
    await served.stop()
    unchanged = {("/api/orders/v1/orders", 200, b""), ("/livez", 200, b'{"status":"alive"}')}
    assert set(bystander.seen) == unchanged
    assert served.way_to_erp.figures.in_flight == 0
    assert (served.bulkhead.taken, len(served.bulkhead.waiting)) == (0, 0)
    assert served.faulty.most_inside <= LIMIT
    await eventually(lambda: not left(asyncio.all_tasks() - tasks))
    await eventually(lambda: open_sockets() <= sockets)


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.fault)
async def test_a_fault_is_told_spared_and_healed(hub: FaultyHub, row: Row) -> None:
    faulty, breaker = hub.faulty, hub.breaker
    await faulty.become(row.fault)

    assert await hub.ask() == {row.first: 1}
    assert attempts(hub) == row.attempts

    await eventually(faulty.is_idle)
    seen = await hub.ask(100)
    assert set(seen) <= {row.first, "circuit-open"}
    # Where it hangs, the time of those who wait for a place is over with that of the others.
    assert row.first is TIMEOUT or seen["circuit-open"] >= 100 - LIMIT - CONSECUTIVE
    assert attempts(hub) <= CONSECUTIVE - 1 + LIMIT
    assert after(hub.changes) == [State.OPEN]

    made = attempts(hub)
    assert await hub.ask(20) == {"circuit-open": 20}
    assert attempts(hub) == made

    # Its time is over, but it still fails: one of twenty finds out, and is told as the first was.
    hub.clock.at += OPEN_FOR.total_seconds()
    assert await hub.ask(20) == {row.first: 1, "circuit-open": 19}
    assert attempts(hub) == made + 1
    assert after(hub.changes) == [State.OPEN, State.HALF_OPEN, State.OPEN]
    assert hub.changes[-1].cause is Cause.PROBE_FAILED

    await faulty.become(Fault.OK)
    assert await hub.ask(5) == {"circuit-open": 5}
    hub.clock.at += OPEN_MAX.total_seconds()
    reached = faulty.requests
    assert await hub.ask() == {"200": 1}
    assert await hub.ask() == {"200": 1}
    assert faulty.requests == reached + 2
    assert breaker.state is State.CLOSED
    assert await hub.ask(100) == {"200": 100}
    assert after(hub.changes)[3:] == [State.HALF_OPEN, State.CLOSED]


async def test_a_service_that_asks_for_a_pause_gets_it_and_keeps_its_circuit(
    hub: FaultyHub,
) -> None:
    await hub.faulty.become(Fault.LIMITED)

    # Its own answer is passed on, with its own body and Retry-After.
    wire = await hub.wire()
    await wire.send(hub.request(TARGET))
    reply = await wire.reply()
    assert (reply.status, reply.body, reply.header("retry-after")) == (429, BODY, "1")
    assert hub.faulty.requests == 1

    assert await hub.ask(100) == {"upstream-paused": 100}
    assert await hub.ask(20) == {"upstream-paused": 20}
    assert hub.faulty.requests == 1
    assert hub.changes == []

    await hub.faulty.become(Fault.OK)
    await eventually(lambda: hub.way_to_erp.paused_for is None)
    assert await hub.ask(20) == {"200": 20}
    assert hub.changes == []


async def test_who_waits_for_a_place_is_held_back_by_a_pause_too(hub: FaultyHub) -> None:
    await hub.faulty.become(Fault.LIMITED)
    seen = await hub.ask(100)
    assert set(seen) == {"429", "upstream-paused"}
    assert hub.faulty.requests <= LIMIT
    assert hub.changes == []


async def test_clients_that_leave_while_it_hangs_say_nothing_against_it(hub: FaultyHub) -> None:
    await hub.faulty.become(Fault.HANG)
    for _ in range(2 * CONSECUTIVE):
        known = hub.faulty.requests
        wire = await hub.wire()
        await wire.send(hub.request(TARGET))
        await eventually(partial(hub.faulty.has_read, known + 1))
        wire.close()
        await eventually(lambda: hub.way_to_erp.figures.in_flight == 0)
    assert hub.changes == []
    assert hub.breaker.window.calls == 0


async def test_what_changes_something_is_sent_once(hub: FaultyHub) -> None:
    await hub.faulty.become(Fault.CLOSE)
    wire = await hub.wire()
    await wire.send(hub.request(TARGET, method="POST", body=b"{}"))
    assert kind(await wire.reply()) == UNREACHABLE
    assert hub.faulty.connections == 1


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


def attempts(hub: FaultyHub) -> int:
    """Return how often the service was tried, whether or not anything reached it."""
    figures = hub.way_to_erp.figures
    # An attempt that was cut short by the time for all of it has neither come back nor failed.
    return figures.ok + figures.failed + figures.retries + figures.timeouts


def after(changes: list[Transition]) -> list[State]:
    return [change.after for change in changes]
