"""Hostile requests as they come over a socket, through the server in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio

TARGETS = {
    "hostile 17: dot segments": ("/api/../admin", 400),
    "hostile 18: escaped dots": ("/api/orders/%2e%2e/admin", 400),
    "hostile 19: path parameters": ("/api/orders/..;/admin", 400),
    "hostile 20: backslash": ("/api/orders/..\\admin", 400),
    "hostile 21: escaped backslash": ("/api/orders/..%5cadmin", 400),
    "hostile 22: escaped slash": ("/api/orders/a%2fb", 400),
    "hostile 24: NUL": ("/api/orders/%00", 400),
    "CVE-2024-21536: odd escape": ("/api/orders/%zz", 400),
    "hostile 24: raw UTF-8": ("/api/orders/\xc3\xa9", 400),
    "hostile 24: tab": ("/api/orders/a\tb", 400),
    "empty segment": ("/api/orders//v1", 400),
    "hostile 28: long": ("/api/orders/" + "a" * 8192, 414),
    "hostile 28: long query": ("/api/orders?" + "a" * 8192, 414),
}


@pytest.mark.parametrize(("target", "status"), TARGETS.values(), ids=TARGETS)
async def test_target_never_reaches_a_service(hub: ServedGateway, target: str, status: int) -> None:
    reply = await hub.call(target)
    assert reply.status == status
    assert hub.upstream.exchanges == []


async def test_cve_2026_48020_what_is_judged_is_what_is_sent(hub: ServedGateway) -> None:
    await hub.call("/api/%6Frders/%76%31/caf%c3%a9;a=b/?q=%2e%2e/%5c")
    assert hub.upstream.only.target == "/v1/caf%C3%A9;a=b/?q=%2e%2e/%5c"


async def test_hostile_24_a_fragment_is_never_sent(hub: ServedGateway) -> None:
    await hub.call("/api/orders/a#/../admin")
    assert [sent.target for sent in hub.upstream.exchanges] in ([], ["/a"])


METHODS = {
    "hostile 27: TRACE": ("TRACE", 405),
    "hostile 27: a method nobody relays": ("PROPFIND", 501),
    "hostile 27: junk": ("JUNK", 400),
    "hostile 27: lower case": ("get", 400),
}


@pytest.mark.parametrize(("method", "status"), METHODS.values(), ids=METHODS)
async def test_method_is_refused(hub: ServedGateway, method: str, status: int) -> None:
    assert (await hub.call(method=method)).status == status
    assert hub.upstream.exchanges == []


async def test_hostile_27_connect_is_refused(hub: ServedGateway) -> None:
    wire = await hub.wire()
    await wire.send(f"CONNECT evil.example:443 HTTP/1.1\r\nHost: {hub.host}\r\n\r\n".encode())
    assert b"200" not in (await wire.rest()).split(b"\r\n", 1)[0]
    assert hub.upstream.exchanges == []


async def test_options_without_a_session_grants_no_cors(hub: ServedGateway) -> None:
    headers = ["Origin: https://evil.example", "Access-Control-Request-Method: PUT"]
    reply = await hub.call("/api/orders", *headers, method="OPTIONS", person=None)
    assert reply.status == 401
    assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


SMUGGLED = "GET /api/orders/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
FRAMING = {
    "hostile 1: CL and TE": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "hostile 1: TE and CL": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "hostile 2: differing CL": ["Content-Length: 5", "Content-Length: 6"],
    "hostile 3: equal CL": ["Content-Length: 3", "Content-Length: 3"],
    "hostile 3: a list": ["Content-Length: 3, 3"],
    "hostile 4: signed": ["Content-Length: +3"],
    "hostile 4: hexadecimal": ["Content-Length: 0x3"],
    "hostile 4: blanks": ["Content-Length: 3 3"],
    "hostile 4: 20 digits": ["Content-Length: 11111111111111111111"],
    "hostile 5: unknown": ["Transfer-Encoding: xchunked"],
    "hostile 5: further": ["Transfer-Encoding: chunked, identity"],
    "hostile 5: twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "hostile 7: folded": ["X-A: b", " Transfer-Encoding: chunked"],
    "blank before the colon": ["Content-Length : 3"],
}


@pytest.mark.parametrize("headers", FRAMING.values(), ids=FRAMING)
async def test_framing_is_refused_and_the_connection_closed(
    hub: ServedGateway, headers: list[str]
) -> None:
    """The rest of the list (bare LF, obs-fold in all forms, HTTP/0.9) is the server's own."""
    wire = await hub.wire()
    request = hub.request("/api/orders", *headers, method="POST")
    await wire.send(request + b"0\r\n\r\n" + SMUGGLED.encode())
    answers = await wire.rest()
    assert answers.split(b" ")[1] in {b"400", b"501"}
    assert answers.count(b"HTTP/1.1 ") == 1, "nothing after it was taken for a request"
    assert hub.upstream.exchanges == []


