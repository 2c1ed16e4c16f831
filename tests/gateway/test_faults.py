"""What the client sees when a service fails, and what the service is spared."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from gateway.scripted_upstream import pause
from gateway.served import eventually
from mainhub.resilience import Pipeline, Retry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.client_proto import ResponseHandler

    from gateway.scripted_upstream import Exchange
    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio
SOON = timedelta(milliseconds=500)
# Longer than a busy machine stands still.
PATIENT = timedelta(seconds=1)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def reset(exchange: Exchange) -> None:
    exchange.reset()


async def close(exchange: Exchange) -> None:
    exchange.close()


async def half_a_head(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nContent-")
    exchange.close()


async def garbage(exchange: Exchange) -> None:
    await exchange.write(b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n")
    exchange.close()


async def switches(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
    await exchange.until_gone()


async def endless_head(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100_000)
    await exchange.until_gone()


async def two_lengths(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
    await exchange.until_gone()


@pytest.mark.parametrize(
    "script", [reset, close, half_a_head, garbage, switches, endless_head, two_lengths]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_broken_answer_is_a_502(
    hub: ServedGateway, script: Callable[[Exchange], Awaitable[None]], method: str
) -> None:
    hub.upstream.script = script
    reply = await hub.call(method=method)
    assert (reply.status, reply.problem_name) == (502, "upstream-unreachable")
    assert reply.problem["service"] == "orders"
    assert "127.0.0.1" not in reply.problem["detail"]
    assert len(hub.upstream.exchanges) == 1


async def test_a_service_that_is_not_there_is_a_502(hub: ServedGateway) -> None:
    await hub.upstream.stop()
    reply = await hub.call()
    assert (reply.status, reply.problem_name) == (502, "upstream-unreachable")


async def test_it_heals_by_itself_when_the_service_is_back(hub: ServedGateway) -> None:
    assert (await hub.call()).status == 200
    await hub.upstream.stop()
    assert (await hub.call()).status == 502
    await hub.upstream.start()
    hub.route(hub.service())
    assert (await hub.call()).status == 200


async def test_a_name_that_does_not_resolve_is_a_502(hub: ServedGateway) -> None:
    hub.route(hub.service(upstream="http://nowhere.localhost:9"))
    assert (await hub.call()).status == 502


async def test_a_dial_that_hangs_is_a_504(hub: ServedGateway) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        upstream = f"http://127.0.0.1:{full.getsockname()[1]}"
        hub.route(hub.service(upstream=upstream, connect_timeout=SOON))
        reply = await hub.call()
    assert (reply.status, reply.problem_name) == (504, "upstream-timeout")
    assert "within 0.5 s" in reply.problem["detail"]


async def test_a_hung_head_is_a_504_and_lets_the_service_go(hub: ServedGateway) -> None:
    async def hangs(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = hangs
    hub.route(hub.service(response_timeout=SOON))
    for method in ("GET", "POST"):
        reply = await hub.call(method=method, body=b"abc" if method == "POST" else b"")
        assert (reply.status, reply.problem_name) == (504, "upstream-timeout")
        await eventually(lambda: hub.upstream.exchanges[-1].ended)
    assert len(hub.upstream.exchanges) == 2, "what timed out is not sent again"


async def test_a_slow_stream_only_has_to_keep_moving(hub: ServedGateway) -> None:
    async def drips(exchange: Exchange) -> None:
        await exchange.write(CHUNKED)
        for _ in range(10):
            await pause(0.12)
            await exchange.write(b"1\r\na\r\n")
        await exchange.write(b"0\r\n\r\n")

    hub.upstream.script = drips
    hub.route(hub.service(response_timeout=PATIENT, idle_timeout=PATIENT))
    reply = await hub.call()
    assert (reply.body, reply.complete) == (b"a" * 10, True)


# An answer that breaks off never looks finished.


async def stops_within_a_length(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    exchange.close()


async def stops_within_a_chunk(exchange: Exchange) -> None:
    await exchange.write(CHUNKED + b"a\r\nhalf")
    exchange.close()


async def stops_between_chunks(exchange: Exchange) -> None:
    await exchange.write(CHUNKED + b"4\r\nhalf\r\n")
    exchange.close()


async def breaks_its_chunks(exchange: Exchange) -> None:
    await exchange.write(CHUNKED + b"4\r\nhalf\r\n")
    await pause(0.01)
    await exchange.write(b"zz\r\n")
    exchange.close()


async def falls_silent(exchange: Exchange) -> None:
    await exchange.write(CHUNKED + b"4\r\nhalf\r\n")
    await exchange.until_gone()


CUTS = [stops_within_a_length, stops_within_a_chunk, stops_between_chunks, breaks_its_chunks]


@pytest.mark.parametrize("script", [*CUTS, falls_silent])
async def test_what_breaks_off_is_cut(
    hub: ServedGateway, script: Callable[[Exchange], Awaitable[None]]
) -> None:
    hub.upstream.script = script
    hub.route(hub.service(idle_timeout=PATIENT))
    wire = await hub.wire()
    await wire.send(hub.request())
    reply = await wire.reply()
    assert (reply.status, reply.body, reply.complete) == (200, b"half", False)
    assert await wire.rest() == b""
    await eventually(lambda: hub.upstream.only.ended)


async def test_an_answer_that_ends_with_its_connection_is_complete(hub: ServedGateway) -> None:
    async def old(exchange: Exchange) -> None:
        await exchange.write(b"HTTP/1.0 200 OK\r\n\r\nall")
        exchange.close()

    hub.upstream.script = old
    reply = await hub.call()
    assert (reply.body, reply.complete) == (b"all", True)


# Connections that are used again.


async def test_connections_are_used_again(hub: ServedGateway) -> None:
    for _ in range(5):
        assert (await hub.call()).status == 200
    assert hub.upstream.connections == 1


@pytest.mark.parametrize(("method", "status", "tries"), [("GET", 200, 2), ("POST", 502, 1)])
async def test_a_reused_connection_that_dies_is_tried_once_more_if_idempotent(
    hub: ServedGateway, method: str, status: int, tries: int
) -> None:
    hub.route(hub.service(way=Pipeline("orders", retry=Retry(2, base=timedelta()))))
    await hub.call()

    async def dies_if_reused(exchange: Exchange) -> None:
        if exchange.connection == 1:
            exchange.reset()
        else:
            await exchange.answer(await exchange.body())

    hub.upstream.script = dies_if_reused
    hub.upstream.exchanges.clear()
    assert (await hub.call(method=method)).status == status
    assert len(hub.upstream.exchanges) == tries


async def test_a_body_is_never_sent_twice(hub: ServedGateway) -> None:
    await hub.call()

    async def dies(exchange: Exchange) -> None:
        await exchange.body()
        exchange.reset()

    hub.upstream.script = dies
    hub.upstream.exchanges.clear()
    assert (await hub.call(method="PUT", body=b"once")).status == 502
    assert len(hub.upstream.exchanges) == 1


async def test_a_longer_answer_never_becomes_the_next_persons(hub: ServedGateway) -> None:
    async def longer(exchange: Exchange) -> None:
        if len(hub.upstream.exchanges) == 1:
            second = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
            await exchange.answer(b"linus" + second)
            # Content-Length counts it all; now the same with a length that is too short.
        elif len(hub.upstream.exchanges) == 2:
            await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlinus")
            await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        else:
            await exchange.answer(b"grace")

    hub.upstream.script = longer
    await hub.call()
    assert (await hub.call()).body == b"linus"
    assert (await hub.call(person="grace")).body == b"grace"


async def test_an_answer_nobody_asked_for_never_becomes_the_next_persons(
    hub: ServedGateway,
) -> None:
    async def first(exchange: Exchange) -> None:
        await exchange.answer(b"linus")

    hub.upstream.script = first
    assert (await hub.call()).body == b"linus"
    # It arrives while the connection lies idle in the pool.
    late = hub.upstream.only
    await late.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
    await eventually(lambda: bool(idle_connections(hub)) and idle_connections(hub)[0].should_close)

    async def second(exchange: Exchange) -> None:
        await exchange.answer(b"grace")

    hub.upstream.script = second
    assert (await hub.call(person="grace")).body == b"grace"
    assert hub.upstream.connections == 2


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_hostile_12_a_service_that_ignores_a_body_answers_nobody_else(
    hub: ServedGateway, method: str
) -> None:
    async def ignores_bodies(exchange: Exchange) -> None:
        if exchange.target == "/admin":
            # The body, taken for a request, is answered once the next person's has arrived.
            await exchange.reader.read(1)
        await exchange.answer(exchange.target.encode())

    hub.upstream.script = ignores_bodies
    smuggled = b"GET /admin HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = await hub.call("/api/orders/mine", method=method, body=smuggled)
    assert reply.body == b"/mine"
    assert (await hub.call("/api/orders/hers", person="grace")).body == b"/hers"
    assert hub.upstream.connections == 2


def idle_connections(hub: ServedGateway) -> list[ResponseHandler]:
    session = hub.way._pooled
    assert session is not None
    assert isinstance(session.connector, aiohttp.TCPConnector)
    return [pooled for pool in session.connector._conns.values() for pooled, _ in pool]


async def test_nothing_is_left_after_many_clients_have_gone(hub: ServedGateway) -> None:
    async def waits(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = waits
    for number in range(100):
        wire = await hub.wire()
        await wire.send(hub.request())
        await eventually(lambda number=number: len(hub.upstream.exchanges) == number + 1)  # type: ignore[misc]
        wire.close()
    await eventually(lambda: all(exchange.ended for exchange in hub.upstream.exchanges))
