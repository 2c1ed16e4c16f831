"""Sending spans and metrics to a collector (OTLP, protobuf over HTTP), in threads of their own.

A collector that is slow or away costs nothing but what it misses: the queue is bounded, what does
not fit is dropped, and the log says so once a minute.
"""

import asyncio
import logging
import ssl
import threading
from contextlib import suppress
from typing import Final

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.telemetry.logs import get_logger
from mainhub.telemetry.options import TelemetryOptions

__all__ = ["Collector"]

log = get_logger("telemetry")

_BATCH: Final = 512
_METRICS_EVERY: Final = 6
_LIBRARY: Final = "opentelemetry"
_QUIET_SECONDS: Final = 60.0
_LONGEST_WORDS: Final = 300


class Collector:
    """The way to the collector: opened with the process, closed at its end."""

    def __init__(self, options: TelemetryOptions, *, clock: Clock) -> None:
        self._options = options
        self._troubles = _Troubles(clock, options.endpoint)
        self._spans: BatchSpanProcessor | None = None
        self._metrics: PeriodicExportingMetricReader | None = None
        self._exporters: list[OTLPSpanExporter | OTLPMetricExporter] = []

    def open(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        """Begin to send what *tracers* and *meters* record."""
        options = self._options
        base = options.endpoint.rstrip("/")
        seconds = options.patience.total_seconds()
        every = options.every.total_seconds() * 1000
        self._troubles.listen()
        certificates = ssl.get_default_verify_paths().cafile
        spans = OTLPSpanExporter(
            f"{base}/v1/traces",
            certificates,
            headers=options.headers,
            timeout=seconds,
            compression=Compression.Gzip,
            session=_session(),
        )
        metrics = OTLPMetricExporter(
            f"{base}/v1/metrics",
            certificates,
            headers=dict(options.headers),
            timeout=seconds,
            compression=Compression.Gzip,
            session=_session(),
        )
        self._exporters = [spans, metrics]
        self._spans = BatchSpanProcessor(
            spans,
            max_queue_size=options.queue,
            schedule_delay_millis=every,
            max_export_batch_size=min(_BATCH, options.queue),
            export_timeout_millis=seconds * 1000,
        )
        self._metrics = PeriodicExportingMetricReader(
            metrics,
            export_interval_millis=every * _METRICS_EVERY,
            export_timeout_millis=seconds * 1000,
        )
        tracers.add_span_processor(self._spans)
        meters.add_metric_reader(self._metrics)

    async def aclose(self) -> None:
        """Send what waits, for as long as the drain lasts; what is left then is lost."""
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def finish() -> None:
            for part in (self._spans, self._metrics):
                if part is not None:
                    part.shutdown()
            # Only now, since what is still under way has its own complaints.
            self._troubles.stop()
            # The loop may be gone when a hanging collector lets go at last.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(done.set)

        # A daemon: unlike the loop's own threads, nobody waits for it at the end.
        threading.Thread(target=finish, name="telemetry-drain", daemon=True).start()
        try:
            async with asyncio.timeout(self._options.drain.total_seconds()):
                await done.wait()
        except TimeoutError:
            log.warning("telemetry.not_drained", endpoint=self._options.endpoint)
            for exporter in self._exporters:
                exporter.shutdown()


class _Troubles(logging.Handler):
    """Hears what the library has to complain about and repeats it once a minute at most."""

    def __init__(self, clock: Clock, endpoint: str) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._endpoint = endpoint
        self._told_at: float | None = None
        self._unheard = 0
        self._library = logging.getLogger(_LIBRARY)

    def listen(self) -> None:
        """Take the library's words, instead of the log."""
        self._library.addHandler(self)
        self._library.propagate = False

    def stop(self) -> None:
        """Let them go to the log again."""
        self._library.removeHandler(self)
        self._library.propagate = not self._library.handlers

    @override
    def emit(self, record: logging.LogRecord) -> None:
        now = self._clock.monotonic()
        if self._told_at is not None and now - self._told_at < _QUIET_SECONDS:
            self._unheard += 1
            return
        self._told_at, unheard, self._unheard = now, self._unheard, 0
        log.warning(
            "telemetry.export_failed",
            endpoint=self._endpoint,
            caused_by=record.getMessage()[:_LONGEST_WORDS],
            since_last_told=unheard,
        )


def _session() -> requests.Session:
    session = requests.Session()
    # As for all other calls of the hub: no proxy, and no password out of a .netrc.
    session.trust_env = False
    return session
