"""Telemetry of one process: made from options, opened and closed by whoever serves."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Final, Self

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from mainhub.clock import Clock
from mainhub.telemetry.log_lines import counted_lines
from mainhub.telemetry.metrics import Metrics
from mainhub.telemetry.options import TelemetryOptions
from mainhub.telemetry.own_settings import settings_only
from mainhub.telemetry.process import observe_process, watch_loop
from mainhub.telemetry.recorder import Recorder
from mainhub.telemetry.span_lines import SpanLines
from mainhub.telemetry.table import LOG_LINES

__all__ = ["Telemetry"]

_NAME: Final = "mainhub"
_LONGEST_FACT: Final = 200
_MOST_FACTS: Final = 32


class Telemetry:
    """What this process tells; an async context manager, entered once.

    Attributes:
        metrics: the instruments for rooms.
        recorder: what records the spans of a request; ``None`` where there are ids only.
    """

    def __init__(self, options: TelemetryOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._stack = AsyncExitStack()
        resource = Resource({"service.name": options.service, "service.version": options.version})
        self._registry = CollectorRegistry()
        self._meters = MeterProvider(
            [
                PrometheusMetricReader(
                    disable_target_info=True, scope_info_enabled=False, registry=self._registry
                )
            ],
            resource,
            AlwaysOffExemplarFilter(),
            shutdown_on_exit=False,
        )
        self.metrics = Metrics(self._meters.get_meter(_NAME))
        self._tracers = TracerProvider(
            ParentBased(TraceIdRatioBased(options.sample_ratio)),
            resource,
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_attributes=_MOST_FACTS, max_attribute_length=_LONGEST_FACT),
        )
        self.recorder: Recorder | None = None
        if options.exporter != "none":
            self.recorder = Recorder(self._tracers.get_tracer(_NAME))

    async def __aenter__(self) -> Self:
        observe_process(self.metrics, version=self._options.version, started_at=self._clock.now())
        self._stack.enter_context(counted_lines(self.metrics.counter(LOG_LINES)))
        watch = asyncio.create_task(watch_loop(self.metrics), name="telemetry-loop-lag")
        self._stack.push_async_callback(_stopped, watch)
        if self._options.exporter == "log":
            self._tracers.add_span_processor(SimpleSpanProcessor(SpanLines()))
        elif self._options.exporter == "otlp":
            self._open_collector()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self._stack.aclose()

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """Return all metrics in the text format that *accept* asks for, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def _open_collector(self) -> None:
        # Imported here, since it brings an HTTP client that no other hub needs.
        with settings_only():
            from mainhub.telemetry.collector import Collector

            collector = Collector(self._options, clock=self._clock)
            collector.open(self._tracers, self._meters)
        self._stack.push_async_callback(collector.aclose)


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
