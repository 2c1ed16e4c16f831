"""A table that counts, with which lost updates show."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update

if TYPE_CHECKING:
    from mainhub.storage import Database

__all__ = ["TALLY", "count", "increment", "with_tally"]

TALLY = Table(
    "tally", MetaData(), Column("id", Integer, primary_key=True), Column("count", Integer)
)


async def with_tally(database: Database) -> Database:
    """Return *database* with one row whose count is 0."""
    async with database.write() as connection:
        await connection.run_sync(TALLY.create)
        await connection.execute(insert(TALLY).values(id=1, count=0))
    return database


async def count(database: Database) -> int:
    """Read the count."""
    async with database.read() as connection:
        return int((await connection.execute(select(TALLY.c.count))).scalar_one())


async def increment(database: Database) -> None:
    """Read, let others have their chance, and write."""
    async with database.write() as connection:
        found = (await connection.execute(select(TALLY.c.count))).scalar_one()
        # Whoever wants to come between has the chance to.
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        await connection.execute(update(TALLY).values(count=found + 1))
