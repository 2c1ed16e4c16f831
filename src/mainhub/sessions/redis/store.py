"""Sessions in Redis, for hubs of several processes: sealed rows, and indexes that tell nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import NoScriptError, RedisError, ResponseError
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.sessions.keyring import KeyRing
from mainhub.sessions.lifetimes import Lifetimes
from mainhub.sessions.port import SessionStoreUnavailable
from mainhub.sessions.redis.scripts import (
    DELETE,
    END_TURN,
    FIELDS,
    INSERT,
    LISTED,
    NEWEST,
    REPLACE,
    TAKE,
    TAKE_TURN,
    TOUCH,
    Script,
)
from mainhub.sessions.rows import REF_LENGTH, SealedRow, SessionRows
from mainhub.sessions.sealed_sessions import SealedSessions

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.cluster import RedisCluster

__all__ = ["RedisSessionRows", "RedisSessionStore"]

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MILLISECOND: Final = timedelta(milliseconds=1)
# How many rows an index may name that are of no use before it is read no further.
_MOST_PASSED: Final = 1000
_PATIENCE: Final = timedelta(seconds=1)


class RedisSessionRows(SessionRows):
    """Rows in hashes named ``NAMESPACE:{sessions}:s:REF``, all in one slot of a cluster.

    Redis answers before its replicas know: what was written a moment before a master is lost may be
    lost with it.

    Args:
        client: a client of the driver's that gives bytes; it is left open.
        namespace: what the keys begin with.
        timeout: how long one step may take, waiting for a connection included.
    """

    def __init__(
        self,
        client: "Redis | RedisCluster",
        *,
        namespace: str = "mainhub",
        timeout: timedelta = _PATIENCE,
    ) -> None:
        self._client: Any = client
        self._at = f"{namespace}:{{sessions}}:"
        self._patience = timeout.total_seconds()

    @override
    async def insert(self, row: SealedRow) -> None:
        fields = _fields(row)
        told = (_ref(row.id_hash), fields["t"], fields["v"], fields["c"], fields["i"], fields["e"])
        written = (word for field in fields.items() for word in field)
        if not await self._run(INSERT, *told, *written):
            raise SessionStoreUnavailable("the session's name is taken", remedy="Sign in again.")

    @override
    async def fetch(self, id_hash: str) -> SealedRow | None:
        try:
            async with self._bounded():
                found = await self._client.hmget(f"{self._at}s:{_ref(id_hash)}", FIELDS)
        except _ForeignValue:
            return None
        row = _row(found)
        return row if row is not None and row.id_hash == id_hash else None

    @override
    async def replace(self, row: SealedRow, *, generation: int, now: datetime) -> bool:
        fields = _fields(row)
        told = (_ref(row.id_hash), row.id_hash, generation, _micros(now))
        new = (fields[name] for name in ("g", "m", "k", "e", "t", "v"))
        return bool(await self._run(REPLACE, *told, *new))

    @override
    async def touch(self, id_hash: str, *, now: datetime, idle: timedelta, tag: str) -> None:
        seen, end = _micros(now), _micros(now + idle)
        await self._run(TOUCH, _ref(id_hash), id_hash, seen, end, tag)

    @override
    async def take_turn(
        self, id_hash: str, *, generation: int, owner: str, now: datetime, lasts: timedelta
    ) -> bool:
        told = (_ref(id_hash), id_hash, generation, _micros(now), owner)
        return bool(await self._run(TAKE_TURN, *told, max(1, lasts // _MILLISECOND)))

    @override
    async def end_turn(self, id_hash: str, *, owner: str) -> None:
        await self._run(END_TURN, _ref(id_hash), owner)

    @override
    async def delete(self, id_hashes: Sequence[str], *, now: datetime) -> list[SealedRow]:
        return _rows(await self._run(DELETE, _micros(now), *id_hashes))

    @override
    async def newest(
        self, tags: Sequence[str] | None, *, now: datetime, limit: int
    ) -> list[SealedRow]:
        indexes = ["seen"] if tags is None else [f"p:{tag}" for tag in tags]
        return await self._indexed(indexes, now=now, limit=limit)

    @override
    async def of_provider_session(
        self, tags: Sequence[str], *, now: datetime, limit: int
    ) -> list[SealedRow]:
        return await self._indexed([f"v:{tag}" for tag in tags], now=now, limit=limit)

    async def _indexed(
        self, indexes: Sequence[str], *, now: datetime, limit: int
    ) -> list[SealedRow]:
        found: list[SealedRow] = []
        for index in indexes:
            most = limit + _MOST_PASSED
            found += _rows(await self._run(NEWEST, index, _micros(now), limit, most))
        return sorted(found, key=lambda row: row.seen_at, reverse=True)[:limit]

    @override
    async def named(self, ref: str, *, now: datetime) -> SealedRow | None:
        try:
            async with self._bounded():
                found = await self._client.hmget(f"{self._at}s:{ref}", FIELDS[:-1])
        except _ForeignValue:
            return None
        row = _row(found)
        if row is None or _ref(row.id_hash) != ref or not row.lives(now):
            return None
        return row

    @override
    async def take_ended(self, *, now: datetime, limit: int) -> list[SealedRow] | None:
        looked, taken = await self._run(TAKE, _micros(now), limit)
        return _rows(taken) if looked else None

    async def _run(self, script: Script, *words: object) -> Any:  # noqa: ANN401 - as scripts answer
        async with self._bounded():
            try:
                return await self._client.evalsha(script.name, 1, self._at, *words)
            except NoScriptError:
                # A server that was started again, or another one in its place.
                return await self._client.eval(script.text, 1, self._at, *words)

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience):
                yield
        except (RedisError, OSError, TimeoutError) as error:
            if isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE"):
                raise _ForeignValue from error
            raise SessionStoreUnavailable(
                "the sessions cannot be reached", remedy="Try again in a moment."
            ) from error


class _ForeignValue(SessionStoreUnavailable):
    """Something that is not ours stands where a row should."""

    def __init__(self) -> None:
        super().__init__(
            "what Redis holds is not what was put there",
            remedy="Let nobody else write to keys of mainhub:{sessions}: in redis.url.",
        )


class RedisSessionStore(SealedSessions):
    """Sessions in the Redis that *client* speaks to; the rest as :class:`SealedSessions`."""

    def __init__(
        self,
        client: "Redis | RedisCluster",
        *,
        ring: KeyRing,
        clock: Clock,
        lifetimes: Lifetimes,
        grace: timedelta = timedelta(seconds=30),
        namespace: str = "mainhub",
        timeout: timedelta = _PATIENCE,
    ) -> None:
        rows = RedisSessionRows(client, namespace=namespace, timeout=timeout)
        super().__init__(rows, ring=ring, clock=clock, lifetimes=lifetimes, grace=grace)


def _ref(id_hash: str) -> str:
    return id_hash[:REF_LENGTH]


def _micros(at: datetime) -> int:
    return (at - _START) // _MICROSECOND


def _fields(row: SealedRow) -> dict[str, Any]:
    return {
        "h": row.id_hash,
        "g": row.generation,
        "m": row.summary,
        "c": _micros(row.created_at),
        "n": _micros(row.seen_at),
        "i": _micros(row.idle_expires_at),
        "e": _micros(row.expires_at),
        "t": row.person_tag or "",
        "v": row.provider_tag or "",
        "k": row.tokens,
    }


def _rows(found: Iterable[Sequence[bytes | None]]) -> list[SealedRow]:
    return [row for row in map(_row, found) if row is not None]


def _row(found: Sequence[bytes | None]) -> SealedRow | None:
    """Return the row of these fields, or ``None`` if they make none; tokens may lack."""
    *first, at_provider = found[: len(LISTED)]
    rest = found[len(LISTED) :]
    held = [value for value in first if value is not None]
    if len(held) != len(first) or None in rest:
        return None
    id_hash, generation, summary, *times, tag = held
    try:
        created, seen, idle, end = (_START + int(at) * _MICROSECOND for at in times)
        return SealedRow(
            id_hash=id_hash.decode(),
            generation=int(generation),
            summary=summary,
            tokens=rest[0] or b"" if rest else b"",
            created_at=created,
            seen_at=seen,
            idle_expires_at=idle,
            expires_at=end,
            person_tag=tag.decode(),
            provider_tag=(at_provider or b"").decode() or None,
        )
    except (ValueError, OverflowError):
        return None
