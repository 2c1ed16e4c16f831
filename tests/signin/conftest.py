"""A hub for each file of tests, with the simulated tenant or the hostile provider beside it."""

from __future__ import annotations

import logging
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import structlog

from mainhub.telemetry import configure
from signin.browser import Browser, opened
from signin.moving_clock import MovingClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="module")
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(autouse=True)
def right_time(clock: MovingClock) -> None:
    """Begin every test at the machine's time."""
    clock.set_right()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with opened() as one:
        yield one


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[StringIO]:
    """Write all logs of a test to memory, from debug on, and put logging back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    lines = StringIO()
    configure(level="debug", output="json", stream=lines)
    yield lines
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
