"""Dashboards in SQL, one row a person, and a copy in the cache for when the database is away."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from sqlalchemy import JSON, Column, Integer, Row, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mainhub.cache import Cache, Region
from mainhub.clock import Clock
from mainhub.frontends.dashboards.layout import Card, Dashboard, DashboardChanged
from mainhub.frontends.widget import Size
from mainhub.storage import METADATA, Database, UtcTime

__all__ = ["Dashboards"]

_TABLE: Final = Table(
    "dashboard",
    METADATA,
    Column("person_id", String(512), primary_key=True),
    Column("cards", JSON, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)


_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STALE: Final = timedelta(hours=12)


class Dashboards:
    """Keeps what people placed; *default* stands for who has placed nothing.

    Raises ``Unavailable`` when the database does not answer, unless *cache* still knows what is
    only read. What is read is believed for *fresh*.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        default: Sequence[Card],
        cache: Cache,
        fresh: timedelta,
    ) -> None:
        self._database = database
        self._clock = clock
        self._default = Dashboard(0, tuple(default))
        self._kept: Region = cache.region("dashboards", ttl=fresh, stale_ttl=_STALE)

    async def load(self, person_id: str) -> Dashboard:
        """Return the person's dashboard."""

        async def read() -> dict[str, Any] | None:
            async with self._database.read() as connection:
                row = await _row(connection, person_id)
            return None if row is None else {"generation": row.generation, "cards": row.cards}

        kept = await self._kept.get_or_set(_key(person_id), read)
        if kept is None:
            return self._default
        return Dashboard(kept["generation"], tuple(_cards(kept["cards"])))

    async def save(self, person_id: str, cards: Sequence[Card], *, generation: int) -> Dashboard:
        """Replace the cards if nobody saved since *generation*.

        Raises:
            DashboardChanged: another page did.
        """
        now = self._clock.now()
        values: dict[str, Any] = {
            "cards": [{"widget": card.widget, "size": card.size} for card in cards],
            # Never one that was used before a reset, which a page may still hold.
            "generation": generation + 1 if generation else int((now - _EPOCH).total_seconds()),
            "changed_at": now,
        }
        async with self._database.write() as connection:
            row = await _row(connection, person_id)
            if (0 if row is None else row.generation) != generation:
                raise DashboardChanged(
                    "the dashboard was changed from another page meanwhile",
                    remedy="Load it again, then arrange it.",
                )
            if row is None:
                await connection.execute(insert(_TABLE).values(person_id=person_id, **values))
            else:
                mine = update(_TABLE).where(_TABLE.c.person_id == person_id)
                await connection.execute(mine.values(**values))
        await self._kept.delete(_key(person_id))
        return Dashboard(int(values["generation"]), tuple(cards))

    async def reset(self, person_id: str) -> Dashboard:
        """Forget what the person placed, and return the default."""
        async with self._database.write() as connection:
            await connection.execute(delete(_TABLE).where(_TABLE.c.person_id == person_id))
        await self._kept.delete(_key(person_id))
        return self._default


def _key(person_id: str) -> str:
    # As long as a provider likes, and none of the cache's business.
    return hashlib.sha256(person_id.encode()).hexdigest()


async def _row(connection: AsyncConnection, person_id: str) -> Row[Any] | None:
    mine = select(_TABLE).where(_TABLE.c.person_id == person_id)
    return (await connection.execute(mine)).one_or_none()


def _cards(value: object) -> Iterable[Card]:
    # What a later version wrote and this one does not know is left out; it stays in the row until
    # the person saves.
    sizes: tuple[Size, ...] = get_args(Size)
    for entry in value if isinstance(value, list) else []:
        match entry:
            case {"widget": str(widget), "size": str(size)} if size in sizes:
                yield Card(widget, size)
