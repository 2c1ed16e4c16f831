"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from house.isolation import Isolation, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

# A slow machine is no failure; CI must see the same examples twice.
settings.register_profile("mainhub", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("mainhub")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which the hub runs on."""
    return "asyncio"


@pytest.fixture
def free_port() -> int:
    """Return a free loopback port; so are the two after it, since `mainhub dev` takes three."""
    return free_ports(3)


@pytest.fixture(autouse=True)
def isolation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Isolation]:
    """Keep this test on this machine."""
    guard = Isolation()
    guard.install(monkeypatch)
    yield guard
    # The code under test may have taken a refusal for a host that does not answer.
    assert not guard.refused, f"the test tried to reach {guard.refused}: fake it, or use loopback"
