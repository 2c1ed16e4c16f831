"""The promise of what keeps sessions: rows of sealed bytes, which no adapter can read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

__all__ = ["REF_LENGTH", "SealedRow", "SessionRows"]

REF_LENGTH: Final = 32
"""How many digits of the hash name a session: enough to name it, useless to open it."""


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A session as it is kept.

    *id_hash* is 64 hex digits, the first half of which is the session's *ref*. *person_tag* finds
    a person's rows; ``None`` in a row of before there were tags. *provider_tag* finds those that a
    provider opened within one session of its own, where it names such. What is read for a list has
    no *tokens*: they are empty.
    """

    id_hash: str
    generation: int
    summary: bytes = field(repr=False)
    tokens: bytes = field(repr=False)
    created_at: datetime
    seen_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    person_tag: str | None = None
    provider_tag: str | None = None

    def lives(self, now: datetime) -> bool:
        """Tell whether the session has not ended by time."""
        return now < self.idle_expires_at and now < self.expires_at


class SessionRows(ABC):
    """Keeps sealed rows; each method does its work in one step that others see whole or not at all.

    *now* is always the hub's time: the clock of the store decides about nobody. Every method raises
    :class:`SessionStoreUnavailable` when the store does not answer, and may then have done its
    work. No method looks at more rows than it returns, save a bounded number of dead ones.
    """

    @abstractmethod
    async def insert(self, row: SealedRow) -> None:
        """Keep *row*, whose id is new."""

    @abstractmethod
    async def fetch(self, id_hash: str) -> SealedRow | None:
        """Return the row, live or not; ``None`` if there is none."""

    @abstractmethod
    async def replace(self, row: SealedRow, *, generation: int, now: datetime) -> bool:
        """Put *row* in the place of the live one with its id if that has *generation*.

        When it was last seen stays as it is, and its idle end too, unless *row* ends sooner. A new
        generation ends a turn that somebody had.

        Returns:
            Whether there was one.
        """

    @abstractmethod
    async def touch(self, id_hash: str, *, now: datetime, idle: timedelta, tag: str) -> None:
        """Note that the row was seen *now* and lasts for *idle*, if it lives and nobody was later.

        The idle end never moves beyond the end that the row has now. *tag* becomes its tag.
        """

    @abstractmethod
    async def take_turn(
        self, id_hash: str, *, generation: int, owner: str, now: datetime, lasts: timedelta
    ) -> bool:
        """Give *owner* the turn with the live row of *generation* if nobody else has it.

        It lasts for *lasts*, anew if *owner* has it.

        Returns:
            Whether it was given.
        """

    @abstractmethod
    async def end_turn(self, id_hash: str, *, owner: str) -> None:
        """End the turn if *owner* has it."""

    @abstractmethod
    async def delete(self, id_hashes: Sequence[str], *, now: datetime) -> list[SealedRow]:
        """Remove those of the rows that live; return each without tokens to one caller only."""

    @abstractmethod
    async def newest(
        self, tags: Sequence[str] | None, *, now: datetime, limit: int
    ) -> list[SealedRow]:
        """Return at most *limit* live rows, last seen first, without tokens: of *tags*, or all.

        Rows of before there were tags may follow, beyond *limit*: any of them may be wanted.
        """

    @abstractmethod
    async def of_provider_session(
        self, tags: Sequence[str], *, now: datetime, limit: int
    ) -> list[SealedRow]:
        """Return at most *limit* live rows with one of these provider tags, without tokens."""

    @abstractmethod
    async def named(self, ref: str, *, now: datetime) -> SealedRow | None:
        """Return the live row whose id's hash begins with *ref* (32 hex digits), without tokens."""

    @abstractmethod
    async def take_ended(self, *, now: datetime, limit: int) -> list[SealedRow] | None:
        """Remove at most *limit* rows that have ended by time; return each to one caller only.

        Returns:
            The rows, without tokens; ``None`` once none is left.
        """