async def test_hostile_10_trailers_never_reach_a_service(hub: ServedGateway) -> None:
    wire = await hub.wire()
    head = hub.request(method="POST").removesuffix(b"\r\n") + b"Transfer-Encoding: chunked\r\n\r\n"
    await wire.send(head + b"2\r\nab\r\n0\r\nX-User: root\r\nAuthorization: Bearer x\r\n\r\n")
    assert (await wire.reply()).body == b"ab"
    sent = hub.upstream.only
    assert sent.header("x-user") is None
    assert sent.header("authorization") == "Bearer token-session-linus"


async def test_hostile_12_a_body_on_get_is_a_body(hub: ServedGateway) -> None:
    smuggled = b"GET /admin HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = await hub.call(body=smuggled)
    assert reply.body == smuggled
    assert len(hub.upstream.exchanges) == 1


async def test_hostile_13_pipelined_requests_are_answered_in_order(hub: ServedGateway) -> None:
    wire = await hub.wire()
    await wire.send(b"".join(hub.request(f"/api/orders/{number}") for number in range(20)))
    for _ in range(20):
        assert (await wire.reply()).status == 200
    expected = [f"/{number}" for number in range(20)]
    assert [sent.target for sent in hub.upstream.exchanges] == expected


async def test_hostile_14_the_body_of_a_denied_call_is_not_asked_for(hub: ServedGateway) -> None:
    wire = await hub.wire()
    headers = ["Content-Length: 5", "Expect: 100-continue"]
    await wire.send(hub.request("/api/orders", *headers, method="POST", person=None))
    reply = await wire.reply()
    assert (reply.status, reply.header("connection")) == (401, "close")
    assert await wire.rest() == b""


async def test_expect_is_answered_when_the_service_reads(hub: ServedGateway) -> None:
    wire = await hub.wire()
    headers = ["Content-Length: 5", "Expect: 100-continue"]
    await wire.send(hub.request("/api/orders", *headers, method="POST"))
    assert (await wire.head()).status == 100
    await wire.send(b"12345")
    assert (await wire.reply()).body == b"12345"
    assert hub.upstream.only.header("expect") is None


async def test_hostile_15_an_upgrade_to_h2c_is_ignored(hub: ServedGateway) -> None:
    headers = ["Upgrade: h2c", "HTTP2-Settings: AAMAAABk", "Connection: Upgrade, HTTP2-Settings"]
    reply = await hub.call("/api/orders", *headers)
    assert reply.status == 200
    sent = hub.upstream.only
    assert [sent.header(name) for name in ("upgrade", "http2-settings", "connection")] == [None] * 3


async def test_hostile_15_the_http_2_preface_is_refused(hub: ServedGateway) -> None:
    wire = await hub.wire()
    await wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert b" 200 " not in (await wire.rest()).split(b"\r\n", 1)[0]


async def test_hostile_26_a_foreign_authority_is_not_reached(hub: ServedGateway) -> None:
    await hub.call("http://evil.example/api/orders/v1")
    assert all(sent.target == "/v1" for sent in hub.upstream.exchanges)


async def test_hostile_29_a_foreign_host_is_misdirected(hub: ServedGateway) -> None:
    reply = await hub.raw(b"GET /api/orders HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert (reply.status, reply.problem_name) == (421, "misdirected")


HEADS = {
    "hostile 34: a header over 16 KB": ["X-A: " + "a" * 16384],
    "hostile 34: over 100 fields": [f"X-{number}: a" for number in range(100)],
    "hostile 34: a head over 32 KB": [f"X-{number}: " + "a" * 12000 for number in range(3)],
}


@pytest.mark.parametrize("headers", HEADS.values(), ids=HEADS)
async def test_head_is_too_large(hub: ServedGateway, headers: list[str]) -> None:
    assert (await hub.call("/api/orders", *headers)).problem_name == "headers-too-large"


async def test_a_header_that_is_not_text_is_refused(hub: ServedGateway) -> None:
    reply = await hub.call("/api/orders", "X-A: \xff")
    assert (reply.status, reply.problem_name) == (400, "invalid")


async def test_a_header_in_utf_8_passes_byte_for_byte(hub: ServedGateway) -> None:
    await hub.call("/api/orders", "X-A: caf\xc3\xa9")
    assert hub.upstream.only.header("x-a") == "café"


async def test_cve_2024_28179_a_websocket_passes_no_gate(hub: ServedGateway) -> None:
    headers = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    reply = await hub.call("/api/orders", *headers, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    assert (reply.status, reply.problem_name) == (501, "not-implemented")
    assert hub.upstream.exchanges == []


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
async def test_a_websocket_scope_is_closed(
    hub: ServedGateway, extensions: dict[str, dict[str, str]]
) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await hub.gateway({"type": "websocket", "extensions": extensions}, receive, send)
    if extensions:
        assert sent[0]["status"] == 501
    else:
        assert [message["type"] for message in sent] == ["websocket.close"]
