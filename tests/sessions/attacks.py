"""What somebody may try who reads or writes the store; each adapter's tests inherit it."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mainhub.sessions import EndReason, KeyRing, SessionGone, Tokens
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
    from collections.abc import Callable

    from mainhub.sessions import Session, SessionStore
    from sessions.moved_clock import MovedClock

OLD, NEW = "old-key-" + "o" * 32, "new-key-" + "n" * 32
SECRETS = (
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
)


class Vault(ABC):
    """The store from behind, as an intruder has it."""

    @abstractmethod
    async def get(self, session: Session, field: str) -> Any:  # noqa: ANN401 - as it is kept
        """Return what the row of *session* holds in *field*."""

    @abstractmethod
    async def put(self, session: Session, **fields: Any) -> None:
        """Write over it."""

    @abstractmethod
    async def dump(self) -> bytes:
        """Return all that is kept, names included."""


def hash_of(session: Session) -> str:
    return hashlib.sha256(session.id.encode()).hexdigest()


class AttackedStoreContract(SessionStoreContract):
    """Subclasses give the fixtures ``vault`` and ``made``, which makes the store with a ring."""

    @pytest.fixture
    def store(self, made: Callable[[KeyRing], SessionStore]) -> SessionStore:
        return made(KeyRing([OLD]))

    @pytest.fixture
    async def session(self, store: SessionStore) -> Session:
        return await store.create(LINUS, some_tokens(), DEVICE)

    async def test_a_dump_holds_no_secret_and_no_name(
        self, store: SessionStore, session: Session, vault: Vault, clock: MovedClock
    ) -> None:
        await store.save(replace(session, tokens=replace(some_tokens(), refresh="refresh-second")))
        clock.move(LIFETIMES.touch_every)
        await store.touch(session)
        dump = await vault.dump()
        assert hash_of(session)[:32].encode() in dump
        for secret in (session.id, *SECRETS):
            assert secret.encode() not in dump, secret

    async def test_a_dump_and_the_keys_open_no_tokens(
        self, session: Session, vault: Vault, made: Callable[[KeyRing], SessionStore]
    ) -> None:
        store = made(KeyRing([OLD]))
        # All that the dump tells: the name, its hash, what a list shows.
        assert [found.ref for found in await store.list(limit=9)] == [session.ref]
        for guess in (session.ref, hash_of(session), "", LINUS.id):
            assert await store.load(guess) is None
            await vault.put(session, id_hash=hashlib.sha256(guess.encode()).hexdigest())
            assert await store.load(guess) is None
            await vault.put(session, id_hash=hash_of(session))

    async def test_a_blob_in_another_row_opens_nothing(
        self, store: SessionStore, session: Session, vault: Vault
    ) -> None:
        thief = await store.create(ADA, Tokens(), DEVICE)
        for field in ("summary", "tokens"):
            own = await vault.get(thief, field)
            await vault.put(thief, **{field: await vault.get(session, field)})
            assert await store.load(thief.id) is None, field
            await vault.put(thief, **{field: own})
            assert await store.load(thief.id) == thief

    async def test_a_whole_row_under_another_id_opens_nothing(
        self, store: SessionStore, session: Session, vault: Vault
    ) -> None:
        thief = await store.create(ADA, Tokens(), DEVICE)
        stolen = {
            field: await vault.get(session, field)
            for field in ("summary", "tokens", "generation", "created_at", "expires_at")
        }
        await vault.put(thief, **stolen)
        assert await store.load(thief.id) is None

    async def test_a_blob_of_an_older_generation_opens_nothing(
        self, store: SessionStore, session: Session, vault: Vault
    ) -> None:
        for field in ("summary", "tokens"):
            old = await vault.get(session, field)
            session = await store.save(session)
            new = await vault.get(session, field)
            await vault.put(session, **{field: old})
            assert await store.load(session.id) is None, field
            await vault.put(session, **{field: new})
            assert await store.load(session.id) == session

    async def test_a_generation_set_back_opens_nothing(
        self, store: SessionStore, session: Session, vault: Vault
    ) -> None:
        await store.save(session)
        await vault.put(session, generation=1)
        assert await store.load(session.id) is None

    async def test_what_was_one_blob_is_not_the_other(
        self, store: SessionStore, session: Session, vault: Vault
    ) -> None:
        summary, tokens = [await vault.get(session, field) for field in ("summary", "tokens")]
        await vault.put(session, summary=tokens, tokens=summary)
        assert await store.load(session.id) is None
        assert list(await store.list(limit=9)) == []

    @pytest.mark.parametrize("field", ["created_at", "expires_at"])
    async def test_nobody_gives_a_session_more_time_than_it_has(
        self, store: SessionStore, session: Session, vault: Vault, field: str
    ) -> None:
        later = getattr(session, field) + timedelta(days=365)
        await vault.put(session, **{field: later}, idle_expires_at=session.expires_at)
        assert await store.load(session.id) is None
        assert list(await store.list(limit=9)) == []

    async def test_an_idle_end_set_later_leaves_the_absolute_one(
        self, store: SessionStore, session: Session, vault: Vault, clock: MovedClock
    ) -> None:
        await vault.put(session, idle_expires_at=session.expires_at + timedelta(days=365))
        clock.move(LIFETIMES.absolute)
        assert await store.load(session.id) is None
        with pytest.raises(SessionGone):
            await store.save(session)

    @pytest.mark.parametrize("field", ["summary", "tokens"])
    @pytest.mark.parametrize("value", [b"", b"\x01", b"\x00" * 80, b"\xff" * 10_000])
    async def test_a_blob_that_is_none_is_nobody_and_no_fault(
        self, store: SessionStore, session: Session, vault: Vault, field: str, value: bytes
    ) -> None:
        await vault.put(session, **{field: value})
        assert await store.load(session.id) is None

    async def test_a_tag_put_onto_another_persons_row_finds_and_ends_nothing(
        self, store: SessionStore, session: Session, vault: Vault
    ) -> None:
        other = await store.create(ADA, Tokens(), DEVICE)
        await vault.put(other, person_tag=await vault.get(session, "person_tag"))
        assert list(await store.list(person_id=LINUS.id, limit=10)) == [summary_of(session)]
        ended = await store.revoke_person(LINUS.id, reason=EndReason.REVOKED)
        assert [found.ref for found in ended] == [session.ref]
        assert await store.load(other.id) is not None

    async def test_a_new_key_signs_nobody_out(
        self, session: Session, made: Callable[[KeyRing], SessionStore]
    ) -> None:
        rotated = made(KeyRing([NEW, OLD]))
        assert await rotated.load(session.id) == session
        # It was sealed anew when it was used.
        newest = made(KeyRing([NEW]))
        assert await newest.load(session.id) == session
        assert list(await newest.list(person_id=LINUS.id, limit=9)) == [summary_of(session)]
        assert await newest.save(session) == replace(session, generation=2)

    async def test_what_is_sealed_anew_stays_in_use(
        self, session: Session, made: Callable[[KeyRing], SessionStore]
    ) -> None:
        rotated, before = made(KeyRing([NEW, OLD])), made(KeyRing([OLD, NEW]))
        assert await rotated.load(session.id) == session
        assert await before.load(session.id) == session
        saved = await rotated.save(replace(session, tokens=Tokens("newer")))
        assert await before.load(session.id) == saved

    async def test_a_persons_sessions_are_found_under_old_and_new_keys(
        self, session: Session, made: Callable[[KeyRing], SessionStore], vault: Vault
    ) -> None:
        rotated = made(KeyRing([NEW, OLD]))
        later = await rotated.create(LINUS, Tokens(), DEVICE)
        first, second = [await vault.get(one, "person_tag") for one in (session, later)]
        assert first != second
        found = await rotated.list(person_id=LINUS.id, limit=10)
        assert {one.ref for one in found} == {session.ref, later.ref}
        await rotated.save(session)
        assert await vault.get(session, "person_tag") == second
        ended = await rotated.revoke_person(LINUS.id, reason=EndReason.REVOKED)
        assert {one.ref for one in ended} == {session.ref, later.ref}

    async def test_a_session_whose_key_is_gone_is_nobodys(
        self, store: SessionStore, session: Session, made: Callable[[KeyRing], SessionStore]
    ) -> None:
        other = made(KeyRing([NEW]))
        assert await other.load(session.id) is None
        assert list(await other.list(limit=10)) == []
        assert await other.revoke_listed(session.ref, reason=EndReason.REVOKED) is None
        assert list(await other.revoke_person(LINUS.id, reason=EndReason.REVOKED)) == []
        assert await store.load(session.id) == session
