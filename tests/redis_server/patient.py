"""The hub's connections for tests in which Redis is well and the machine may be busy."""

from __future__ import annotations

from datetime import timedelta

from mainhub.storage.redis import RedisConnections

__all__ = ["PATIENCE", "patient"]

PATIENCE = timedelta(seconds=20)


def patient(url: str) -> RedisConnections:
    """Return connections to *url* that wait for as long as a busy machine may need.

    What a Redis that is slow or gone does is tested with the time-outs of ``RedisConnections``.
    """
    return RedisConnections(url, connect_timeout=PATIENCE, command_timeout=PATIENCE)
