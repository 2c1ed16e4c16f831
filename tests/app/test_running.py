from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import pytest
from sqlalchemy import text

from app.composed_hub import HOST, composed_hub
from mainhub.app import Hub
from mainhub.audit import AuditLog
from mainhub.clock import SystemClock
from mainhub.frontends import Change
from mainhub.frontends.sql import SqlRegistry
from mainhub.identity import Person
from mainhub.sessions import SessionStoreUnavailable
from mainhub.storage import Database, DatabaseUnavailable, SchemaMismatch, current, head, upgrade
from telemetry.log_capture import captured_log
from web.asgi_call import ask

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


class Recorded:
    """Stands in for the parts that are opened and closed, and records when."""

    def __init__(self, name: str, into: list[str]) -> None:
        self._name, self._into = name, into

    async def __aenter__(self) -> Self:
        self._into.append(f"{self._name} opens")
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()

    async def start(self) -> None:
        self._into.append(f"{self._name} opens")

    async def aclose(self) -> None:
        self._into.append(f"{self._name} closes")


class Purging:
    """Stands in for the sessions: raises *failure*, or takes its time and says so."""

    def __init__(self, failure: Exception | None, into: list[str]) -> None:
        self._failure, self._into = failure, into
        self.begun = asyncio.Event()

    async def purge(self) -> int:
        self.begun.set()
        if self._failure is not None:
            raise self._failure
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        self._into.append("sessions are purged")
        return 0


def hub_of(folder: Path, *, into: list[str] | None = None, **parts: Any) -> Hub:
    """Return a hub in which *parts* are replaced; *into* records the end of its database."""
    made = composed_hub(folder)._parts
    database = made.database
    close = database.aclose

    async def closed() -> None:
        if into is not None:
            into.append("database closes")
        await close()

    # Its own one, since other parts hold it too.
    setattr(database, "aclose", closed)  # noqa: B010 - a method, replaced
    return Hub(replace(made, **parts))


def database_in(folder: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{folder / 'mainhub.db'}")


def registry_in(database: Database) -> SqlRegistry:
    clock = SystemClock()
    return SqlRegistry(database, clock=clock, audit=AuditLog(database, clock))


async def readiness(hub: Hub) -> tuple[int, str | None]:
    answer = await ask(hub, "/readyz", host=HOST)
    return answer.status, answer.problem_name if answer.status != 200 else None


async def test_starts_in_order_and_stops_in_the_opposite_one(tmp_path: Path) -> None:
    order: list[str] = []
    purging = Purging(None, order)

    async def first_party() -> None:
        order.append("front-ends are there")

    hub = hub_of(
        tmp_path,
        into=order,
        first_party=first_party,
        http=Recorded("outbound", order),
        upstream=Recorded("upstream", order),
        grants=Recorded("grants", order),
        sessions=purging,
    )
    async with hub.running():
        order.append("ready")
        async with asyncio.timeout(5):
            await purging.begun.wait()
    assert order == [
        "front-ends are there",
        "outbound opens",
        "upstream opens",
        "ready",
        "sessions are purged",
        "grants closes",
        "upstream closes",
        "outbound closes",
        "database closes",
    ]


async def test_takes_requests_only_while_running(tmp_path: Path) -> None:
    hub = composed_hub(tmp_path)
    assert await readiness(hub) == (503, "starting")
    async with hub.running():
        assert await readiness(hub) == (200, None)
        hub.readiness.drain()
        assert await readiness(hub) == (503, "draining")


async def test_takes_no_requests_once_it_has_stopped(tmp_path: Path) -> None:
    hub = composed_hub(tmp_path)
    async with hub.running():
        assert await readiness(hub) == (200, None)
    assert await readiness(hub) == (503, "draining")


async def test_a_start_that_fails_closes_what_it_opened(tmp_path: Path) -> None:
    order: list[str] = []

    async def first_party() -> None:
        raise DatabaseUnavailable("away")

    hub = hub_of(
        tmp_path,
        into=order,
        first_party=first_party,
        http=Recorded("outbound", order),
    )
    with pytest.raises(DatabaseUnavailable):
        async with hub.running():
            pytest.fail("it must not start")
    assert order == ["database closes"]
    assert await readiness(hub) == (503, "starting")


@pytest.mark.parametrize(
    "failure", [SessionStoreUnavailable("away"), ZeroDivisionError()], ids=["away", "fault"]
)
async def test_housekeeping_that_fails_does_not_stop_the_hub(
    tmp_path: Path, failure: Exception
) -> None:
    purging = Purging(failure, [])
    hub = hub_of(tmp_path, sessions=purging)
    with captured_log() as log:
        async with hub.running(), asyncio.timeout(5):
            await purging.begun.wait()
            assert await readiness(hub) == (200, None)
    assert "housekeeping.failed" in log.events


async def test_an_empty_database_is_made_ready(tmp_path: Path) -> None:
    async with composed_hub(tmp_path).running():
        pass
    database = database_in(tmp_path)
    assert await current(database) == head()
    known = [found.name for found in await registry_in(database).all()]
    assert known == ["dashboard", "widgets", "admin"]
    await database.aclose()


async def test_an_operators_change_survives_a_restart(tmp_path: Path) -> None:
    async with composed_hub(tmp_path).running():
        pass
    database = database_in(tmp_path)
    registry = registry_in(database)
    ada = Person("ada", "Ada Lovelace", None, ("Admin",), None, "entra")
    closed = Change(active=False, roles=("Editor",))
    await registry.change("widgets", closed, generation=1, by=ada, address=None)
    async with composed_hub(tmp_path).running():
        pass
    (theirs,) = [found for found in await registry.all() if found.name == "widgets"]
    assert (theirs.active, theirs.roles) == (False, ("Editor",))
    await database.aclose()


@pytest.mark.parametrize(
    ("revision", "remedy"),
    [("0000", "Install that newer version"), ("9999", "Install that newer version")],
)
async def test_a_schema_of_another_version_is_refused_and_left_alone(
    tmp_path: Path, revision: str, remedy: str
) -> None:
    database = database_in(tmp_path)
    await upgrade(database)
    async with database.write() as connection:
        stamp = text("UPDATE alembic_version SET version_num = :revision")
        await connection.execute(stamp, {"revision": revision})
    with pytest.raises(SchemaMismatch) as raised:
        async with composed_hub(tmp_path).running():
            pytest.fail("it must not start")
    assert remedy in str(raised.value.remedy)
    assert await current(database) == revision
    await database.aclose()


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        async with composed_hub(tmp_path / "nowhere").running():
            pytest.fail("it must not start")
