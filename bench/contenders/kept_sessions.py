"""A session that is read again and again: found, opened and parsed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mainhub.clock import SystemClock
from mainhub.identity import Person
from mainhub.sessions import Device, KeyRing, Lifetimes, SealedSessions, Token, Tokens

if TYPE_CHECKING:
    from typing import Any

__all__ = ["opened_session"]

_PERSON = Person("t.o", "Linus Pauling", "linus@company.example", ("Employee", "Editor"), "t", "e")
_DEVICE = Device("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0", "203.0.113.7")


class _Rows:
    """One row, kept in this process: what is measured is not the store."""

    def __init__(self) -> None:
        self._row: Any = None

    async def insert(self, row: Any) -> None:  # noqa: ANN401 - a sealed row
        self._row = row

    async def fetch(self, _id_hash: str) -> Any:  # noqa: ANN401 - likewise
        return self._row


async def opened_session() -> tuple[SealedSessions, str]:
    """Return a store with one session, tokens as long as Entra's in it, and its id."""
    clock = SystemClock()
    rows: Any = _Rows()
    store = SealedSessions(
        rows,
        ring=KeyRing(["k" * 43]),
        clock=clock,
        lifetimes=Lifetimes(),
        grace=timedelta(seconds=30),
    )
    token = Token("e" * 1800, clock.now() + timedelta(hours=1))
    tokens = Tokens(refresh="r" * 1200, access={"api://hub/access": token})
    session = await store.create(_PERSON, tokens, _DEVICE)
    return store, session.id
