"""What a database says that does not let the hub in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mainhub.storage import Database, DatabaseUnavailable
from sql.postgresql import PASSWORD

__all__ = ["failing"]


async def failing(url: str) -> DatabaseUnavailable:
    """Return what the first use of *url* says; never its password."""
    database = Database(url, busy_timeout=timedelta(seconds=1))
    try:
        with pytest.raises(DatabaseUnavailable) as raised:
            await database.probe()
    finally:
        await database.aclose()
    assert raised.value.__cause__ is not None
    assert raised.value.remedy
    told = f"{raised.value} {raised.value.remedy}"
    assert PASSWORD not in told
    assert "\n" not in told
    return raised.value
