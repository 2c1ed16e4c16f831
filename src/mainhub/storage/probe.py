"""Looking at the database: does it answer?"""

from sqlalchemy import text

from mainhub.health import Finding, State
from mainhub.storage.engine import Database
from mainhub.storage.failures import DatabaseUnavailable

__all__ = ["probe"]


async def probe(database: Database) -> Finding:
    """Ask *database* the least that there is."""
    try:
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))
    except DatabaseUnavailable as error:
        return Finding(State.FAILED, str(error), error.remedy)
    return Finding(State.FINE)
