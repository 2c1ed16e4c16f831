"""Bytes go on as they come, both ways, and an end is only ever the true end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.scripted_upstream import pause
from gateway.served import eventually

if TYPE_CHECKING:
    from gateway.scripted_upstream import Exchange
    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


async def test_an_event_arrives_before_the_stream_ends(hub: ServedGateway) -> None:
    seen = asyncio.Event()

    async def events(exchange: Exchange) -> None:
        await exchange.write(CHUNKED + b"9\r\ndata: 1\n\n\r\n")
        await seen.wait()
        await exchange.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")

    hub.upstream.script = events
    wire = await hub.wire()
    await wire.send(hub.request("/api/orders/events"))
    assert (await wire.head()).header("content-type") == "text/event-stream"
    assert await wire.piece() == b"data: 1\n\n"
    seen.set()
    assert await wire.piece() == b"data: 2\n\n"
    assert await wire.piece() == b""


async def test_an_upload_arrives_before_it_ends(hub: ServedGateway) -> None:
    first = asyncio.Event()

    async def reads(exchange: Exchange) -> None:
        assert await exchange.reader.readexactly(3) == b"abc"
        first.set()
        await exchange.answer(await exchange.reader.readexactly(3))

    hub.upstream.script = reads
    wire = await hub.wire()
    await wire.send(hub.request("/api/orders", "Content-Length: 6", method="POST") + b"abc")
    async with asyncio.timeout(5):
        await first.wait()
    await wire.send(b"def")
    assert (await wire.reply()).body == b"def"


async def test_a_chunked_upload_stays_chunked(hub: ServedGateway) -> None:
    head = hub.request("/api/orders", "Transfer-Encoding: chunked", method="POST")
    reply = await hub.raw(head + b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
    assert reply.body == b"abcdef"
    sent = hub.upstream.only
    assert sent.header("transfer-encoding") == "chunked"
    assert sent.header("content-length") is None


async def test_a_slow_reader_holds_the_service_back(hub: ServedGateway) -> None:
    written = 0

    async def pours(exchange: Exchange) -> None:
        nonlocal written
        await exchange.write(CHUNKED)
        piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(1024):
            await exchange.write(piece)
            written += len(piece)

    hub.upstream.script = pours
    hub.route(hub.service(idle_timeout=timedelta(seconds=1)))
    wire = await hub.wire()
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket
    await wire.send(hub.request())
    # Nothing moves any more, so the idle time-out ends it; by then little was taken.
    await eventually(lambda: bool(hub.upstream.errors))
    assert 0 < written < 40 << 20


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified", "205 Reset Content"])
async def test_an_answer_without_a_body_ends_with_its_head(
    hub: ServedGateway, status: str, method: str
) -> None:
    async def bare(exchange: Exchange) -> None:
        length = "Content-Length: 0\r\n" if status.startswith("205") else ""
        await exchange.write(f"HTTP/1.1 {status}\r\n{length}ETag: 1\r\n\r\n".encode())

    hub.upstream.script = bare
    wire = await hub.wire()
    for _ in range(2):
        await wire.send(hub.request(method=method))
        reply = await wire.reply(to=method)
        assert (reply.status, reply.body, reply.complete) == (int(status[:3]), b"", True)


async def test_head_keeps_the_length_it_tells_of(hub: ServedGateway) -> None:
    async def tells(exchange: Exchange) -> None:
        await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")

    hub.upstream.script = tells
    wire = await hub.wire()
    for _ in range(2):
        await wire.send(hub.request(method="HEAD"))
        assert (await wire.reply(to="HEAD")).header("content-length") == "1234"


async def test_interim_answers_are_kept_back(hub: ServedGateway) -> None:
    async def hints(exchange: Exchange) -> None:
        await exchange.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
        await exchange.answer(b"late")

    hub.upstream.script = hints
    assert (await hub.call()).body == b"late"


async def test_a_compressed_answer_passes_untouched(hub: ServedGateway) -> None:
    async def compressed(exchange: Exchange) -> None:
        await exchange.answer(b"\x1f\x8bnot really", "Content-Encoding: gzip")

    hub.upstream.script = compressed
    reply = await hub.call("/api/orders", "Accept-Encoding: gzip, br")
    assert (reply.body, reply.header("content-encoding")) == (b"\x1f\x8bnot really", "gzip")
    assert hub.upstream.only.header("accept-encoding") == "gzip, br"


async def test_an_early_answer_to_an_upload_arrives(hub: ServedGateway) -> None:
    async def early(exchange: Exchange) -> None:
        await exchange.answer(b"enough", status="409 Conflict")
        await exchange.until_gone()

    hub.upstream.script = early
    wire = await hub.wire()
    await wire.send(hub.request("/api/orders", "Content-Length: 900", method="POST") + b"abc")
    reply = await wire.reply()
    assert (reply.status, reply.body, reply.header("connection")) == (409, b"enough", "close")
    assert await wire.rest() == b""
    await eventually(lambda: hub.upstream.only.ended)


# Bodies that are too large.


async def test_hostile_47_a_body_that_says_it_is_too_large_is_not_read(hub: ServedGateway) -> None:
    hub.route(hub.service(max_body=10))
    wire = await hub.wire()
    await wire.send(hub.request("/api/orders", "Content-Length: 11", method="POST"))
    reply = await wire.reply()
    assert (reply.status, reply.problem_name) == (413, "too-large")
    assert await wire.rest() == b""
    assert hub.upstream.exchanges == []


async def test_hostile_47_a_body_that_grows_too_large_is_cut(hub: ServedGateway) -> None:
    async def reads(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = reads
    hub.route(hub.service(max_body=10))
    wire = await hub.wire()
    head = hub.request("/api/orders", "Transfer-Encoding: chunked", method="POST")
    await wire.send(head + b"8\r\n12345678\r\n")
    await eventually(lambda: bool(hub.upstream.exchanges))
    await wire.send(b"8\r\n12345678\r\n")
    reply = await wire.reply()
    assert (reply.status, reply.problem_name) == (413, "too-large")
    await eventually(lambda: hub.upstream.only.ended)


async def test_a_body_of_just_the_limit_passes(hub: ServedGateway) -> None:
    hub.route(hub.service(max_body=10))
    assert (await hub.call(method="POST", body=b"1234567890")).body == b"1234567890"


# Clients that leave or fall silent.


async def test_a_client_that_leaves_before_the_answer_frees_the_service(hub: ServedGateway) -> None:
    async def waits(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = waits
    wire = await hub.wire()
    await wire.send(hub.request())
    await eventually(lambda: bool(hub.upstream.exchanges))
    wire.close()
    await eventually(lambda: hub.upstream.only.ended)


async def test_a_client_that_leaves_a_stream_frees_the_service(hub: ServedGateway) -> None:
    async def streams(exchange: Exchange) -> None:
        await exchange.write(CHUNKED + b"1\r\na\r\n")
        await exchange.until_gone()

    hub.upstream.script = streams
    wire = await hub.wire()
    await wire.send(hub.request())
    await wire.head()
    wire.close()
    await eventually(lambda: hub.upstream.only.ended)


async def test_an_upload_that_breaks_off_never_looks_complete(hub: ServedGateway) -> None:
    read = bytearray()

    async def reads(exchange: Exchange) -> None:
        while chunk := await exchange.reader.read(100):
            read.extend(chunk)
        exchange.ended = True

    hub.upstream.script = reads
    wire = await hub.wire()
    head = hub.request("/api/orders", "Transfer-Encoding: chunked", method="POST")
    await wire.send(head + b"3\r\nabc\r\n")
    await eventually(lambda: b"abc" in read)
    wire.close()
    await eventually(lambda: hub.upstream.only.ended)
    assert not read.endswith(b"0\r\n\r\n")


async def test_hostile_46_a_body_that_stops_arriving_times_out(hub: ServedGateway) -> None:
    async def reads(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = reads
    hub.route(hub.service(idle_timeout=timedelta(seconds=1)))
    wire = await hub.wire()
    await wire.send(hub.request("/api/orders", "Content-Length: 6", method="POST") + b"abc")
    reply = await wire.reply()
    assert (reply.status, reply.problem_name) == (408, "request-timeout")
    await eventually(lambda: hub.upstream.only.ended)


async def test_waiting_for_the_client_is_not_held_against_the_service(hub: ServedGateway) -> None:
    hub.route(hub.service(response_timeout=timedelta(seconds=1)))
    wire = await hub.wire()
    await wire.send(hub.request("/api/orders", "Content-Length: 6", method="POST") + b"abc")
    await eventually(lambda: bool(hub.upstream.exchanges))
    await pause(1.2)
    await wire.send(b"def")
    assert (await wire.reply()).body == b"abcdef"
