"""``mainhub serve``: one hub in this process."""

import asyncio
import os
from pathlib import Path

from mainhub.app import compose, serve
from mainhub.cli.sockets import bind
from mainhub.settings import Configuration, default_config, load
from mainhub.telemetry import configure

__all__ = ["run", "serve_configured"]


def run(*, config: Path | None) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        MainHubError: the settings, the port or the database do not allow it.
    """
    serve_configured(load(config=config or default_config(), environ=os.environ))


def serve_configured(configuration: Configuration) -> None:
    """Serve a hub with *configuration* in this process."""
    import uvloop

    settings = configuration.settings
    configure(level=settings.telemetry.log_level, output=settings.telemetry.log_format)
    hub = compose(configuration)
    listening = bind(settings.hub.listen)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(hub, [listening], drain=settings.hub.drain_timeout))
