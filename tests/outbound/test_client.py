from __future__ import annotations

import asyncio
import gzip
import re
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.errors import Invalid, Unavailable
from mainhub.outbound import Answer, CallFailed, HttpClient
from mainhub.telemetry import request_trace
from outbound.local_server import LocalServer, saying

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
LIMIT = 1000


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer().running() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(max_bytes=LIMIT) as client:
        yield client


async def test_fetches_an_answer_whole(server: LocalServer, client: HttpClient) -> None:
    server.answer = saying(b'{"issuer": "x"}', status="418 I'm a teapot")
    answer = await client.get(server.url("/discovery?x=1"))
    assert (answer.status, answer.json()) == (418, {"issuer": "x"})
    (request,) = server.requests
    assert request.startswith("GET /discovery?x=1 HTTP/1.1\r\n")
    assert "\r\nUser-Agent: MainHub\r\n" in request
    assert "\r\nAccept: application/json\r\n" in request


async def test_posts_a_form_with_headers(server: LocalServer, client: HttpClient) -> None:
    await client.post_form(
        server.url("/token"), {"code": "a&b", "x": "é"}, headers={"Authorization": "Basic eA=="}
    )
    (request,) = server.requests
    head, _, body = request.partition("\r\n\r\n")
    assert head.startswith("POST /token HTTP/1.1")
    assert "Authorization: Basic eA==" in head
    assert "application/x-www-form-urlencoded" in head
    assert body == "code=a%26b&x=%C3%A9"


async def test_the_trace_goes_along(server: LocalServer, client: HttpClient) -> None:
    with request_trace(None) as trace:
        await client.get(server.url())
    (sent,) = re.findall(r"traceparent: 00-(\w{32})-(\w{16})-01\r\n", server.requests[0])
    assert sent[0] == trace.trace_id
    assert sent[1] != trace.span_id, "the call is a span of its own"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary"])
async def test_a_redirect_is_an_answer_and_not_followed(
    server: LocalServer, client: HttpClient, status: str
) -> None:
    server.answer = saying(b"", f"Location: {server.url('/elsewhere')}", status=status)
    answer = await client.get(server.url("/here"))
    assert answer.status == int(status[:3])
    assert len(server.requests) == 1


async def test_no_cookie_is_kept(server: LocalServer, client: HttpClient) -> None:
    server.answer = saying(b"{}", "Set-Cookie: tracked=1; Path=/", "Connection: close")
    # By name: cookies of addresses are kept by no client.
    named = server.url().replace("127.0.0.1", "localhost")
    await client.get(named)
    await client.get(named)
    assert len(server.requests) == 2
    assert "cookie" not in server.requests[1].lower()


async def test_an_answer_of_the_largest_size_is_read(
    server: LocalServer, client: HttpClient
) -> None:
    server.answer = saying(b"x" * LIMIT)
    assert len((await client.get(server.url())).body) == LIMIT


async def test_a_larger_answer_is_cut(server: LocalServer, client: HttpClient) -> None:
    server.answer = saying(b"x" * (LIMIT + 1))
    with pytest.raises(CallFailed, match="more than 1000 B"):
        await client.get(server.url())


async def test_an_answer_without_end_is_cut(server: LocalServer, client: HttpClient) -> None:
    async def forever(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    server.answer = forever
    with pytest.raises(CallFailed, match="more than"):
        await client.get(server.url())
    async with asyncio.timeout(5):
        await server.left.wait()


async def test_an_answer_that_grows_when_unpacked_is_cut(
    server: LocalServer, client: HttpClient
) -> None:
    server.answer = saying(gzip.compress(b"x" * 200_000), "Content-Encoding: gzip")
    with pytest.raises(CallFailed, match="more than"):
        await client.get(server.url())


async def test_silence_ends(server: LocalServer) -> None:
    async def nothing(_writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server.answer = nothing
    async with HttpClient(timeout=timedelta(milliseconds=50)) as client, asyncio.timeout(5):
        with pytest.raises(CallFailed, match="did not answer in time"):
            await client.get(server.url())


async def test_a_body_that_stops_coming_ends_too(server: LocalServer) -> None:
    async def half(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await asyncio.Event().wait()

    server.answer = half
    async with HttpClient(timeout=timedelta(milliseconds=50)) as client, asyncio.timeout(5):
        with pytest.raises(CallFailed, match="did not answer in time"):
            await client.get(server.url())


async def test_a_refused_connection_is_told_without_the_query(client: HttpClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/token?code=s3cret"
        with pytest.raises(CallFailed, match="cannot be reached") as raised:
            await client.get(url)
    assert isinstance(raised.value, Unavailable)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("url", ["", "nonsense", "http://", "http://127.0.0.1:99999/"])
async def test_an_address_that_is_none_is_told_the_same_way(client: HttpClient, url: str) -> None:
    with pytest.raises(CallFailed):
        await client.get(url)


@pytest.mark.parametrize(
    "wire", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]
)
async def test_what_is_no_whole_answer_has_failed(
    server: LocalServer, client: HttpClient, wire: bytes
) -> None:
    async def broken(writer: asyncio.StreamWriter) -> None:
        writer.write(wire)
        writer.close()
        await writer.wait_closed()

    server.answer = broken
    with pytest.raises(CallFailed):
        await client.get(server.url())


@pytest.mark.parametrize(
    "url",
    ["http://[::1/token", "http://127.0.0.1:99999/", "http:///token", ""],
)
async def test_an_address_that_is_none_is_a_failed_call(client: HttpClient, url: str) -> None:
    with pytest.raises(CallFailed):
        await client.get(url)


async def test_a_header_that_would_be_two_is_a_failed_call(client: HttpClient) -> None:
    # Nobody accepts the connection: nothing may be sent on it.
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        with pytest.raises(CallFailed, match="ValueError"):
            await client.get(url, headers={"authorization": "Bearer x\r\nX-Evil: y"})


async def test_a_client_that_is_not_open_says_so() -> None:
    with pytest.raises(CallFailed, match="not open"):
        await HttpClient().get("http://127.0.0.1/")


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"])
def test_a_page_that_reads_like_json_is_refused(kind: str) -> None:
    with pytest.raises(Invalid, match="a page"):
        Answer(200, b'{"issuer": "x"}', content_type=kind).json()
    for other in (None, "application/json", "application/jwk-set+json", "text/plain"):
        assert Answer(200, b'{"issuer": "x"}', content_type=other).json() == {"issuer": "x"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"issuer": "x", "issuer": "x"}',
        b'{"keys": [{"kid": "1", "kid": "2"}]}',
        b"[" * 5000 + b"]" * 5000,
    ],
)
def test_an_object_that_names_a_member_twice_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match="not plain JSON"):
        Answer(200, body).json()


@pytest.mark.parametrize("body", [b"", b"s3cret", b"[]", b'"s3cret"', b"\xff", b'{"a": s3cret}'])
def test_what_is_no_object_is_refused_and_not_repeated(body: bytes) -> None:
    with pytest.raises(Invalid) as raised:
        Answer(200, body).json()
    assert "s3cret" not in str(raised.value)
