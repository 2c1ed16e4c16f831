"""The registry in SQL."""

from typing import Any, Final

from sqlalchemy import JSON, Boolean, Column, Integer, Row, String, Table, delete, insert, select
from typing_extensions import override

from mainhub.frontends.port import Frontend, FrontendInvalid, Registry
from mainhub.storage import METADATA, Database
from mainhub.telemetry import get_logger

__all__ = ["SqlRegistry"]

log = get_logger("frontends")

_TABLE: Final = Table(
    "frontend",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("title_fr", String(80), nullable=False),
    Column("title_en", String(80), nullable=False),
    Column("icon", String(40), nullable=False),
    Column("routes", JSON, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("url", String(2048), nullable=True),
    Column("integrity", String(200), nullable=True),
)


class SqlRegistry(Registry):
    """Front-ends in the table ``frontend``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def all(self) -> list[Frontend]:
        everything = select(_TABLE).order_by(_TABLE.c.position, _TABLE.c.name)
        async with self._database.read() as connection:
            rows = (await connection.execute(everything)).all()
        return [frontend for row in rows if (frontend := _read(row)) is not None]

    @override
    async def put(self, frontend: Frontend) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(_TABLE).where(_TABLE.c.name == frontend.name))
            await connection.execute(insert(_TABLE).values(**_row(frontend)))

    @override
    async def ensure(self, frontend: Frontend) -> None:
        taken = select(_TABLE.c.name).where(_TABLE.c.name == frontend.name)
        async with self._database.write() as connection:
            if (await connection.execute(taken)).first() is None:
                await connection.execute(insert(_TABLE).values(**_row(frontend)))

    @override
    async def remove(self, name: str) -> bool:
        gone = delete(_TABLE).where(_TABLE.c.name == name)
        async with self._database.write() as connection:
            return (await connection.execute(gone)).rowcount > 0


def _row(frontend: Frontend) -> dict[str, object]:
    return {
        "name": frontend.name,
        "title_fr": frontend.titles["fr"],
        "title_en": frontend.titles["en"],
        "icon": frontend.icon,
        "routes": list(frontend.routes),
        "roles": list(frontend.roles),
        "position": frontend.position,
        "active": frontend.active,
        "url": frontend.url,
        "integrity": frontend.integrity,
    }


def _read(row: Row[Any]) -> Frontend | None:
    try:
        return Frontend(
            name=row.name,
            titles={"fr": row.title_fr, "en": row.title_en},
            icon=row.icon,
            routes=_words(row.routes, "routes"),
            roles=_words(row.roles, "roles"),
            position=row.position,
            active=row.active,
            url=row.url,
            integrity=row.integrity,
        )
    except FrontendInvalid as error:
        # One bad row must not take the whole navigation away.
        log.warning("frontends.unreadable", name=row.name, caused_by=str(error))
        return None


def _words(value: object, column: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise FrontendInvalid(f"{column} must be a list of texts")
