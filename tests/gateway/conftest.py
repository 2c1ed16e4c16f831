"""A served gateway for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.served import ServedGateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run on uvloop, as the hub does."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def hub() -> AsyncIterator[ServedGateway]:
    """Return the gateway served on a free loopback port."""
    served = ServedGateway()
    await served.start()
    yield served
    await served.stop()
