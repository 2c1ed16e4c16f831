"""A registry over a migrated database, for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.audit import AuditLog
from mainhub.clock import SystemClock
from mainhub.frontends.sql import SqlRegistry

if TYPE_CHECKING:
    from mainhub.frontends import Registry
    from mainhub.storage import Database


@pytest.fixture
def registry(migrated: Database) -> Registry:
    return SqlRegistry(migrated, clock=SystemClock(), audit=AuditLog(migrated, SystemClock()))
