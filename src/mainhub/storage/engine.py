"""The engine and its two kinds of transaction."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mainhub.errors import Invalid
from mainhub.storage.failures import DatabaseBusy, DatabaseUnavailable

__all__ = ["Database"]

_DRIVER: Final = "sqlite+aiosqlite"
_WRITES: Final = "mainhub_writes"


class Database:
    """One SQL database. Made without connecting; the first transaction connects.

    Args:
        url: an SQLAlchemy URL, ``sqlite+aiosqlite:///path`` in this version.
        busy_timeout: how long a writer waits for another process's write to end.

    Raises:
        Invalid: *url* is no URL of a supported database.
    """

    def __init__(self, url: str, *, busy_timeout: timedelta = timedelta(seconds=5)) -> None:
        try:
            self.url = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise Invalid("the database URL is malformed", remedy=_URL_FORM) from error
        if self.url.drivername != _DRIVER:
            name = self.url.drivername
            raise Invalid(f"{name} is not supported by this version", remedy=_URL_FORM)
        self._busy_timeout = busy_timeout
        # SQLite has one writer at a time. Queuing inside the process is fair and costs nothing,
        # while its own lock polls with growing pauses; it still guards against other processes.
        self._turn = asyncio.Lock()
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            connect_args={"timeout": busy_timeout.total_seconds()},
            pool_pre_ping=False,
        )
        _prepare_sqlite(self.engine)
        event.listen(self.engine.sync_engine, "do_connect", self._require_place)

    @property
    def shown(self) -> str:
        """The URL without its password, for messages."""
        return self.url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; it sees one consistent state.

        Raises:
            DatabaseUnavailable: the database cannot be reached or read.
        """
        with self._named_failures():
            async with self.engine.connect() as connection:
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
        with self._named_failures():
            async with self._writers_turn(), self.engine.connect() as connection:
                await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def _writers_turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._busy_timeout.total_seconds()):
                await self._turn.acquire()
        except TimeoutError as error:
            raise DatabaseBusy(
                f"too many writers wait for {self.shown}", remedy="Try again in a moment."
            ) from error
        try:
            yield
        finally:
            self._turn.release()

    async def aclose(self) -> None:
        """Close all connections; the database may be used again afterwards."""
        await self.engine.dispose()

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise self._failure(error) from error
        except PoolTimeout as error:
            raise DatabaseBusy(
                f"all connections to {self.shown} have been in use for too long",
                remedy="Try again in a moment.",
            ) from error
        except DatabaseError as error:
            # SQLite tells a file that is no database, or a damaged one, by the bare class; its
            # subclasses (a broken constraint, say) are the caller's affair.
            if error.connection_invalidated or type(error) is DatabaseError:
                raise self._failure(error) from error
            raise

    def _require_place(self, *_connecting: object) -> None:
        # Looked at before, since the driver's thread outlives a connection that it could not open,
        # and with it perhaps the event loop.
        file = Path(self.url.database or "").absolute()
        why = ""
        if not file.parent.is_dir():
            why = f"the folder {file.parent} does not exist"
        elif file.is_dir():
            why = "it is a folder"
        elif not os.access(file if file.exists() else file.parent, os.W_OK):
            why = f"{file if file.exists() else file.parent} may not be written"
        if why:
            raise DatabaseUnavailable(
                f"cannot open {self.shown}: {why}",
                remedy="Make the folder and the file writable for MainHub, or change database.url.",
            )

    def _failure(self, error: DBAPIError) -> DatabaseUnavailable:
        reason = str(error.orig)
        if "locked" in reason:
            return DatabaseBusy(
                f"another process has been writing to {self.shown} for longer than "
                f"{self._busy_timeout.total_seconds():g} s",
                remedy="See which other process has the file open.",
            )
        return DatabaseUnavailable(
            f"cannot use {self.shown}: {reason}",
            remedy="Check database.url and that the file is a healthy MainHub database.",
        )


_URL_FORM: Final = "Write database.url as sqlite+aiosqlite:///path/to/mainhub.db."


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _(raw: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's own signature
        # The driver must not begin transactions by itself: with its defaults, concurrent
        # read-then-write transactions lose updates (measured: 28 of 30).
        raw.isolation_level = None
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")  # what is acknowledged survives a power cut
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.close()
        except Exception:  # edge: whatever it is, the pool would leave the connection open
            raw.close()
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
