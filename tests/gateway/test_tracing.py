from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.served import ServedGateway, eventually
from mainhub.clock import SystemClock
from mainhub.telemetry import TelemetryOptions, start
from telemetry.log_capture import captured_log
from telemetry.stand_in import StandIn, facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.scripted_upstream import Exchange
    from mainhub.telemetry.telemetry import Telemetry

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
async def collector() -> AsyncIterator[StandIn]:
    async with StandIn().running() as collector:
        yield collector


@pytest.fixture
async def telemetry(collector: StandIn) -> AsyncIterator[Telemetry]:
    options = TelemetryOptions(
        exporter="otlp",
        endpoint=collector.endpoint,
        headers={"api-key": "k3y"},
        service="hub-under-test",
        every=timedelta(milliseconds=20),
    )
    async with start(options, clock=SystemClock()) as telemetry:
        yield telemetry


@pytest.fixture
async def traced(telemetry: Telemetry) -> AsyncIterator[ServedGateway]:
    hub = ServedGateway()
    hub.telemetry = telemetry
    await hub.start()
    yield hub
    await hub.stop()


async def test_a_trace_goes_from_the_browser_to_the_service(
    traced: ServedGateway, collector: StandIn
) -> None:
    with captured_log() as log:
        await traced.call(
            "/api/orders/v1/ada@x.example?q=s3cret", f"traceparent: 00-{TRACE}-{PARENT}-01"
        )
        await eventually(lambda: len(collector.spans) == 2)
    server, client = collector.named("GET /api/{service}"), collector.named("GET orders")
    sent = traced.upstream.only.header("traceparent")
    assert server.trace_id.hex() == client.trace_id.hex() == TRACE
    assert server.parent_span_id.hex() == PARENT
    assert client.parent_span_id == server.span_id
    assert sent == f"00-{TRACE}-{client.span_id.hex()}-01"
    assert {line["trace_id"] for line in log.lines} == {TRACE}
    assert (server.kind, client.kind) == (2, 3)
    assert facts(server)["http.route"] == "/api/{service}"
    assert facts(server)["http.response.status_code"] == 200
    assert facts(client)["mainhub.outcome"] == "answered"
    assert collector.resource["service.name"] == "hub-under-test"
    assert collector.headers[0]["api-key"] == "k3y"
    told = str([str(span) for span in collector.spans])
    for secret in ("s3cret", "ada@", "linus", "token-session", "Bearer", "127.0.0.1:5"):
        assert secret not in told


async def test_an_unsampled_trace_is_not_recorded_but_goes_on(
    traced: ServedGateway, collector: StandIn
) -> None:
    await traced.call("/api/orders", f"traceparent: 00-{TRACE}-{PARENT}-00")
    await traced.call("/api/open")
    await eventually(lambda: len(collector.spans) == 2)
    assert {span.trace_id.hex() for span in collector.spans} != {TRACE}
    unsampled = traced.upstream.exchanges[0].header("traceparent") or ""
    assert unsampled.startswith(f"00-{TRACE}-")
    assert unsampled.endswith("-00")


async def test_a_failure_is_told_by_its_status(traced: ServedGateway, collector: StandIn) -> None:
    async def broken(exchange: Exchange) -> None:
        await exchange.answer(b"secret words", status="503 Busy")

    traced.upstream.script = broken
    await traced.call("/api/orders")
    await eventually(lambda: len(collector.spans) == 2)
    client = collector.named("GET orders")
    assert (client.status.code, client.status.message) == (2, "")
    assert facts(client)["error.type"] == "503"
    assert "secret words" not in str(collector.spans)


async def test_counts_calls_by_service_and_outcome(
    traced: ServedGateway, telemetry: Telemetry
) -> None:
    await traced.call("/api/orders")
    await traced.call("/api/orders", person=None)
    await traced.call("/api/nothing-of-this-name")
    await traced.upstream.stop()
    await traced.call("/api/open")

    def told() -> str:
        return telemetry.exposition()[0].decode()

    # What follows an answer may still be under way when the client has it.
    await eventually(lambda: 'outcome="unreachable"' in told())
    text = told()
    for labels in (
        'outcome="answered",service="orders"',
        'outcome="refused",service="orders"',
        'outcome="refused",service="none"',
        'outcome="unreachable",service="open"',
    ):
        assert f"mainhub_gateway_calls_total{{{labels}}} 1.0" in text
    assert 'mainhub_gateway_calls_in_flight{service="orders"} 0.0' in text
    assert "nothing-of-this-name" not in text


async def test_metrics_are_pushed_as_well(collector: StandIn, telemetry: Telemetry) -> None:
    await eventually(lambda: "mainhub_build_info" in collector.metric_names)
    assert telemetry.recorder is not None
