"""Faults that come and go, as clients do: whatever their order, all is well again afterwards."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gateway.served import eventually
from mainhub.resilience import Cause, State
from resilience.fault_server import Fault
from resilience.faulty_hub import (
    CONSECUTIVE,
    CUT,
    HURRIED,
    HURRIED_IDLE,
    LIMIT,
    OPEN_FOR,
    OPEN_MAX,
    TARGET,
    FaultyHub,
    faulty_hub,
    kind,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.wire import Wire

pytestmark = pytest.mark.anyio

STEPS = 10
# All that anybody may ever see.
KINDS = {
    "200",
    "404",
    "429",
    CUT,
    "circuit-open",
    "upstream-failed",
    "upstream-paused",
    "upstream-timeout",
    "upstream-unreachable",
}


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run on uvloop, as the hub does."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaultyHub]:
    """Return a served hub."""
    async with faulty_hub(monkeypatch, total=HURRIED, idle=HURRIED_IDLE) as served:
        yield served


async def begin(hub: FaultyHub) -> Wire:
    """Make a call and wait until the service has it."""
    known = hub.faulty.requests
    wire = await hub.wire()
    await wire.send(hub.request(TARGET))
    await eventually(partial(hub.faulty.has_read, known + 1))
    return wire


async def send(hub: FaultyHub) -> str:
    """Make a call that is made once, whatever comes of it; return what came of it."""
    wire = await hub.wire()
    await wire.send(hub.request(TARGET, method="POST"))
    reply = await wire.reply()
    wire.close()
    return kind(reply)


async def open_circuit(hub: FaultyHub) -> None:
    await hub.faulty.become(Fault.STORM)
    while hub.breaker.state is State.CLOSED:
        await hub.ask()


async def heal(hub: FaultyHub) -> None:
    """Let the service be well, and see that it is found to be with probes alone."""
    await hub.faulty.become(Fault.OK)
    await eventually(lambda: hub.way_to_erp.paused_for is None)
    await hub.settle()
    hub.clock.move(OPEN_MAX)
    for _ in range(2):
        assert await hub.ask() == {"200": 1}
        await hub.settle()
    assert hub.breaker.state is State.CLOSED
    assert await hub.ask(40) == {"200": 40}


async def test_a_probe_whose_client_leaves_makes_room_for_the_next(hub: FaultyHub) -> None:
    await open_circuit(hub)
    await hub.faulty.become(Fault.HANG)
    hub.clock.move(OPEN_FOR)
    for _ in range(3):
        wire = await begin(hub)
        assert await hub.ask(3) == {"circuit-open": 3}
        wire.close()
        await eventually(lambda: hub.way_to_erp.figures.in_flight == 0)
        assert hub.states == [State.OPEN, State.HALF_OPEN]
    await hub.faulty.become(Fault.OK)
    assert await hub.ask() == {"200": 1}
    await hub.settle()
    assert await hub.ask() == {"200": 1}
    await hub.settle()
    assert hub.breaker.state is State.CLOSED


async def test_a_probe_that_finds_nothing_finds_a_service_that_works(hub: FaultyHub) -> None:
    await open_circuit(hub)
    await hub.faulty.become(Fault.MISSING)
    hub.clock.move(OPEN_FOR)
    assert await hub.ask() == {"404": 1}
    await hub.settle()
    assert await hub.ask() == {"404": 1}
    await hub.settle()
    assert hub.breaker.state is State.CLOSED


async def test_a_probe_that_is_told_to_wait_settles_nothing_and_wedges_nothing(
    hub: FaultyHub,
) -> None:
    await open_circuit(hub)
    await hub.faulty.become(Fault.LIMITED)
    hub.clock.move(OPEN_FOR)
    assert await hub.ask() == {"429": 1}
    assert await hub.ask(10) == {"upstream-paused": 10}
    assert hub.states == [State.OPEN, State.HALF_OPEN]
    await heal(hub)


async def test_a_service_that_works_now_and_then_is_given_a_rest(hub: FaultyHub) -> None:
    # Never so many failures in a row that they alone would say it.
    pattern = [Fault.STORM] * (CONSECUTIVE - 1) + [Fault.OK]
    seen = []
    for fault in pattern * 5:
        await hub.faulty.become(fault)
        seen.append(await send(hub))
    assert hub.states == [State.OPEN]
    assert hub.changes[0].cause is Cause.FAILURE_RATE
    # With the twentieth, the least that the window judges by.
    assert seen.index("circuit-open") == 20
    assert hub.faulty.requests == 20


async def test_what_missed_its_chance_while_closed_says_nothing_later(hub: FaultyHub) -> None:
    await hub.faulty.become(Fault.HANG)
    waiting = [await begin(hub) for _ in range(3)]
    await open_circuit(hub)
    # They still hang, and end while the circuit is half open, by another's probe.
    await hub.faulty.become(Fault.OK)
    hub.clock.move(OPEN_FOR)
    assert await hub.ask() == {"200": 1}
    assert [kind(await wire.reply()) for wire in waiting] == ["upstream-timeout"] * 3
    assert hub.states == [State.OPEN, State.HALF_OPEN]
    assert await hub.ask() == {"200": 1}
    assert hub.states == [State.OPEN, State.HALF_OPEN, State.CLOSED]


async def test_a_wait_that_is_too_long_is_told_at_once(hub: FaultyHub) -> None:
    await hub.faulty.become(Fault.AWAY)
    wire = await hub.wire()
    await wire.send(hub.request(TARGET))
    reply = await wire.reply()
    assert (reply.status, kind(reply)) == (503, "upstream-failed")
    assert 60 < int(reply.header("retry-after") or 0) <= 121
    assert hub.faulty.requests == 1


@pytest.mark.parametrize("seed", range(3))
async def test_it_comes_back_whatever_happened(hub: FaultyHub, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    for _ in range(STEPS):
        await hub.faulty.become(chance.choice(list(Fault)))
        asking = asyncio.create_task(hub.ask(chance.choice([1, 3, 20, 40])))
        leaving = [await hub.wire() for _ in range(chance.choice([0, 2, 6]))]
        for wire in leaving:
            await wire.send(hub.request(TARGET))
        if chance.random() < 0.5:
            # In the middle of it all it becomes something else.
            for _ in range(chance.choice([0, 5, 50])):
                await asyncio.sleep(0)
            await hub.faulty.become(chance.choice(list(Fault)))
        for wire in leaving:
            wire.close()
        assert set(await asking) <= KINDS
        if chance.random() < 0.3:
            await heal(hub)
        hub.clock.move(chance.choice([OPEN_FOR / 2, OPEN_FOR, OPEN_MAX]))
    await heal(hub)
    assert hub.faulty.most_inside <= 2 * LIMIT
