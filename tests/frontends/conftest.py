"""A migrated database for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.storage import Database, upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'mainhub.db'}")
    await upgrade(opened)
    yield opened
    await opened.aclose()
