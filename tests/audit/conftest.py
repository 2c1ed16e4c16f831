"""A record in a migrated database, and a clock that a test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.audit import AuditLog
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from mainhub.storage import Database


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def audit(migrated: Database, clock: MovedClock) -> AuditLog:
    return AuditLog(migrated, clock)
