"""Rows in a dictionary, away or slow when a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from typing_extensions import override

from mainhub.sessions import SealedRow, SessionRows, SessionStoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta


class HeldRows(SessionRows):
    """What fails while it is *away*; what answers only once *gate* is open."""

    def __init__(self) -> None:
        self.rows: dict[str, SealedRow] = {}
        self.calls: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failing_after: int | None = None
        self.turns: dict[str, tuple[str, datetime]] = {}

    def away(self) -> None:
        self.failing_after = 0

    def back(self) -> None:
        self.failing_after = None

    @override
    async def insert(self, row: SealedRow) -> None:
        await self._answer("insert")
        self.rows[row.id_hash] = row

    @override
    async def fetch(self, id_hash: str) -> SealedRow | None:
        found = self.rows.get(id_hash)
        # What was read is on its way while others act.
        await self._answer("fetch")
        return found

    @override
    async def replace(self, row: SealedRow, *, generation: int, now: datetime) -> bool:
        await self._answer("replace")
        known = self.rows.get(row.id_hash)
        if known is None or known.generation != generation or not known.lives(now):
            return False
        if row.generation != generation:
            self.turns.pop(row.id_hash, None)
        end = min(known.idle_expires_at, row.expires_at)
        self.rows[row.id_hash] = replace(row, seen_at=known.seen_at, idle_expires_at=end)
        return True

    @override
    async def touch(self, id_hash: str, *, now: datetime, idle: timedelta, tag: str) -> None:
        await self._answer("touch")
        known = self.rows.get(id_hash)
        if known is not None and known.lives(now) and known.seen_at < now:
            end = min(now + idle, known.expires_at)
            self.rows[id_hash] = replace(known, seen_at=now, idle_expires_at=end, person_tag=tag)

    @override
    async def take_turn(
        self, id_hash: str, *, generation: int, owner: str, now: datetime, lasts: timedelta
    ) -> bool:
        await self._answer("take_turn")
        known = self.rows.get(id_hash)
        if known is None or known.generation != generation or not known.lives(now):
            return False
        has, until = self.turns.get(id_hash, (owner, now))
        if has != owner and until > now:
            return False
        self.turns[id_hash] = (owner, now + lasts)
        return True

    @override
    async def end_turn(self, id_hash: str, *, owner: str) -> None:
        await self._answer("end_turn")
        if self.turns.get(id_hash, ("", None))[0] == owner:
            del self.turns[id_hash]

    @override
    async def delete(self, id_hashes: Sequence[str], *, now: datetime) -> list[SealedRow]:
        await self._answer("delete")
        live = [one for one in id_hashes if one in self.rows and self.rows[one].lives(now)]
        return [replace(self.rows.pop(one), tokens=b"") for one in live]

    @override
    async def newest(
        self, tags: Sequence[str] | None, *, now: datetime, limit: int
    ) -> list[SealedRow]:
        await self._answer("newest")
        wanted = [
            replace(row, tokens=b"")
            for row in self.rows.values()
            if row.lives(now) and (tags is None or row.person_tag in tags)
        ]
        return sorted(wanted, key=lambda row: row.seen_at, reverse=True)[:limit]

    @override
    async def of_provider_session(
        self, tags: Sequence[str], *, now: datetime, limit: int
    ) -> list[SealedRow]:
        await self._answer("of_provider_session")
        wanted = [row for row in self.rows.values() if row.lives(now) and row.provider_tag in tags]
        return [replace(row, tokens=b"") for row in wanted[:limit]]

    @override
    async def named(self, ref: str, *, now: datetime) -> SealedRow | None:
        await self._answer("named")
        found = [row for row in self.rows.values() if row.id_hash.startswith(ref)]
        return next((replace(row, tokens=b"") for row in found if row.lives(now)), None)

    @override
    async def take_ended(self, *, now: datetime, limit: int) -> list[SealedRow] | None:
        await self._answer("take_ended")
        over = [row for row in self.rows.values() if not row.lives(now)][:limit]
        return [replace(self.rows.pop(row.id_hash), tokens=b"") for row in over] or None

    async def _answer(self, call: str) -> None:
        self.calls.append(call)
        await self.gate.wait()
        if self.failing_after is None:
            return
        if self.failing_after == 0:
            raise SessionStoreUnavailable("away", remedy="Wait.")
        self.failing_after -= 1
