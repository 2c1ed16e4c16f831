from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from mainhub.errors import Conflict, Unavailable
from mainhub.telemetry import current_trace
from mainhub.web import Edge, Hosts
from telemetry.log_capture import CapturedLog, captured_log
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from mainhub.web.edge import App, Receive, Scope, Send

pytestmark = pytest.mark.anyio
CALLER = "0af7651916cd43dd8448eb211c80319c"
HEX = re.compile(r"[0-9a-f]+")


@pytest.fixture
def log() -> Iterator[CapturedLog]:
    with captured_log() as log:
        yield log


async def through(
    app: App, target: str = "/", *headers: tuple[str, str], public: str = "https://hub.example"
) -> Answered:
    return await ask(Edge(app, hosts=Hosts(public)), target, *headers)


def raising(error: Exception) -> App:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return app


async def tell_trace(scope: Scope, receive: Receive, send: Send) -> None:
    trace = current_trace()
    await PlainTextResponse(f"{trace.trace_id} {trace.request_id}")(scope, receive, send)


@pytest.mark.parametrize(
    ("app", "status"),
    [
        (PlainTextResponse("ok"), 200),
        (PlainTextResponse("", status_code=304), 304),
        (raising(Conflict("x")), 409),
        (raising(RuntimeError("x")), 500),
    ],
)
async def test_every_answer_carries_the_security_headers(
    app: App, status: int, log: CapturedLog
) -> None:
    answer = await through(app)
    assert (answer.status, bool(log.text)) == (status, True)
    for name in (
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
        "content-security-policy",
        "strict-transport-security",
        "cache-control",
        "x-request-id",
    ):
        assert answer.header(name), name


async def test_a_refused_host_gets_them_too(log: CapturedLog) -> None:
    answer = await through(PlainTextResponse("ok"), public="http://other.example")
    assert answer.status == 421
    assert answer.header("content-security-policy")
    assert answer.header("strict-transport-security") is None
    assert log.lines[0]["status"] == 421


async def test_a_named_error_becomes_its_problem(log: CapturedLog) -> None:
    answer = await through(raising(Unavailable("The store is away.", remedy="Try again.")))
    assert (answer.status, answer.problem_name) == (503, "unavailable")
    assert answer.problem["remedy"] == "Try again."
    assert log.events == ["request"]


async def test_a_fault_of_ours_tells_the_trace_and_nothing_else(log: CapturedLog) -> None:
    answer = await through(raising(RuntimeError("password hunter2 in /srv/app.py")), "/x?code=own")
    assert (answer.status, answer.problem_name) == (500, "internal")
    for inside in (b"hunter2", b"RuntimeError", b"Traceback", b".py"):
        assert inside not in answer.body
    failed, request = log.lines
    assert failed["event"] == "request.failed"
    assert "RuntimeError" in failed["exception"]
    assert failed["trace_id"] == answer.problem["trace_id"] == request["trace_id"]
    assert request["status"] == 500
    assert "code=own" not in log.text


async def test_a_fault_after_the_head_cuts_the_answer_off(log: CapturedLog) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    with pytest.raises((ZeroDivisionError, ExceptionGroup)):
        await through(StreamingResponse(pieces()))
    assert log.lines[-1]["status"] == 200


async def test_a_named_error_after_the_head_cuts_the_answer_off() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await raising(Conflict("late"))(scope, receive, send)

    with pytest.raises(Conflict):
        await through(app)


async def test_a_fault_after_the_whole_answer_is_recorded(log: CapturedLog) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("whole")(scope, receive, send)
        raise ZeroDivisionError

    answer = await through(app)
    assert (answer.status, answer.body) == (200, b"whole")
    assert log.events == ["request.failed", "request"]


async def test_a_callers_trace_goes_on() -> None:
    answer = await through(tell_trace, "/", ("traceparent", f"00-{CALLER}-b7ad6b7169203331-01"))
    trace, request = answer.body.decode().split()
    assert trace == CALLER
    assert answer.header("x-request-id") == request


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{CALLER}-{'0' * 16}-01",
        f"00-{CALLER.upper()}-b7ad6b7169203331-01",
        f"00-{CALLER}-b7ad6b7169203331-01-x",
        f"01-{CALLER}-b7ad6b7169203331-01",
        f"00-{CALLER}-b7ad6b7169203331-01\n",
        "\xff" * 55,
    ],
)
async def test_a_malformed_trace_is_replaced(given: str) -> None:
    answer = await through(tell_trace, "/", ("traceparent", given))
    trace, _ = answer.body.decode().split()
    assert trace != CALLER
    assert HEX.fullmatch(trace)
    assert len(trace) == 32


async def test_a_request_id_is_never_taken_from_outside() -> None:
    answer = await through(tell_trace, "/", ("x-request-id", "mine"))
    assert answer.header("x-request-id") != "mine"


async def test_a_request_leaves_one_line_without_its_query(log: CapturedLog) -> None:
    await through(PlainTextResponse("ok"), "/auth/callback/entra?code=s3cret&state=st4te")
    (line,) = log.lines
    assert (
        line.items()
        >= {
            "event": "request",
            "room": "web",
            "level": "info",
            "method": "GET",
            "path": "/auth/callback/entra",
            "status": 200,
        }.items()
    )
    assert line["ms"] >= 0
    assert "s3cret" not in log.text
    assert "st4te" not in log.text


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/static/boot.js"])
async def test_probes_and_files_leave_none(path: str, log: CapturedLog) -> None:
    await through(PlainTextResponse("ok"), path)
    assert log.text == ""
