"""The registry in SQL."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from mainhub.access import Need, decide
from mainhub.audit import Action, AuditLog, Entry, Target
from mainhub.clock import Clock
from mainhub.frontends.port import (
    Change,
    Frontend,
    FrontendChanged,
    FrontendInvalid,
    FrontendUnknown,
    Registered,
    Registry,
    WouldLockOut,
)
from mainhub.frontends.widget import Widget
from mainhub.identity import ADMIN, Person
from mainhub.storage import METADATA, Database, UtcTime
from mainhub.telemetry import get_logger

__all__ = ["SqlRegistry"]

log = get_logger("frontends")

_ADMINISTRATION: Final = "admin"
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
    Column("generation", Integer, nullable=False, default=1),
    Column("changed", JSON, nullable=False, default=list),
    Column("changed_at", UtcTime, nullable=True),
    Column("changed_by", String(256), nullable=True),
    Column("widgets", JSON, nullable=False, default=list),
    Column("apis", JSON, nullable=False, default=list),
)


class SqlRegistry(Registry):
    """Front-ends in the table ``frontend``; changes of operators go into *audit* as well."""

    def __init__(self, database: Database, *, clock: Clock, audit: AuditLog) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    @override
    async def all(self) -> list[Frontend]:
        return [entry.frontend for entry in await self.registered()]

    @override
    async def registered(self) -> list[Registered]:
        everything = select(_TABLE).order_by(_TABLE.c.position, _TABLE.c.name)
        async with self._database.read() as connection:
            rows = (await connection.execute(everything)).all()
        return [entry for row in rows if (entry := _read(row)) is not None]

    @override
    async def change(
        self, name: str, change: Change, *, generation: int, by: Person, address: str | None
    ) -> Registered:
        async with self._database.write() as connection:
            before = await _one(connection, name)
            if before is None:
                raise FrontendUnknown(f"there is no front-end {name!r}", remedy=_LIST_THEM)
            if before.generation != generation:
                raise FrontendChanged(
                    f"{name} was changed by {before.changed_by or 'somebody'} meanwhile",
                    remedy="Load the list again, then decide.",
                )
            after = self._changed(before, change, by)
            if after is before:
                return before
            await _replace(connection, after)
            entry = _entry(before.frontend, after.frontend, by, address)
            await self._audit.append(entry, within=connection)
        return after

    def _changed(self, before: Registered, change: Change, by: Person) -> Registered:
        asked = {"active": change.active, "roles": change.roles, "apis": change.apis}
        new = {
            field: value
            for field, value in asked.items()
            if value is not None and value != getattr(before.frontend, field)
        }
        if not new:
            return before
        frontend = replace(before.frontend, **new)  # type: ignore[arg-type]  # all fields fit
        if frontend.name == _ADMINISTRATION and not _opens_to_admins(frontend):
            raise WouldLockOut(
                "nobody could open the administration any more to take this back",
                remedy=f"Leave {_ADMINISTRATION} active and open to the role {ADMIN}.",
            )
        return Registered(
            frontend,
            generation=before.generation + 1,
            changed=tuple(sorted({*before.changed, *new})),
            changed_at=self._clock.now(),
            changed_by=by.name,
        )

    @override
    async def put(self, frontend: Frontend) -> None:
        found = select(_TABLE.c.generation).where(_TABLE.c.name == frontend.name)
        async with self._database.write() as connection:
            before = (await connection.execute(found)).scalar_one_or_none() or 0
            await connection.execute(delete(_TABLE).where(_TABLE.c.name == frontend.name))
            new = _row(frontend) | {"generation": before + 1}
            await connection.execute(insert(_TABLE).values(**new))

    @override
    async def ensure(self, frontend: Frontend) -> None:
        found = select(_TABLE).where(_TABLE.c.name == frontend.name)
        async with self._database.write() as connection:
            row = (await connection.execute(found)).one_or_none()
            if row is None:
                await connection.execute(insert(_TABLE).values(**_row(frontend)))
                return
            kept = _words(row.changed, "changed")
            shipped = {field: value for field, value in _row(frontend).items() if field not in kept}
            if any(getattr(row, field) != value for field, value in shipped.items()):
                # Who holds the old one must look again before they change it.
                shipped["generation"] = row.generation + 1
                ours = update(_TABLE).where(_TABLE.c.name == frontend.name).values(**shipped)
                await connection.execute(ours)

    @override
    async def remove(self, name: str) -> bool:
        gone = delete(_TABLE).where(_TABLE.c.name == name)
        async with self._database.write() as connection:
            return (await connection.execute(gone)).rowcount > 0


_LIST_THEM: Final = "GET /hub/v1/frontends/all lists them."


def _opens_to_admins(frontend: Frontend) -> bool:
    anyone = Person("-", "-", None, (ADMIN,), None, "-")
    return frontend.active and decide(anyone, Need.any_of(frontend.roles)).allowed


def _entry(before: Frontend, after: Frontend, by: Person, address: str | None) -> Entry:
    def told(frontend: Frontend) -> dict[str, object]:
        return {
            "active": frontend.active,
            "roles": list(frontend.roles),
            "apis": list(frontend.apis),
        }

    return Entry(
        action=Action.FRONTEND_CHANGED,
        person=by,
        address=address,
        right=ADMIN,
        target=Target("frontend", after.name),
        before=told(before),
        after=told(after),
    )


async def _one(connection: AsyncConnection, name: str) -> Registered | None:
    row = (await connection.execute(select(_TABLE).where(_TABLE.c.name == name))).one_or_none()
    return None if row is None else _read(row)


async def _replace(connection: AsyncConnection, entry: Registered) -> None:
    values = _row(entry.frontend) | {
        "generation": entry.generation,
        "changed": list(entry.changed),
        "changed_at": entry.changed_at,
        "changed_by": entry.changed_by,
    }
    named = update(_TABLE).where(_TABLE.c.name == entry.frontend.name)
    await connection.execute(named.values(**values))


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
        "widgets": [_widget_row(widget) for widget in frontend.widgets],
        "apis": list(frontend.apis),
    }


def _widget_row(widget: Widget) -> dict[str, object]:
    return {
        "name": widget.name,
        "titles": dict(widget.titles),
        "summaries": dict(widget.summaries),
        "icon": widget.icon,
        "size": widget.size,
    }


def _read(row: Row[Any]) -> Registered | None:
    try:
        frontend = Frontend(
            name=row.name,
            titles={"fr": row.title_fr, "en": row.title_en},
            icon=row.icon,
            routes=_words(row.routes, "routes"),
            roles=_words(row.roles, "roles"),
            position=row.position,
            active=row.active,
            url=row.url,
            integrity=row.integrity,
            widgets=tuple(_widgets(row.widgets)),
            apis=_words(row.apis, "apis"),
        )
        changed = _words(row.changed, "changed")
    except FrontendInvalid as error:
        # One bad row must not take the whole navigation away.
        log.warning("frontends.unreadable", name=row.name, caused_by=str(error))
        return None
    return Registered(frontend, row.generation, changed, row.changed_at, row.changed_by)


def _widgets(value: object) -> Iterable[Widget]:
    if not isinstance(value, list):
        raise FrontendInvalid("widgets must be a list")
    for entry in value:
        try:
            yield Widget(**entry)
        except (TypeError, AttributeError) as error:
            raise FrontendInvalid("a widget is not of the known form") from error


def _words(value: object, column: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise FrontendInvalid(f"{column} must be a list of texts")
