"""SQLite: the embedded default, a file in WAL mode."""

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from typing_extensions import override

from mainhub.storage.failures import DatabaseBusy, DatabaseMisused, DatabaseUnavailable
from mainhub.storage.kind import Kind

__all__ = ["Sqlite"]

_WRITES: Final = "mainhub_writes"
_SWITCHES: Final = 20
# What SQLite says of a statement that it cannot make sense of.
_WRONG: Final = ("no such ", "near ", "ambiguous column", "incomplete input")


class Sqlite(Kind):
    """A file, opened by one process or several on one machine."""

    @property
    @override
    def connect_errors(self) -> tuple[type[Exception], ...]:
        return ()

    @override
    def engine(self) -> AsyncEngine:
        made = create_async_engine(
            self.url,
            connect_args={"timeout": self.patience.busy.total_seconds()},
            pool_pre_ping=False,
        )
        event.listen(made.sync_engine, "connect", _prepare)
        event.listen(made.sync_engine, "begin", _begin)
        event.listen(made.sync_engine, "do_connect", self._require_place)
        return made

    @override
    async def begin_read(self, connection: AsyncConnection) -> None:
        """SQLAlchemy begins with the first statement, by :func:`_begin`."""

    @override
    async def begin_write(self, connection: AsyncConnection) -> None:
        await connection.execution_options(**{_WRITES: True})
        await connection.begin()

    @override
    def not_connected(self, error: Exception) -> DatabaseUnavailable:
        return self._unusable(str(error))

    @override
    def failure(self, error: DBAPIError) -> DatabaseUnavailable | None:
        reason = str(error.orig)
        if isinstance(error, OperationalError) and "locked" in reason:
            return DatabaseBusy(
                f"another process has been writing to {self.shown} for longer than "
                f"{self.patience.busy.total_seconds():g} s",
                remedy="See which other process has the file open.",
            )
        if isinstance(error, OperationalError) and reason.startswith(_WRONG):
            return DatabaseMisused(f"{self.shown} did not understand a statement: {reason}")
        # SQLite tells a file that is no database, or a damaged one, by the bare class; its
        # subclasses (a broken constraint, say) are the caller's affair.
        broken = isinstance(error, OperationalError) or type(error) is DatabaseError
        return self._unusable(reason) if broken or error.connection_invalidated else None

    def _unusable(self, reason: str) -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"cannot use {self.shown}: {reason}",
            remedy="Check database.url and that the file is a healthy MainHub database.",
        )

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


def _prepare(raw: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's own signature
    # The driver must not begin transactions by itself: with its defaults, concurrent
    # read-then-write transactions lose updates (measured: 28 of 30).
    raw.isolation_level = None
    try:
        cursor = raw.cursor()
        _switch_to_wal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")  # what is acknowledged survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
    except Exception:  # edge: whatever it is, the pool would leave the connection open
        raw.close()
        raise


def _switch_to_wal(cursor: Any) -> None:  # noqa: ANN401 - likewise
    # Where two open a new file at once, SQLite refuses one of them the switch without waiting
    # (measured: 7 of 150). The lock of a transaction is waited for, up to the time-out; whoever
    # comes after the switch has nothing left to switch.
    for _ in range(_SWITCHES):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            cursor.execute("BEGIN EXCLUSIVE")
            cursor.execute("COMMIT")
        else:
            return
    cursor.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Any) -> None:  # noqa: ANN401 - likewise
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
