"""Each fault that a service can have, through the gateway: what people see, what it is spared.

The hub runs as it is served, in real time; only the breaker's clock is moved by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gateway.served import eventually
from mainhub.resilience import Cause, State
from resilience.fault_server import BODY, RETRY_AFTER, Fault
from resilience.faulty_hub import (
    ATTEMPTS,
    CONSECUTIVE,
    CUT,
    HURRIED,
    HURRIED_IDLE,
    LIMIT,
    OPEN_FOR,
    OPEN_MAX,
    PATIENT,
    TARGET,
    FaultyHub,
    faulty_hub,
    kind,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Row:
    """What is seen of a fault: what the first caller gets, after how many attempts."""

    fault: Fault
    first: str
    attempts: int


UNREACHABLE, TIMEOUT = "upstream-unreachable", "upstream-timeout"
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


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run on uvloop, as the hub does."""
    return "asyncio", {"use_uvloop": True}


# Which faults are over by a time-out alone; and no call has the time for a pause that is asked for.
TOTALS = {Fault.HANG: HURRIED, Fault.DRIP: HURRIED, Fault.LIMITED: HURRIED}
IDLES = {Fault.STALL: HURRIED_IDLE}


@pytest.fixture
async def hub(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[FaultyHub]:
    """Return a served hub, no more hurried than the fault of this test's row needs."""
    row = getattr(request.node, "callspec", None)
    fault = row.params["row"].fault if row else Fault.LIMITED
    total, idle = TOTALS.get(fault, PATIENT), IDLES.get(fault, PATIENT)
    async with faulty_hub(monkeypatch, total=total, idle=idle) as served:
        yield served


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.fault)
async def test_a_fault_is_told_spared_and_healed(hub: FaultyHub, row: Row) -> None:
    faulty, breaker = hub.faulty, hub.breaker
    await faulty.become(row.fault)

    assert await hub.ask() == {row.first: 1}
    assert hub.attempts == row.attempts

    await eventually(faulty.is_idle)
    seen = await hub.ask(100)
    # Where it hangs, the time of those who wait for a place is over with that of the others; so it
    # is on a machine that is slow.
    assert set(seen) <= {row.first, "circuit-open", TIMEOUT}
    spared = seen["circuit-open"] + seen[TIMEOUT]
    assert row.first is TIMEOUT or spared >= 100 - LIMIT - CONSECUTIVE
    assert hub.attempts <= CONSECUTIVE - 1 + LIMIT
    assert hub.states == [State.OPEN]

    made = hub.attempts
    assert await hub.ask(20) == {"circuit-open": 20}
    assert hub.attempts == made

    # Its time is over, but it still fails: one of twenty finds out, and is told as the first was.
    hub.clock.move(OPEN_FOR)
    assert await hub.ask(20) == {row.first: 1, "circuit-open": 19}
    assert hub.attempts == made + 1
    assert hub.states == [State.OPEN, State.HALF_OPEN, State.OPEN]
    assert hub.changes[-1].cause is Cause.PROBE_FAILED

    await faulty.become(Fault.OK)
    assert await hub.ask(5) == {"circuit-open": 5}
    hub.clock.move(OPEN_MAX)
    reached = faulty.requests
    assert await hub.ask() == {"200": 1}
    await hub.settle()
    assert await hub.ask() == {"200": 1}
    await hub.settle()
    assert faulty.requests == reached + 2
    assert breaker.state is State.CLOSED
    # As many as there are places: on a slow machine the last of a hundred would not be in time.
    for _ in range(5):
        assert await hub.ask(LIMIT) == {"200": LIMIT}
    assert faulty.most_inside <= LIMIT
    assert hub.states[3:] == [State.HALF_OPEN, State.CLOSED]


async def test_a_service_that_asks_for_a_pause_gets_it_and_keeps_its_circuit(
    hub: FaultyHub,
) -> None:
    await hub.faulty.become(Fault.LIMITED)

    # Its own answer is passed on, with its own body and Retry-After.
    wire = await hub.wire()
    await wire.send(hub.request(TARGET))
    reply = await wire.reply()
    assert (reply.status, reply.body, reply.header("retry-after")) == (429, BODY, str(RETRY_AFTER))
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
