from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.people import ADA, LINUS, all_of
from mainhub.audit import Action, AuditLog, AuditUnavailable, Entry, Filter, Outcome, Target
from mainhub.identity import Person
from mainhub.telemetry import request_trace

if TYPE_CHECKING:
    from mainhub.storage import Database
    from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_keeps_every_part_of_an_entry(audit: AuditLog, clock: MovedClock) -> None:
    with request_trace(f"00-{TRACE}-b7ad6b7169203331-01"):
        number = await audit.append(
            Entry(
                action=Action.FRONTEND_CHANGED,
                person=ADA,
                address="203.0.113.7",
                right="Admin",
                target=Target("frontend", "orders"),
                before={"active": True, "roles": ["*"]},
                after={"active": False, "client_secret": "hunter22"},
                detail="closed",
            )
        )
    (found,) = await all_of(audit)
    assert found.id == number
    assert found.at == clock.now()
    assert (found.action, found.outcome) == ("frontend.changed", "done")
    assert (found.person_id, found.person_name) == (ADA.id, ADA.name)
    assert (found.address, found.right, found.detail) == ("203.0.113.7", "Admin", "closed")
    assert found.target == Target("frontend", "orders")
    assert found.before == {"active": True, "roles": ["*"]}
    assert found.after == {"active": False, "client_secret": "********"}
    assert found.trace_id == TRACE


async def test_an_entry_of_hostile_texts_is_recorded_all_the_same(audit: AuditLog) -> None:
    odd = "\x00\ud800\u202e" + "é" * 2000
    person = Person(odd, odd, None, ("USER",), None, "it")
    await audit.append(
        Entry(action="signin.refused", person=person, target=Target(odd, odd), after={odd: odd})
    )
    await audit.append(Entry(action="signin.refused"))
    first, second = await all_of(audit)
    assert first.person_name is not None
    assert first.person_name.strip("… ").strip("é") == ""
    assert (second.person_id, second.target, second.before, second.after) == (None,) * 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET outcome = 'done'",
        "UPDATE audit_entry SET detail = NULL WHERE id = 1",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
async def test_the_database_itself_refuses_to_change_or_delete(
    audit: AuditLog, migrated: Database, change: str
) -> None:
    await audit.append(Entry(action=Action.SIGNIN_DONE, person=ADA))
    before = await all_of(audit)
    with pytest.raises(DBAPIError, match="append-only"):
        async with migrated.write() as connection:
            await connection.execute(text(change))
    assert await all_of(audit) == before


async def test_the_database_refuses_to_empty_the_table(
    audit: AuditLog, migrated: Database, database_kind: str
) -> None:
    # SQLite has no TRUNCATE; its DELETE without a condition is the same.
    empty = {"sqlite": "DELETE FROM audit_entry", "postgresql": "TRUNCATE audit_entry"}
    await audit.append(Entry(action=Action.SIGNIN_DONE, person=ADA))
    with pytest.raises(DBAPIError, match="append-only"):
        async with migrated.write() as connection:
            await connection.execute(text(empty[database_kind]))
    assert len(await all_of(audit)) == 1


async def test_stands_or_falls_with_the_change(audit: AuditLog, migrated: Database) -> None:
    async def change(*, fails: bool) -> None:
        async with migrated.write() as connection:
            await audit.append(Entry(action=Action.CONFIGURATION_CHANGED), within=connection)
            if fails:
                raise RuntimeError("the change failed")

    await change(fails=False)
    with pytest.raises(RuntimeError):
        await change(fails=True)
    assert len(await all_of(audit)) == 1


async def test_pages_go_back_by_id(audit: AuditLog) -> None:
    for _ in range(7):
        await audit.append(Entry(action=Action.SIGNIN_DONE))
    first = await audit.newest(Filter(), limit=3)
    second = await audit.newest(Filter(), limit=3, before=first[-1].id)
    third = await audit.newest(Filter(), limit=3, before=second[-1].id)
    ids = [entry.id for page in (first, second, third) for entry in page]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 7
    assert await audit.newest(Filter(), limit=3, before=ids[-1]) == []


async def test_finds_by_every_filter(audit: AuditLog, clock: MovedClock) -> None:
    at = clock.now()
    await audit.append(
        Entry(action=Action.SIGNIN_DONE, person=ADA, target=Target("provider", "entra"))
    )
    clock.move(timedelta(hours=1))
    with request_trace(f"00-{TRACE}-b7ad6b7169203331-01"):
        await audit.append(
            Entry(
                action=Action.ACCESS_REFUSED,
                outcome=Outcome.REFUSED,
                person=LINUS,
                target=Target("service", "100%_orders"),
            )
        )

    async def names(**wanted: object) -> list[str | None]:
        return [entry.person_name for entry in await all_of(audit, Filter(**wanted))]  # type: ignore[arg-type]

    ada, linus = [ADA.name], [LINUS.name]
    assert await names() == ada + linus
    assert await names(action="signin.done") == ada
    assert await names(outcome="refused") == linus
    assert await names(person="lovelace") == ada
    assert await names(person=LINUS.id) == linus
    assert await names(person=LINUS.id[:-1]) == []
    assert await names(target="provider") == ada
    assert await names(target="%_OR") == linus
    assert await names(since=at + timedelta(minutes=1)) == linus
    assert await names(since=at, until=at + timedelta(hours=1)) == ada
    assert await names(trace=TRACE) == linus
    assert await names(trace=TRACE, person="Ada") == []


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", "%", "_", "\\", "'; DROP TABLE session; --"])
async def test_a_filter_is_a_text_and_never_sql(audit: AuditLog, hostile: str) -> None:
    await audit.append(Entry(action=Action.SIGNIN_DONE, person=ADA, target=Target("a", "b")))
    assert await all_of(audit, Filter(person=hostile)) == []
    assert await all_of(audit, Filter(target=hostile)) == []
    assert len(await all_of(audit)) == 1


async def test_many_at_once_are_all_recorded(audit: AuditLog) -> None:
    await asyncio.gather(*(audit.append(Entry(action=Action.SIGNIN_DONE)) for _ in range(50)))
    ids = [entry.id for entry in await all_of(audit)]
    assert len(set(ids)) == 50


async def test_says_so_when_the_database_is_away(audit: AuditLog, migrated: Database) -> None:
    await away(migrated)
    for call in (
        audit.append(Entry(action=Action.SIGNIN_DONE)),
        audit.newest(Filter(), limit=1),
        audit.following(Filter(), limit=1, after=0, below=9),
    ):
        with pytest.raises(AuditUnavailable) as raised:
            await call
        assert raised.value.remedy


async def away(database: Database) -> None:
    """Take the table away, as a database that fails looks to its user."""
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE audit_entry RENAME TO away"))
