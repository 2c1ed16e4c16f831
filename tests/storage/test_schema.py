from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from mainhub.errors import Invalid
from mainhub.storage import METADATA, UtcTime

if TYPE_CHECKING:
    from mainhub.storage import Database

MOMENTS = Table(
    "moment", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcTime)
)
PARIS = timezone(timedelta(hours=2))


@pytest.fixture
async def moments(database: Database) -> Database:
    async with database.write() as connection:
        await connection.run_sync(MOMENTS.create)
    return database


@pytest.mark.anyio
async def test_an_aware_time_returns_in_utc(moments: Database) -> None:
    at = datetime(2026, 7, 14, 9, 30, 0, 123456, tzinfo=PARIS)
    async with moments.write() as connection:
        await connection.execute(insert(MOMENTS), [{"id": 1, "at": at}, {"id": 2, "at": None}])
    async with moments.read() as connection:
        rows = select(MOMENTS.c.at).order_by(MOMENTS.c.id)
        found = (await connection.execute(rows)).scalars().all()
    assert found == [at, None]
    assert found[0].tzinfo is UTC


@pytest.mark.anyio
async def test_times_of_different_zones_compare_as_moments(moments: Database) -> None:
    noon = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
    async with moments.write() as connection:
        await connection.execute(insert(MOMENTS).values(id=1, at=noon))
    async with moments.read() as connection:
        # 13:00 in Paris is an hour before noon in UTC, though it reads later.
        later = select(MOMENTS.c.id).where(MOMENTS.c.at > datetime(2026, 7, 14, 13, tzinfo=PARIS))
        assert (await connection.execute(later)).scalars().all() == [1]


@pytest.mark.anyio
async def test_a_naive_time_is_refused(moments: Database) -> None:
    async def store() -> None:
        async with moments.write() as connection:
            naive = datetime(2026, 7, 14, 12, 0, tzinfo=UTC).replace(tzinfo=None)
            await connection.execute(insert(MOMENTS).values(id=1, at=naive))

    with pytest.raises((Invalid, StatementError), match="has no time zone"):
        await store()


@given(
    st.datetimes(
        min_value=datetime(1, 1, 3),  # noqa: DTZ001 - Hypothesis takes bounds without a zone
        max_value=datetime(9999, 12, 29),  # noqa: DTZ001 - likewise
        timezones=st.timezones(),
    )
)
def test_any_time_survives_a_database_that_drops_zones(at: datetime) -> None:
    kind, dialect = UtcTime(), sqlite.dialect()
    # Python never calls a time in the gap of a clock change equal to one of another zone.
    moment = at.astimezone(UTC)
    stored = kind.process_bind_param(at, dialect)
    assert stored is not None
    assert kind.process_result_value(stored.replace(tzinfo=None), dialect) == moment
    assert kind.process_result_value(stored, dialect) == moment


def test_every_constraint_has_a_name_to_drop_it_by() -> None:
    assert set(METADATA.naming_convention) == {"ix", "uq", "ck", "fk", "pk"}
