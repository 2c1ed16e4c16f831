from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import MetaData, select, text, update
from typing_extensions import override

from mainhub.sessions import EndReason, KeyRing, SessionStoreUnavailable, Tokens, sql
from mainhub.sessions.sql import SqlSessionStore
from mainhub.storage import METADATA, upgrade
from sessions.attacks import AttackedStoreContract, Vault, hash_of
from sessions.contract import ADA, DEVICE, LIFETIMES, LINUS, summary_of
from sessions.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mainhub.sessions import Session, SessionStore
    from mainhub.storage import Database

pytestmark = pytest.mark.anyio
TABLE = METADATA.tables["session"]


@pytest.fixture
async def database(database: Database) -> Database:
    await upgrade(database)
    return database


class SqlVault(Vault):
    def __init__(self, database: Database, files: Path) -> None:
        self._database = database
        self._files = files
        self._at: dict[str, str] = {}

    @override
    async def get(self, session: Session, field: str) -> Any:
        row = select(TABLE.c[field]).where(TABLE.c.id_hash == self._hash(session))
        async with self._database.read() as connection:
            return (await connection.execute(row)).scalar_one()

    @override
    async def put(self, session: Session, **fields: Any) -> None:
        change = update(TABLE).where(TABLE.c.id_hash == self._hash(session)).values(**fields)
        async with self._database.write() as connection:
            await connection.execute(change)
        self._at[session.id] = fields.get("id_hash", self._hash(session))

    @override
    async def dump(self) -> bytes:
        """Return every value of every row, and on SQLite what its files hold."""
        found = MetaData()
        kept = b""
        async with self._database.read() as connection:
            await connection.run_sync(found.reflect)
            for table in found.sorted_tables:
                for row in await connection.execute(select(table)):
                    for cell in row:
                        kept += cell if isinstance(cell, bytes) else str(cell).encode()
        await self._database.aclose()
        return kept + b"".join(file.read_bytes() for file in self._files.glob("mainhub.db*"))

    def _hash(self, session: Session) -> str:
        return self._at.get(session.id, hash_of(session))


class TestSqlSessionStore(AttackedStoreContract):
    @pytest.fixture
    def made(self, database: Database, clock: MovedClock) -> Callable[[KeyRing], SessionStore]:
        return lambda ring: SqlSessionStore(database, ring=ring, clock=clock, lifetimes=LIFETIMES)

    @pytest.fixture
    def vault(self, database: Database, tmp_path: Path) -> SqlVault:
        return SqlVault(database, tmp_path)

    async def test_a_database_that_does_not_answer_signs_nobody_out(
        self, store: SessionStore, session: Session, database: Database
    ) -> None:
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE session RENAME TO away"))
        found = await store.load(session.id)
        assert found == replace(session, unverified=True)
        for call in (
            store.load("never-was"),
            store.save(session),
            store.revoke(session.id, reason=EndReason.SIGNED_OUT),
            store.list(limit=1),
            store.list(person_id=LINUS.id, limit=1),
            store.find(session.ref),
            store.revoke_listed(session.ref, reason=EndReason.REVOKED),
            store.purge(),
            store.create(LINUS, Tokens(), DEVICE),
        ):
            with pytest.raises(SessionStoreUnavailable) as raised:
                await call
            assert raised.value.remedy
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO session"))
        assert await store.load(session.id) == session

    @pytest.mark.parametrize("use", ["load", "touch", "save"])
    async def test_a_row_from_before_there_were_tags_is_listed_and_gets_one(
        self, store: SessionStore, session: Session, vault: Vault, clock: MovedClock, use: str
    ) -> None:
        other = await store.create(ADA, Tokens(), DEVICE)
        for one in (session, other):
            await vault.put(one, person_tag=None)
        assert list(await store.list(person_id=LINUS.id, limit=10)) == [summary_of(session)]
        spared = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED, but=session.ref)
        assert list(spared) == []
        clock.move(LIFETIMES.touch_every)
        if use == "load":
            await store.load(session.id)
        elif use == "touch":
            await store.touch(session)
        else:
            await store.save(session)
        tag = await vault.get(session, "person_tag")
        assert len(str(tag)) == 64
        assert await vault.get(other, "person_tag") is None
        (found,) = await store.list(person_id=LINUS.id, limit=10)
        assert found.ref == session.ref
        (ended,) = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
        assert ended.ref == session.ref
        await vault.put(other, person_tag=None)
        (ended,) = await store.revoke_person(ADA.id, reason=EndReason.REVOKED)
        assert ended.ref == other.ref

    async def test_purging_takes_more_than_one_go_if_need_be(
        self, store: SessionStore, database: Database, clock: MovedClock
    ) -> None:
        for _ in range(3):
            await store.create(LINUS, Tokens(), DEVICE)
        async with database.write() as connection:
            await connection.execute(
                text(
                    "INSERT INTO session SELECT 'x' || value, generation, summary, tokens,"
                    " created_at, seen_at, idle_expires_at, expires_at, person_tag, provider_tag,"
                    " turn_owner, turn_until FROM session,"
                    " (WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c"
                    " WHERE value < 1100) SELECT value FROM c) AS copies"
                    " WHERE id_hash = (SELECT min(id_hash) FROM session)"
                )
            )
        clock.move(LIFETIMES.idle)
        # The copies do not open under their own names, but go all the same.
        assert len(await store.purge()) == 3
        async with database.read() as connection:
            left = await connection.execute(text("SELECT count(*) FROM session"))
            assert left.scalar_one() == 0


async def test_a_database_that_is_silent_holds_nobody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was vouched for a moment ago goes on, though the driver has not given up yet."""
    ring = KeyRing(["k" * 43])
    store = SqlSessionStore(database, ring=ring, clock=MovedClock(), lifetimes=LIFETIMES)
    session = await store.create(LINUS, Tokens(), DEVICE)
    rows: Any = store._rows
    whole, silent = rows._fetch, asyncio.Event()

    async def fetch(id_hash: str) -> object:
        await silent.wait()
        found: object = await whole(id_hash)
        return found

    monkeypatch.setattr(rows, "_fetch", fetch)
    monkeypatch.setattr(sql, "_PATIENCE", 0.02)
    found = await store.load(session.id)
    assert found is not None
    assert found.unverified
    with pytest.raises(SessionStoreUnavailable):
        await store.load("never-was")
    monkeypatch.setattr(sql, "_MOST_LATE", 2)
    with pytest.raises(SessionStoreUnavailable):
        await store.load("never-was")
    assert len(rows._late) == 2
    silent.set()
    async with asyncio.timeout(20):
        while rows._late:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
    monkeypatch.undo()
    found = await store.load(session.id)
    assert found is not None
    assert not found.unverified
