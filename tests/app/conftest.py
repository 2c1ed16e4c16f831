"""A running hub for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.composed_hub import composed_hub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mainhub.app import Hub


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    composed = composed_hub(tmp_path)
    async with composed.running():
        yield composed
