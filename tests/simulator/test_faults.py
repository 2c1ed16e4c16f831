"""Each fault at each target, over real sockets."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from shutil import copy
from typing import TYPE_CHECKING

import aiohttp
import pytest

from mainhub.simulator import Faults, Faulty, FaultyServer, Target, orders_app
from mainhub.simulator.faults.fault import FINE, Fault, Mode
from simulator.broken_world import PATHS, BrokenWorld, broken_world, until
from simulator.served import listener
from simulator.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
both = pytest.mark.parametrize("target", list(Target))


@pytest.fixture
async def world(tmp_path: Path, signing_key: Path) -> AsyncIterator[BrokenWorld]:
    copy(signing_key, tmp_path)
    async with broken_world(tmp_path) as found:
        yield found


async def is_well(world: BrokenWorld, target: Target) -> bool:
    status, body = await world.ask(target)
    return status == 200 and isinstance(json.loads(body), dict)


@both
async def test_all_is_well_until_somebody_says_otherwise(
    world: BrokenWorld, target: Target
) -> None:
    assert await is_well(world, target)


@both
async def test_slow_answers_come_late_and_whole(world: BrokenWorld, target: Target) -> None:
    await world.set(target, mode="slow", seconds=0.2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await is_well(world, target)
    assert loop.time() - began >= 0.2


@both
async def test_who_hangs_is_let_go_when_the_fault_goes(world: BrokenWorld, target: Target) -> None:
    await world.set(target, mode="hang")
    asked = asyncio.create_task(world.ask(target))
    await until(lambda: bool(world.servers[target].server_state.tasks))
    for mode in ("slow", "hang"):
        await world.set(target, mode=mode, **({"seconds": 100} if mode == "slow" else {}))
        assert not asked.done()
    await world.set(target, mode="error", status=418)
    status, _ = await asked
    assert status == 418


@both
async def test_a_client_that_goes_leaves_nothing_hanging(
    world: BrokenWorld, target: Target
) -> None:
    await world.set(target, mode="hang")
    asked = asyncio.create_task(world.ask(target))
    await until(lambda: bool(world.servers[target].server_state.tasks))
    asked.cancel()
    await until(lambda: not world.servers[target].server_state.tasks)


@both
async def test_errors_have_the_page_of_a_broken_proxy(world: BrokenWorld, target: Target) -> None:
    await world.set(target, mode="error", status=502)
    status, body = await world.ask(target)
    assert status == 502
    assert b"<h1>502 Bad Gateway</h1>" in body
    await world.set(target, mode="error", status=599)
    assert (await world.ask(target))[0] == 599


@both
async def test_garbage_is_a_success_that_nobody_can_read(
    world: BrokenWorld, target: Target
) -> None:
    await world.set(target, mode="garbage")
    status, body = await world.ask(target)
    assert status == 200
    with pytest.raises(ValueError, match=r"Expecting|Invalid"):
        json.loads(body)


@both
async def test_cut_answers_end_in_the_middle(world: BrokenWorld, target: Target) -> None:
    await world.set(target, mode="cut")
    with pytest.raises(aiohttp.ClientPayloadError):
        await world.ask(target)
    await until(lambda: not world.servers[target].server_state.tasks)


async def test_an_answer_without_a_body_is_cut_in_its_first_line(world: BrokenWorld) -> None:
    await world.set("entra", mode="cut", only="/.../authorize")
    visitor = Visitor(world.urls[Target.ENTRA], world.browser)
    with pytest.raises(aiohttp.ClientError):
        await visitor.authorize(prompt="none")


@both
async def test_dripping_answers_come_a_byte_at_a_time_and_whole(
    world: BrokenWorld, target: Target
) -> None:
    _, whole = await world.ask(target)
    await world.set(target, mode="drip")
    begun = asyncio.create_task(world.ask(target))
    _, dripped = await begun
    assert dripped == whole


async def test_what_drips_comes_at_once_when_the_fault_goes(world: BrokenWorld) -> None:
    _, whole = await world.ask(Target.ENTRA)
    await world.set("entra", mode="drip")
    async with world.browser.get(world.urls[Target.ENTRA] + PATHS[Target.ENTRA]) as answer:
        first = await answer.content.read(1)
        await world.set("entra", mode="fine")
        assert first + await answer.read() == whole


async def test_the_port_of_the_orders_refuses_and_comes_back(world: BrokenWorld) -> None:
    assert await is_well(world, Target.ORDERS)
    connections = world.servers[Target.ORDERS].server_state.connections
    assert connections, "one is kept alive"
    await world.set("orders", mode="refuse")
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await world.ask(Target.ORDERS)
    assert isinstance(refused.value.os_error, ConnectionRefusedError)
    assert not connections
    await world.set("orders", mode="fine")
    assert await is_well(world, Target.ORDERS)


async def test_the_tenant_closes_each_connection_but_those_of_the_desk(world: BrokenWorld) -> None:
    await world.set("entra", mode="refuse")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await world.ask(Target.ENTRA)
    async with world.browser.get(world.desk) as page:
        assert page.status == 200
    await world.set("entra", mode="fine")
    assert await is_well(world, Target.ENTRA)


async def test_refusing_a_part_leaves_the_port_open(world: BrokenWorld) -> None:
    await world.set("orders", mode="refuse", only="/v1/")
    assert await is_well(world, Target.ORDERS)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await world.ask(Target.ORDERS, "/v1/orders")


@both
async def test_a_share_and_a_path_limit_whom_it_concerns(
    world: BrokenWorld, target: Target
) -> None:
    await world.set(target, mode="error", share=30)
    world.chance.drawn = 0.29
    assert (await world.ask(target))[0] == 503
    world.chance.drawn = 0.3
    assert await is_well(world, target)
    world.chance.drawn = 0.0
    await world.set(target, mode="error", only="/elsewhere")
    assert await is_well(world, target)
    assert (await world.ask(target, "/elsewhere/x"))[0] == 503


@both
async def test_it_heals_by_itself_when_its_time_is_over(world: BrokenWorld, target: Target) -> None:
    await world.set(target, mode="error", **{"for": 30})
    world.clock.move(timedelta(seconds=29))
    assert (await world.ask(target))[0] == 503
    world.clock.move(timedelta(seconds=1))
    assert await is_well(world, target)
    healed = world.faults.of(target)
    assert healed.fault is FINE
    assert healed.since == world.clock()


async def test_a_refused_port_opens_by_itself_when_the_time_is_over(world: BrokenWorld) -> None:
    await world.set("orders", mode="refuse", **{"for": 30})
    server = world.servers[Target.ORDERS]
    assert server.servers == []
    world.clock.move(timedelta(seconds=30))
    await until(lambda: server.servers != [])
    assert await is_well(world, Target.ORDERS)


async def test_a_restart_while_it_refuses_opens_no_port(tmp_path: Path) -> None:
    faults = Faults(tmp_path / "faults.json")
    faults.put(Target.ORDERS, Fault(mode=Mode.REFUSE))
    app = Faulty(
        orders_app(issuer="http://127.0.0.1:1", audience="x"), faults=faults, target=Target.ORDERS
    )
    bound = []

    def bind() -> object:
        bound.append(listener())
        return bound[-1]

    server = FaultyServer(app, faults=faults, target=Target.ORDERS, bind=bind)  # type: ignore[arg-type]  # it is a socket
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    assert bound == []
    Faults(tmp_path / "faults.json").put(Target.ORDERS, FINE)
    await until(lambda: bound != [])
    server.should_exit = True
    await serving


async def test_the_end_does_not_wait_for_what_is_held_on_purpose(
    tmp_path: Path, signing_key: Path
) -> None:
    copy(signing_key, tmp_path)
    async with broken_world(tmp_path) as world:
        await world.set("orders", mode="hang")
        asked = asyncio.create_task(world.ask(Target.ORDERS))
        await until(lambda: bool(world.servers[Target.ORDERS].server_state.tasks))
        world.servers[Target.ORDERS].should_exit = True
        with pytest.raises(aiohttp.ClientError):
            await asked


def test_faults_outlive_a_process_and_not_a_new_beginning(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    Faults(path).put(Target.ENTRA, Fault(mode=Mode.SLOW, seconds=2, lasts=60))
    again = Faults(path).of(Target.ENTRA)
    assert again.fault == Fault(mode=Mode.SLOW, seconds=2, lasts=60)
    assert again.since is not None
    assert again.until == again.since + timedelta(seconds=60)
    assert path.stat().st_mode & 0o077 == 0
    Faults(path).forget()
    assert Faults(path).of(Target.ENTRA).fault is FINE


@pytest.mark.parametrize(
    "written", ["", "[]", "null", "{", '{"orders": 1}', '{"orders": {"mode": "slow"}}', "\x00"]
)
def test_a_file_that_nobody_of_us_wrote_breaks_nothing(tmp_path: Path, written: str) -> None:
    path = tmp_path / "faults.json"
    path.write_text(written)
    assert Faults(path).of(Target.ORDERS).fault is FINE
    Faults(path).put(Target.ORDERS, Fault(mode=Mode.HANG))
    assert Faults(path).of(Target.ORDERS).fault.mode is Mode.HANG
