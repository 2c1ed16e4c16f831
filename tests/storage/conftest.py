"""A second way to the same database, for each test that asks for one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mainhub.storage import Database
from sql.postgresql import PrivatePostgresql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def only_postgresql(request: pytest.FixtureRequest) -> None:
    """Leave out a test that is about PostgreSQL where SQLite alone was asked for."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("only SQLite was asked for by --database")


@pytest.fixture
def fragile(only_postgresql: None) -> Iterator[PrivatePostgresql]:
    """Return a server that the test may change and end."""
    del only_postgresql
    server = PrivatePostgresql()
    yield server
    server.remove()


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
