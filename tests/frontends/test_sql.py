from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from frontends.contract import RegistryContract
from frontends.some_frontends import DASHBOARD, frontend
from mainhub.errors import Unavailable
from telemetry.log_capture import captured_log

if TYPE_CHECKING:
    from mainhub.frontends import Registry
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio


class TestSqlRegistry(RegistryContract):
    @pytest.mark.parametrize(
        "change",
        [
            "routes = '[\"//evil.example\"]'",
            "routes = '[]'",
            "routes = '\"/orders\"'",
            "routes = '[1]'",
            "routes = '7'",
            "roles = 'null'",
            "roles = '[[\"Admin\"]]'",
            "title_fr = ''",
            "icon = '../x'",
            "url = 'javascript:alert(1)'",
            "integrity = 'md5-x'",
        ],
    )
    async def test_a_row_that_cannot_be_read_takes_nothing_else_away(
        self, registry: Registry, migrated: Database, change: str
    ) -> None:
        await registry.put(DASHBOARD)
        await registry.put(frontend())
        async with migrated.write() as connection:
            await connection.execute(text(f"UPDATE frontend SET {change} WHERE name = 'orders'"))  # noqa: S608 - ours
        with captured_log() as log:
            assert await registry.all() == [DASHBOARD]
        assert log.events == ["frontends.unreadable"]
        assert log.lines[0]["name"] == "orders"

    async def test_a_database_that_is_away_is_told(
        self, registry: Registry, migrated: Database
    ) -> None:
        async with migrated.write() as connection:
            await connection.execute(text("DROP TABLE frontend"))
        with pytest.raises(Unavailable):
            await registry.all()
