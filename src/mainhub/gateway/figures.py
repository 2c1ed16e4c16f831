"""What the gateway counts: its calls by service and outcome, their time, and those under way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mainhub.gateway.relay import Relay
from mainhub.gateway.service import Service
from mainhub.telemetry import Metrics, table

__all__ = ["Figures"]

_NOBODYS: Final = "none"


class Figures:
    """The gateway's instruments."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls = metrics.counter(table.GATEWAY_CALLS)
        self._durations = metrics.histogram(table.GATEWAY_DURATION)
        self._in_flight = metrics.level(table.GATEWAY_IN_FLIGHT)

    @contextmanager
    def under_way(self, service: Service, relay: Relay) -> Iterator[None]:
        """Count and time an exchange with *service* while it lasts."""
        began = time.perf_counter()
        self._in_flight.change(1, service=service.name)
        try:
            yield
        finally:
            self._in_flight.change(-1, service=service.name)
            self._durations.record(
                time.perf_counter() - began, service=service.name, outcome=relay.outcome
            )

    def ended(self, service: Service | None, outcome: str) -> None:
        """Count a call; a *service* that there is not has no name here, whatever was asked for."""
        self._calls.add(service=service.name if service else _NOBODYS, outcome=outcome)
