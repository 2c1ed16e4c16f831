"""What may be used only once, remembered by all processes of the hub until it is worth nothing."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, delete, select

from mainhub.clock import Clock
from mainhub.storage import METADATA, Database

__all__ = ["UsedOnce"]

# A used name is a row beside the sign-ins under way: found by a hash, gone by the same clock.
_KIND: Final = "used-once"


class UsedOnce:
    """Remembers names in the table of sign-ins; a name is never read back, only recognised.

    A row holds nothing that opens, so a state that is made to hash like a name leads nowhere.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def is_used(self, name: str) -> bool:
        """Tell whether *name* was used lately.

        Raises:
            DatabaseUnavailable: it cannot be told.
        """
        return await self.until(name) is not None

    async def until(self, name: str) -> datetime | None:
        """Return until when *name* is remembered; ``None`` if it is not.

        Raises:
            DatabaseUnavailable: it cannot be told.
        """
        rows = _table()
        found = (rows.c.state_hash == _hash(name)) & (rows.c.expires_at > self._clock.now())
        async with self._database.read() as connection:
            row = (await connection.execute(select(rows.c.expires_at).where(found))).first()
        return None if row is None else row.expires_at

    async def remember_until(self, names: Iterable[str], moment: datetime) -> None:
        """Note *names* until *moment*, or longer where they were noted for longer.

        Raises:
            DatabaseUnavailable: they were not noted.
        """
        rows, now = _table(), self._clock.now()
        async with self._database.write() as connection:
            for hashed in map(_hash, names):
                same = rows.c.state_hash == hashed
                row = (await connection.execute(select(rows.c.expires_at).where(same))).first()
                if row is not None and row.expires_at >= moment:
                    continue
                await connection.execute(delete(rows).where(same | (rows.c.expires_at <= now)))
                values = {"state_hash": hashed, "sealed": b"", "expires_at": moment}
                await connection.execute(rows.insert().values(**values))

    async def remember(self, name: str, *, for_long: timedelta) -> bool:
        """Note that *name* is used; return ``False`` where somebody noted it first.

        Raises:
            DatabaseUnavailable: it was not noted.
        """
        rows, now = _table(), self._clock.now()
        row = {"state_hash": _hash(name), "sealed": b"", "expires_at": now + for_long}
        async with self._database.write() as connection:
            await connection.execute(delete(rows).where(rows.c.expires_at <= now))
            found = select(rows.c.state_hash).where(rows.c.state_hash == row["state_hash"])
            if (await connection.execute(found)).first() is not None:
                return False
            await connection.execute(rows.insert().values(**row))
        return True


def _table() -> Table:
    return METADATA.tables["signin_flow"]


def _hash(name: str) -> str:
    return hashlib.sha256(f"{_KIND} {name}".encode()).hexdigest()
