"""A record in a migrated database, and a clock that a test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.audit import AuditLog
from mainhub.storage import Database, upgrade
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'mainhub.db'}")
    await upgrade(opened)
    yield opened
    await opened.aclose()


@pytest.fixture
def audit(migrated: Database, clock: MovedClock) -> AuditLog:
    return AuditLog(migrated, clock)
