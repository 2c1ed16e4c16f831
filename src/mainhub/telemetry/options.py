"""What telemetry is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from mainhub.settings import Telemetry as TelemetrySettings

__all__ = ["Exporter", "TelemetryOptions"]

Exporter = Literal["none", "log", "otlp"]


@dataclass(frozen=True, slots=True)
class TelemetryOptions:
    """How this process tells about itself.

    Attributes:
        exporter: ``none`` makes ids only, ``log`` writes a line per span, ``otlp`` sends spans and
            metrics to a collector.
        endpoint: the collector's base URL; ``/v1/traces`` and ``/v1/metrics`` are put behind it.
        headers: sent to the collector with each batch; secret.
        sample_ratio: how much of the traces that begin here is recorded. A trace that began
            elsewhere keeps what was decided there.
        service: this hub's name among the company's services.
        version: of MainHub.
        every: the longest that a span waits for its batch, and how often metrics are sent.
        patience: how long one batch may take, retries included.
        queue: how many spans may wait; further ones are dropped.
        drain: how long the last batch may hold up the end of the process.
    """

    exporter: Exporter = "none"
    endpoint: str = "http://localhost:4318"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sample_ratio: float = 1.0
    service: str = "mainhub"
    version: str = "0"
    every: timedelta = timedelta(seconds=5)
    patience: timedelta = timedelta(seconds=5)
    queue: int = 4096
    drain: timedelta = timedelta(seconds=2)

    @classmethod
    def of(cls, settings: TelemetrySettings, *, version: str) -> "TelemetryOptions":
        """Return what the section ``[telemetry]`` asks for."""
        return cls(
            exporter=settings.exporter,
            endpoint=settings.otlp_endpoint,
            headers=settings.collector_headers(),
            sample_ratio=settings.sample_ratio,
            service=settings.service_name,
            version=version,
        )
