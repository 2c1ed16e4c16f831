"""Reads what this process logs while a test runs, and puts everything back afterwards."""

from __future__ import annotations

import io
import json
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from mainhub.telemetry import configure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainhub.telemetry import LogFormat, LogLevel


class CapturedLog(io.StringIO):
    """The stream of the log lines."""

    @property
    def text(self) -> str:
        return self.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, read as JSON."""
        return [json.loads(line) for line in self.getvalue().splitlines()]

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.lines]


@contextmanager
def captured_log(*, level: LogLevel = "info", output: LogFormat = "json") -> Iterator[CapturedLog]:
    """Send all logs to the stream that is returned."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = CapturedLog()
    configure(level=level, output=output, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:], _ = before
        root.setLevel(before[1])
        structlog.reset_defaults()
