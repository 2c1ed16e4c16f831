"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from cli.mainhub_process import HUB_DATABASES
from house.isolation import Isolation, free_ports
from house.spread import spread
from mainhub.storage import Database, upgrade
from redis_server.server import KINDS as REDIS_KINDS
from redis_server.server import PrivateRedis, SharedRedis
from sql.postgresql import PrivatePostgresql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

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


KINDS = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "both": ("sqlite", "postgresql")}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=sorted(KINDS),
        default="both",
        help="what the tests run on: sqlite, postgresql, or both (which runs whole hubs on sqlite)",
    )
    parser.addoption(
        "--redis",
        default=",".join(REDIS_KINDS),
        help="which versions the tests of Redis itself run on; the others take the first",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the files that start browsers and whole hubs apart from each other."""
    items[:] = spread(items)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever opens a database once on each kind."""
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", KINDS[metafunc.config.getoption("--database")])
    if "redis_kind" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--redis")
        # Scoped to the session, so that what asks for one version shares one server.
        metafunc.parametrize("redis_kind", asked.split(","), scope="session")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PrivatePostgresql]:
    """Return a server of this run's own, started when the first test asks for it."""
    server = PrivatePostgresql()
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return where an empty database of this test's own is."""
    if database_kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'mainhub.db'}"
    server: PrivatePostgresql = request.getfixturevalue("postgresql")
    return server.url(server.fresh())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return an empty database."""
    opened = Database(database_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def migrated(database: Database) -> Database:
    """Return a database with the present schema."""
    await upgrade(database)
    return database


@pytest.fixture(scope="session")
def redises() -> Iterator[SharedRedis]:
    """Return the servers of this run."""
    servers = SharedRedis()
    yield servers
    servers.remove()


@pytest.fixture
def redis_server(redises: SharedRedis, request: pytest.FixtureRequest) -> PrivateRedis:
    """Return a running Redis without data; a test may stop, freeze and start it.

    The first of ``--redis``; a test that also asks for ``redis_kind`` runs once on each.
    """
    if "redis_kind" in request.fixturenames:
        return redises.of(request.getfixturevalue("redis_kind"))
    return redises.of(request.config.getoption("--redis").split(",")[0])


@pytest.fixture
def redis_url(redis_server: PrivateRedis) -> str:
    """Return where an empty Redis is."""
    return redis_server.url


@pytest.fixture(scope="session", autouse=True)
def hubs(request: pytest.FixtureRequest) -> None:
    """Let whole hubs, run as processes, keep what they know in PostgreSQL if that was asked for."""
    if request.config.getoption("--database") == "postgresql":
        server: PrivatePostgresql = request.getfixturevalue("postgresql")
        HUB_DATABASES.serve(lambda: server.url(server.fresh()))
