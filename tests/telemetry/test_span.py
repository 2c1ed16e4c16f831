from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.served import eventually
from mainhub.clock import SystemClock
from mainhub.telemetry import (
    Recorder,
    TelemetryOptions,
    current_trace,
    get_logger,
    request_span,
    span,
    start,
)
from telemetry.log_capture import captured_log
from telemetry.stand_in import StandIn, facts

if TYPE_CHECKING:
    from mainhub.telemetry.telemetry import Telemetry

pytestmark = pytest.mark.anyio
CALLER = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


def started(exporter: str = "log", **options: object) -> Telemetry:
    known = {"exporter": exporter, "every": timedelta(milliseconds=20), **options}
    return start(TelemetryOptions(**known), clock=SystemClock())  # type: ignore[arg-type]


def some_request(recorder: Recorder | None) -> None:
    with request_span("GET /x", f"00-{CALLER}-{PARENT}-01", recorder), span("inner", "client"):
        get_logger("x").info("inside")


async def test_without_an_exporter_there_are_ids_and_nothing_else() -> None:
    async with started("none") as telemetry:
        assert telemetry.recorder is None
        with request_span("GET /x", f"00-{CALLER}-{PARENT}-01", None) as outer:
            assert current_trace() is outer.trace
            assert (outer.trace.trace_id, outer.trace.parent_id) == (CALLER, PARENT)
            with span("inner") as inner:
                assert inner.trace.trace_id == CALLER
                assert inner.trace.parent_id == outer.trace.span_id
                assert inner.trace.request_id == outer.trace.request_id
                assert current_trace() is inner.trace
                assert not inner.is_recorded
            assert current_trace() is outer.trace


async def test_log_writes_a_line_for_each_span_that_ended() -> None:
    with captured_log() as log:
        async with started("log") as telemetry:
            some_request(telemetry.recorder)
    lines = {line["name"]: line for line in log.lines if line["event"] == "span"}
    (own,) = [line for line in log.lines if line["event"] == "inside"]
    assert list(lines) == ["inner", "GET /x"]
    assert {line["trace_id"] for line in [*lines.values(), own]} == {CALLER}
    assert lines["GET /x"]["parent_id"] == PARENT
    assert lines["inner"]["parent_id"] == lines["GET /x"]["span_id"]
    assert (lines["GET /x"]["kind"], lines["inner"]["kind"]) == ("server", "client")
    assert lines["inner"]["failed"] is False


async def test_an_exception_is_told_by_its_type_alone() -> None:
    with captured_log() as log:
        async with started("log") as telemetry:
            with (
                pytest.raises(ValueError, match="s3cret"),
                request_span("GET /x", None, telemetry.recorder),
            ):
                raise ValueError("s3cret")
    (line,) = [line for line in log.lines if line["event"] == "span"]
    assert line["failed"] is True
    assert line["facts"] == {"error.type": "ValueError"}
    assert "s3cret" not in log.text


async def test_requests_at_once_keep_their_own_spans() -> None:
    inside = asyncio.Barrier(5)

    async def one(recorder: Recorder | None) -> bool:
        with request_span("GET /x", None, recorder) as outer:
            await inside.wait()
            with span("inner") as inner:
                await inside.wait()
                return inner.trace.parent_id == outer.trace.span_id

    with captured_log():
        async with started("log") as telemetry:
            assert all(await asyncio.gather(*(one(telemetry.recorder) for _ in range(5))))


@pytest.mark.parametrize(("ratio", "recorded"), [(0.0, 0), (1.0, 20)])
async def test_records_the_share_that_is_asked_for(ratio: float, recorded: int) -> None:
    with captured_log() as log:
        async with started("log", sample_ratio=ratio) as telemetry:
            for _ in range(20):
                with request_span("GET /x", None, telemetry.recorder) as opened:
                    assert opened.trace.sampled is bool(recorded)
            some_request(telemetry.recorder)
    assert log.events.count("span") == recorded + 2, "the caller's decision stands"


async def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OTEL_SDK_DISABLED": "true",
        "OTEL_TRACES_SAMPLER": "always_off",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=forged,team=x",
        "OTEL_SERVICE_NAME": "forged",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-forged=1",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-forged=1",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "deflate",
        "OTEL_BSP_MAX_QUEUE_SIZE": "1",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    async with StandIn().running() as collector:
        async with started("otlp", endpoint=collector.endpoint) as telemetry:
            with request_span("GET /x", None, telemetry.recorder, a="b"):
                pass
            await eventually(lambda: bool(collector.spans))
        assert collector.resource == {"service.name": "mainhub", "service.version": "0"}
        assert facts(collector.named("GET /x")) == {"a": "b"}
        assert not any("x-forged" in headers for headers in collector.headers)


async def test_what_waits_is_sent_at_the_end() -> None:
    async with StandIn().running() as collector:
        long = timedelta(hours=1)
        async with started("otlp", endpoint=collector.endpoint, every=long) as telemetry:
            some_request(telemetry.recorder)
            assert collector.spans == []
        assert [each.name for each in collector.spans] == ["inner", "GET /x"]


async def test_a_collector_that_is_away_is_told_of_once_and_does_not_hold_up_the_end() -> None:
    with captured_log() as log:
        options = {"endpoint": "http://127.0.0.1:1", "drain": timedelta(milliseconds=200)}
        async with (
            asyncio.timeout(10),
            started("otlp", **options, patience=timedelta(minutes=1)) as telemetry,
        ):
            for _ in range(50):
                some_request(telemetry.recorder)
            await eventually(lambda: "telemetry.export_failed" in log.text)
            for _ in range(200):
                some_request(telemetry.recorder)
    assert log.events.count("telemetry.export_failed") == 1
    assert {line["room"] for line in log.lines} <= {"telemetry", "x"}


async def test_a_collector_that_hangs_is_left_behind() -> None:
    with captured_log() as log:
        async with StandIn().running() as collector:
            collector.hang = True
            options = {"endpoint": collector.endpoint, "drain": timedelta(milliseconds=100)}
            async with (
                asyncio.timeout(10),
                started("otlp", **options, patience=timedelta(minutes=1)) as telemetry,
            ):
                some_request(telemetry.recorder)
                await eventually(lambda: collector.asked > 0)
    assert "telemetry.not_drained" in log.events


async def test_the_queue_is_bounded() -> None:
    with captured_log() as log:
        async with StandIn().running() as collector:
            collector.hang = True
            options = {"endpoint": collector.endpoint, "drain": timedelta(milliseconds=50)}
            async with started("otlp", **options, queue=8) as telemetry:
                await eventually(lambda: collector.asked > 0)
                for _ in range(100):
                    some_request(telemetry.recorder)
    # The one before may still be telling what it could not bring.
    mine = [line for line in log.lines if line.get("endpoint") == collector.endpoint]
    assert [line["event"] for line in mine].count("telemetry.export_failed") == 1
