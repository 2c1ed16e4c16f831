from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.gateway import probe
from mainhub.health import State

if TYPE_CHECKING:
    from gateway.scripted_upstream import Exchange
    from gateway.served import ServedGateway

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("200 OK", State.FINE),
        ("302 Found", State.FINE),
        ("401 Unauthorized", State.FINE),
        ("404 Not Found", State.FINE),
        ("500 Broken", State.DEGRADED),
        ("503 Busy", State.DEGRADED),
    ],
)
async def test_any_answer_below_500_is_fine(hub: ServedGateway, status: str, state: State) -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.answer(b"x", f"Location: {hub.upstream.origin}/elsewhere", status=status)

    hub.upstream.script = answer
    finding = await probe(hub.service(health="/healthz"), hub.way)()
    assert finding.state is state
    assert status[:3] in (finding.detail or "")
    sent = hub.upstream.only
    assert sent.request_line == "GET /healthz HTTP/1.1"
    assert sent.header("traceparent")
    assert sent.header("authorization") is None
    assert sent.header("cookie") is None


async def test_no_answer_has_failed(hub: ServedGateway) -> None:
    async def nothing(exchange: Exchange) -> None:
        exchange.reset()

    hub.upstream.script = nothing
    finding = await probe(hub.service(health="/healthz"), hub.way)()
    assert finding.state is State.FAILED
    assert finding.remedy
    assert hub.upstream.origin not in str(finding)


async def test_silence_has_failed(hub: ServedGateway) -> None:
    async def nothing(exchange: Exchange) -> None:
        await exchange.until_gone()

    hub.upstream.script = nothing
    soon = timedelta(milliseconds=50)
    finding = await probe(hub.service(health="/healthz", response_timeout=soon), hub.way)()
    assert (finding.state, finding.detail) == (State.FAILED, "No answer at /healthz in time.")


async def test_without_a_path_a_connection_is_enough_and_it_says_so(hub: ServedGateway) -> None:
    look = probe(hub.service(), hub.way)
    finding = await look()
    assert finding.state is State.FINE
    assert "gateway.services.orders.health is not set" in (finding.detail or "")
    assert hub.upstream.exchanges == []
    await hub.upstream.stop()
    finding = await look()
    assert (finding.state, finding.detail) == (
        State.FAILED,
        "No connection: ConnectionRefusedError.",
    )
