"""The way into :class:`mainhub.telemetry.telemetry.Telemetry`."""

from typing import TYPE_CHECKING

from mainhub.clock import Clock
from mainhub.telemetry.options import TelemetryOptions
from mainhub.telemetry.own_settings import settings_only

if TYPE_CHECKING:
    from mainhub.telemetry.telemetry import Telemetry

__all__ = ["start"]


def start(options: TelemetryOptions, *, clock: Clock) -> "Telemetry":
    """Return telemetry as *options* ask for it; nothing is sent before it is entered."""
    # OpenTelemetry's SDK is imported here since it reads the environment when it is imported.
    with settings_only():
        from mainhub.telemetry.telemetry import Telemetry

        return Telemetry(options, clock=clock)
