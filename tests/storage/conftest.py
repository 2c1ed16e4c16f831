"""A second way to the same database, for each test that asks for one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.storage import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """Return a second process's way to the same database."""
    opened = Database(database_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Database]:
    """Return a second process's way to the same database, which waits hardly at all."""
    opened = Database(database_url, busy_timeout=timedelta(milliseconds=50))
    yield opened
    await opened.aclose()
