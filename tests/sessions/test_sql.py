from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import MetaData, select, text

from mainhub.sessions import EndReason, KeyRing, SessionStoreUnavailable, Tokens
from mainhub.sessions.sql import SqlSessionStore
from mainhub.storage import upgrade
from sessions.contract import (
    ADA,
    DEVICE,
    LIFETIMES,
    LINUS,
    SessionStoreContract,
    some_tokens,
    summary_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from mainhub.sessions import Session, SessionStore
    from mainhub.storage import Database
    from sessions.moved_clock import MovedClock

pytestmark = pytest.mark.anyio
OLD, NEW = "old-key-" + "o" * 32, "new-key-" + "n" * 32


@pytest.fixture
async def database(database: Database) -> Database:
    await upgrade(database)
    return database


async def held(database: Database, files: Path) -> bytes:
    """Return all that is kept: every value of every row, and on SQLite what its files hold."""
    found = MetaData()
    kept = b""
    async with database.read() as connection:
        await connection.run_sync(found.reflect)
        for table in found.sorted_tables:
            for value in (cell for row in await connection.execute(select(table)) for cell in row):
                kept += value if isinstance(value, bytes) else str(value).encode()
    await database.aclose()
    return kept + b"".join(file.read_bytes() for file in files.glob("mainhub.db*"))


class TestSqlSessionStore(SessionStoreContract):
    @pytest.fixture
    def store(self, database: Database, clock: MovedClock) -> SessionStore:
        return SqlSessionStore(database, ring=KeyRing([OLD]), clock=clock, lifetimes=LIFETIMES)

    @pytest.fixture
    async def session(self, store: SessionStore) -> Session:
        return await store.create(LINUS, some_tokens(), DEVICE)

    async def test_the_database_holds_no_secret_and_no_name(
        self, store: SessionStore, session: Session, database: Database, tmp_path: Path
    ) -> None:
        await store.save(replace(session, tokens=replace(some_tokens(), refresh="refresh-second")))
        kept = await held(database, tmp_path)
        assert hashlib.sha256(session.id.encode()).hexdigest().encode() in kept
        for secret in (
            session.id,
            "refresh-second",
            "refresh-secret",
            "access-secret",
            "provider-sid-secret",
            "login-hint-secret",
            "Linus",
            "linus@contoso",
            "linus-oid",
            "Firefox",
            "203.0.113.7",
        ):
            assert secret.encode() not in kept, secret

    async def test_a_new_key_signs_nobody_out(
        self, database: Database, session: Session, clock: MovedClock
    ) -> None:
        rotated = SqlSessionStore(
            database, ring=KeyRing([NEW, OLD]), clock=clock, lifetimes=LIFETIMES
        )
        assert await rotated.load(session.id) == session
        saved = await rotated.save(session)
        newest = SqlSessionStore(database, ring=KeyRing([NEW]), clock=clock, lifetimes=LIFETIMES)
        assert await newest.load(session.id) == saved

    async def test_a_session_whose_key_is_gone_is_nobodys(
        self, database: Database, session: Session, clock: MovedClock
    ) -> None:
        other = SqlSessionStore(database, ring=KeyRing([NEW]), clock=clock, lifetimes=LIFETIMES)
        assert await other.load(session.id) is None

    async def test_a_blob_in_another_row_opens_nothing(
        self, store: SessionStore, session: Session, database: Database
    ) -> None:
        thief = await store.create(LINUS, Tokens(), DEVICE)
        for column in ("summary", "tokens"):
            stolen = await self.cell(database, session, column)
            own = await self.cell(database, thief, column)
            await self.put(database, thief, column, stolen)
            assert await store.load(thief.id) is None, column
            await self.put(database, thief, column, own)
            assert await store.load(thief.id) == thief

    async def test_a_blob_of_an_older_generation_opens_nothing(
        self, store: SessionStore, session: Session, database: Database
    ) -> None:
        for column in ("summary", "tokens"):
            old = await self.cell(database, session, column)
            session = await store.save(session)
            new = await self.cell(database, session, column)
            await self.put(database, session, column, old)
            assert await store.load(session.id) is None, column
            await self.put(database, session, column, new)
            assert await store.load(session.id) == session

    async def test_a_generation_set_back_opens_nothing(
        self, store: SessionStore, session: Session, database: Database
    ) -> None:
        await store.save(session)
        await self.put(database, session, "generation", 1)
        assert await store.load(session.id) is None

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
        self, store: SessionStore, session: Session, database: Database, clock: MovedClock, use: str
    ) -> None:
        other = await store.create(ADA, Tokens(), DEVICE)
        for one in (session, other):
            await self.put(database, one, "person_tag", None)
        assert list(await store.list(person_id=LINUS.id, limit=10)) == [summary_of(session)]
        clock.move(LIFETIMES.touch_every)
        if use == "load":
            await store.load(session.id)
        elif use == "touch":
            await store.touch(session)
        else:
            await store.save(session)
        tag = await self.cell(database, session, "person_tag")
        assert len(str(tag)) == 64
        assert await self.cell(database, other, "person_tag") is None
        (found,) = await store.list(person_id=LINUS.id, limit=10)
        assert found.ref == session.ref

    async def test_a_persons_tag_is_found_again_after_a_new_key(
        self, database: Database, session: Session, clock: MovedClock
    ) -> None:
        rotated = SqlSessionStore(
            database, ring=KeyRing([NEW, OLD]), clock=clock, lifetimes=LIFETIMES
        )
        later = await rotated.create(LINUS, Tokens(), DEVICE)
        found = await rotated.list(person_id=LINUS.id, limit=10)
        assert {one.ref for one in found} == {session.ref, later.ref}
        first = await self.cell(database, session, "person_tag")
        assert first != await self.cell(database, later, "person_tag")
        await rotated.save(session)
        assert await self.cell(database, session, "person_tag") == await self.cell(
            database, later, "person_tag"
        )
        newest = SqlSessionStore(database, ring=KeyRing([NEW]), clock=clock, lifetimes=LIFETIMES)
        assert len(await newest.list(person_id=LINUS.id, limit=10)) == 2

    async def test_a_tag_put_onto_another_persons_row_finds_nothing(
        self, store: SessionStore, session: Session, database: Database
    ) -> None:
        other = await store.create(ADA, Tokens(), DEVICE)
        stolen = await self.cell(database, session, "person_tag")
        await self.put(database, other, "person_tag", stolen)
        assert list(await store.list(person_id=LINUS.id, limit=10)) == [summary_of(session)]

    async def test_what_cannot_be_read_is_not_listed(
        self, store: SessionStore, session: Session, database: Database, clock: MovedClock
    ) -> None:
        other = SqlSessionStore(database, ring=KeyRing([NEW]), clock=clock, lifetimes=LIFETIMES)
        assert list(await other.list(limit=10)) == []
        assert await other.revoke_listed(session.ref, reason=EndReason.REVOKED) is None
        assert await store.load(session.id) == session

    async def test_purging_takes_more_than_one_go_if_need_be(
        self, store: SessionStore, database: Database, clock: MovedClock
    ) -> None:
        for _ in range(3):
            await store.create(LINUS, Tokens(), DEVICE)
        async with database.write() as connection:
            await connection.execute(
                text(
                    "INSERT INTO session SELECT 'x' || value, generation, summary, tokens,"
                    " created_at, seen_at, idle_expires_at, expires_at, person_tag FROM session,"
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

    async def cell(self, database: Database, session: Session, column: str) -> object:
        hashed = hashlib.sha256(session.id.encode()).hexdigest()
        async with database.read() as connection:
            row = text(f"SELECT {column} FROM session WHERE id_hash = :id")  # noqa: S608 - ours
            found: object = (await connection.execute(row, {"id": hashed})).scalar_one()
            return found

    async def put(self, database: Database, session: Session, column: str, value: object) -> None:
        hashed = hashlib.sha256(session.id.encode()).hexdigest()
        async with database.write() as connection:
            change = f"UPDATE session SET {column} = :value WHERE id_hash = :id"  # noqa: S608 - ours
            await connection.execute(text(change), {"id": hashed, "value": value})
