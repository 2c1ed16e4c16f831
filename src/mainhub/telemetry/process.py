"""What the process itself costs: its age, memory, open files, and how late its event loop is."""

import asyncio
import os
import platform
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from mainhub.telemetry.metrics import Metrics, Reading
from mainhub.telemetry.table import BUILD, LOOP_LAG, OPEN_FILES, RESIDENT_MEMORY, START_TIME

__all__ = ["observe_process", "watch_loop"]

_STATM: Final = Path("/proc/self/statm")
_FILES: Final = Path("/proc/self/fd")
_EVERY: Final = 1.0


def observe_process(metrics: Metrics, *, version: str, started_at: datetime) -> None:
    """Let *metrics* tell what this process is and what it holds, where the system says so."""
    build = {"version": version, "python": platform.python_version()}
    metrics.gauge(BUILD, lambda: [(1, build)])
    metrics.gauge(START_TIME, lambda: [(started_at.timestamp(), {})])
    metrics.gauge(RESIDENT_MEMORY, _resident)
    metrics.gauge(OPEN_FILES, _open_files)


async def watch_loop(metrics: Metrics) -> None:
    """Measure once a second how late the event loop is, until cancelled."""
    lag = metrics.histogram(LOOP_LAG)
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(_EVERY)
        lag.record(max(0.0, loop.time() - before - _EVERY))


def _resident() -> Iterable[Reading]:
    # Linux only; elsewhere the metric is absent, which is truer than a zero.
    try:
        pages = int(_STATM.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return []
    return [(pages * os.sysconf("SC_PAGE_SIZE"), {})]


def _open_files() -> Iterable[Reading]:
    try:
        return [(sum(1 for _ in _FILES.iterdir()), {})]
    except OSError:
        return []
