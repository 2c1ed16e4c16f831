"""A registry over a migrated database, for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.audit import AuditLog
from mainhub.clock import SystemClock
from mainhub.frontends.sql import SqlRegistry
from mainhub.storage import Database, upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mainhub.frontends import Registry


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'mainhub.db'}")
    await upgrade(opened)
    yield opened
    await opened.aclose()


@pytest.fixture
def registry(migrated: Database) -> Registry:
    return SqlRegistry(migrated, clock=SystemClock(), audit=AuditLog(migrated, SystemClock()))
