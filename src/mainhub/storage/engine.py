"""The engine and its two kinds of transaction."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mainhub.errors import Invalid
from mainhub.resilience import CircuitOpen, Pipeline
from mainhub.storage.failures import DatabaseBusy, DatabaseResting
from mainhub.storage.kind import Kind, Patience
from mainhub.storage.postgresql import Postgresql
from mainhub.storage.sqlite import Sqlite

__all__ = ["Database"]

_KINDS: Final[dict[str, type[Kind]]] = {
    "sqlite+aiosqlite": Sqlite,
    "postgresql+asyncpg": Postgresql,
}


class Database:
    """One SQL database. Made without connecting; the first transaction connects.

    Args:
        url: an SQLAlchemy URL, ``sqlite+aiosqlite:///path`` or
            ``postgresql+asyncpg://user:password@host/name``.
        busy_timeout: how long a writer waits for the writes of others to end.
        pool_size: how many connections to a server there are at most; SQLite has no use for it.
        statement_timeout: how long a server may take for one statement, waiting for others apart;
            longer than any of ours but a migration of much data.
        way: leaves the database alone for a while when it cannot be reached.

    Raises:
        Invalid: *url* is no URL of a supported database.
    """

    def __init__(
        self,
        url: str,
        *,
        busy_timeout: timedelta = timedelta(seconds=5),
        pool_size: int = 10,
        statement_timeout: timedelta = timedelta(seconds=30),
        way: Pipeline | None = None,
    ) -> None:
        self.url = _read(url)
        kind = _KINDS.get(self.url.drivername)
        if kind is None:
            name = self.url.drivername
            raise Invalid(f"{name} is not supported by this version", remedy=_URL_FORM)
        self._way = way or Pipeline("database")
        self._patience = Patience(busy_timeout, statement_timeout, pool_size)
        self._kind = kind(self.url, self._patience)
        # There is one writer at a time. Queuing inside the process is fair and costs nothing, while
        # the database's own lock polls (SQLite) or holds a connection (PostgreSQL); that one still
        # guards against other processes.
        self._turn = asyncio.Lock()
        self.engine: AsyncEngine = self._kind.engine()

    @property
    def shown(self) -> str:
        """The URL without its password, for messages."""
        return self._kind.shown

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; it sees one consistent state.

        Raises:
            DatabaseUnavailable: the database cannot be reached or read.
        """
        async with self._guarded(), self._connected() as connection:
            await self._kind.begin_read(connection)
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that reads and writes; commits at the end, rolls back on an error.

        What was read inside it cannot change before it commits. Do not await anything slow in it:
        other writers wait.

        Raises:
            DatabaseBusy: another process writes for longer than the time-out.
            DatabaseUnavailable: the database cannot be reached or written.
        """
        async with self._guarded(), self._writers_turn(), self._connected() as connection:
            await self._kind.begin_write(connection)
            yield connection
            await connection.commit()

    async def probe(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseUnavailable: there is none.
        """
        async with self.read() as connection:
            await connection.exec_driver_sql("SELECT 1")

    @property
    def connect_errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises where there is no connection, or no longer."""
        return self._kind.connect_errors

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Any]:
        """Open a connection outside the pool and yield the driver's own, for what it alone can."""
        engine = self._kind.engine()
        try:
            connection = await engine.connect()
            try:
                raw = await connection.get_raw_connection()
                yield raw.driver_connection
            finally:
                await connection.invalidate()
                await connection.close()
        except DBAPIError as error:
            raise ConnectionError(str(error.orig)) from error
        finally:
            await engine.dispose()

    async def aclose(self) -> None:
        """Close all connections; the database may be used again afterwards."""
        await self.engine.dispose()

    def too_old(self, connection: Connection) -> str | None:
        """Return what the server must be at least, if it is older than that."""
        return self._kind.too_old(connection)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self.engine.connect())
            except self._kind.connect_errors as error:
                raise self._kind.not_connected(error) from error
            yield connection

    @asynccontextmanager
    async def _writers_turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience.busy.total_seconds()):
                await self._turn.acquire()
        except TimeoutError as error:
            raise DatabaseBusy(
                f"too many writers wait for {self.shown}", remedy="Try again in a moment."
            ) from error
        try:
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        try:
            # A driver that is interrupted in a call leaves its connection behind.
            async with self._way.attempt(interrupt=False):
                with self._named_failures():
                    yield
        except CircuitOpen as error:
            raise DatabaseResting(
                f"{self.shown} could not be used lately and is left alone for a moment",
                remedy="Try again in a moment.",
            ) from error

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise DatabaseBusy(
                f"all connections to {self.shown} have been in use for too long",
                remedy="Try again in a moment.",
            ) from error
        except DBAPIError as error:
            named = self._kind.failure(error)
            if named is None:
                raise
            raise named from error


_URL_FORM: Final = (
    "Write database.url as sqlite+aiosqlite:///path/to/mainhub.db or "
    "postgresql://user:password@host/name."
)


def _read(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # Not the cause: it quotes what stands where a port should, a piece of a password perhaps.
        raise Invalid("the database URL is malformed", remedy=_URL_FORM) from None
