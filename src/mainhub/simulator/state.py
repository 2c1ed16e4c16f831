"""What the tenant remembers across restarts: one SQLite file.

Every change is committed before it is answered, so that even SIGKILL loses nothing. The driver of
the standard library blocks for well under a millisecond on such a file; that is accepted here.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

_SCHEMA: Final = """
create table if not exists secret (name text primary key, value blob not null);
create table if not exists sso_session (
    browser text not null, oid text not null, sid text not null unique,
    signed_in_at integer not null, expires_at integer not null, primary key (browser, oid));
create table if not exists code (
    hash text primary key, family text not null, client_id text not null,
    redirect_uri text not null, challenge text not null, oid text not null, sid text not null,
    scope text not null, nonce text, expires_at integer not null, used_at integer);
create table if not exists refresh_token (
    hash text primary key, family text not null, client_id text not null,
    oid text not null, sid text not null, scope text not null,
    expires_at integer not null, used_at integer);
create index if not exists refresh_token_family on refresh_token (family);
"""
_ADDED: Final = {
    "sso_session": (
        "contexts text not null default ''",
        "authenticated_at integer not null default 0",
    ),
    "code": ("more text not null default '{}'",),
    "refresh_token": ("more text not null default '{}'",),
}
"""Columns that a file of an older version lacks."""


class State:
    """The tenant's memory; opened at first use, `close` gives the file back."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "tenant.sqlite3"
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that alone may write; commits at the end, rolls back on an error."""
        connection = self._open()
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def secret(self, name: str) -> bytes:
        """Return the secret *name*, 32 random bytes made when it is first asked for."""
        with self.transaction() as connection:
            connection.execute(
                "insert into secret values (?, ?) on conflict do nothing",
                (name, secrets.token_bytes(32)),
            )
            row = connection.execute("select value from secret where name = ?", (name,)).fetchone()
        return bytes(row["value"])

    def close(self) -> None:
        """Give the file back; the next use opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            # isolation_level=None: transactions begin and end where `transaction` says so.
            connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=5, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            # A committed write-ahead log survives the death of the process, with or without fsync.
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            connection.executescript(_SCHEMA)
            _add_columns(connection)
            self._connection = connection
        return self._connection


def _add_columns(connection: sqlite3.Connection) -> None:
    connection.execute("begin immediate")
    for table, columns in _ADDED.items():
        there = {row["name"] for row in connection.execute(f"pragma table_info({table})")}
        for column in columns:
            if column.partition(" ")[0] not in there:
                connection.execute(f"alter table {table} add column {column}")
    connection.commit()


def digest(bearer: str) -> str:
    """Return what is kept of a cookie, code or refresh token: never the thing itself."""
    return sha256(bearer.encode()).hexdigest()
