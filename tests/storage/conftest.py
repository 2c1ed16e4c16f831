"""A fresh database file for each test that asks for one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.storage import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'mainhub.db'}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def impatient(url: str) -> AsyncIterator[Database]:
    """Return a second process's way to the same file, which waits hardly at all."""
    opened = Database(url, busy_timeout=timedelta(milliseconds=50))
    yield opened
    await opened.aclose()
