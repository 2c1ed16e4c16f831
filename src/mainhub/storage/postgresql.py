"""PostgreSQL: for more than one process or machine.

Writers of all processes queue for one advisory lock, as they queue for the file on SQLite, so that
the same code is right on both (Documentation, 13.3.5, "Advisory Locks").
"""

import math
import socket
import ssl
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from typing_extensions import override

from mainhub.errors import Invalid
from mainhub.storage.failures import DatabaseBusy, DatabaseUnavailable
from mainhub.storage.kind import Kind, Patience

__all__ = ["Postgresql"]

# "MainHub" as a number: others may use advisory locks in the same database.
_WRITERS: Final = 0x4D61_696E_4875_62
_OLDEST: Final = 13
_CONNECT: Final = timedelta(seconds=5)
# A writer whose machine vanished would hold the lock until the server's system misses it: hours.
_IDLE: Final = timedelta(seconds=60)
_RECYCLE: Final = timedelta(minutes=30)
_BOUNDS: Final = text(
    "SELECT set_config('lock_timeout', :wait, true),"
    " set_config('idle_in_transaction_session_timeout', :idle, true)"
)
_TLS: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_UNDERSTOOD: Final = (
    "application_name",
    "host",
    "port",
    "prepared_statement_cache_size",
    "sslmode",
    "sslrootcert",
)


class Postgresql(Kind):
    """A server, reached by asyncpg."""

    def __init__(self, url: URL, patience: Patience) -> None:
        # libpq's form for the folder of a socket: @%2Fvar%2Frun%2Fpostgresql/name
        super().__init__(url.set(host=unquote(url.host)) if url.host else url, patience)
        self._tls = _tls(url)

    @property
    @override
    def connect_errors(self) -> tuple[type[Exception], ...]:
        return (
            OSError,
            TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        )

    @override
    def engine(self) -> AsyncEngine:
        given: dict[str, Any] = {
            "timeout": _CONNECT.total_seconds(),
            # A statement may wait for a lock, too.
            "command_timeout": (self.patience.statement + self.patience.busy).total_seconds(),
            "server_settings": {"application_name": _one(self.url, "application_name", "mainhub")},
        }
        if self._tls is not None:
            given["ssl"] = self._tls
        caching = "prepared_statement_cache_size"
        if _one(self.url, caching, "") == "0":
            # Behind a pooler that hands out another connection for each transaction.
            given |= {"statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
        ours = ("sslmode", "sslrootcert", "application_name")
        made = create_async_engine(
            self.url.difference_update_query(ours),
            connect_args=given,
            pool_size=self.patience.pool_size,
            max_overflow=0,
            pool_timeout=max(1.0, self.patience.busy.total_seconds()),
            pool_recycle=int(_RECYCLE.total_seconds()),
            # A server that was started again is noticed before a request meets a dead connection.
            pool_pre_ping=True,
        )
        event.listen(made.sync_engine, "handle_error", self._name_raw)
        return made

    @override
    async def begin_read(self, connection: AsyncConnection) -> None:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @override
    async def begin_write(self, connection: AsyncConnection) -> None:
        await connection.begin()
        wait = math.ceil(self.patience.busy.total_seconds() * 1000)
        idle = math.ceil(_IDLE.total_seconds() * 1000)
        # Both for this transaction alone. The lock comes in a statement of its own, for which the
        # first of them must stand already.
        await connection.execute(_BOUNDS, {"wait": str(wait), "idle": str(idle)})
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})

    @override
    def not_connected(self, error: Exception) -> DatabaseUnavailable:
        why, remedy = _connecting(error, self.url)
        return DatabaseUnavailable(f"cannot use {self.shown}: {why}", remedy=remedy)

    @override
    def failure(self, error: DBAPIError) -> DatabaseUnavailable | None:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in {"55P03", "40P01"}:
            return DatabaseBusy(
                f"another process has been writing to {self.shown} for longer than "
                f"{self.patience.busy.total_seconds():g} s",
                remedy="See pg_stat_activity for who holds the lock.",
            )
        known = _told(state, self.url)
        if known is not None:
            why, remedy = known
            return DatabaseUnavailable(f"cannot use {self.shown}: {why}", remedy=remedy)
        if error.connection_invalidated or isinstance(error, InterfaceError):
            return DatabaseUnavailable(
                f"cannot use {self.shown}: the connection was lost",
                remedy="Try again in a moment; if it stays so, see the server's log.",
            )
        return None

    def _name_raw(self, context: ExceptionContext) -> DatabaseUnavailable | None:
        # The driver's own time-out, say: SQLAlchemy takes only what its driver derives from Error.
        error = context.original_exception
        if context.sqlalchemy_exception is not None or not isinstance(error, self.connect_errors):
            return None
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False
        if isinstance(error, TimeoutError):
            why, remedy = _TOO_SLOW
        else:
            why, remedy = _connecting(error, self.url)
        return DatabaseUnavailable(f"cannot use {self.shown}: {why}", remedy=remedy)

    @override
    def too_old(self, connection: Connection) -> str | None:
        version = connection.dialect.server_version_info or (0,)
        return None if int(version[0]) >= _OLDEST else f"PostgreSQL {_OLDEST}"


def _connecting(error: Exception, url: URL) -> tuple[str, str]:
    """Return why no connection came about, and the remedy."""
    state = getattr(error, "sqlstate", None) or ""
    told = _told(state, url)
    if told is not None:
        return told
    where = f"{url.host or 'the socket'}:{url.port or 5432}"
    # The narrower ones first: most are kinds of OSError.
    reasons: tuple[tuple[type[Exception], str, str], ...] = (
        (socket.gaierror, f"the host {url.host} is unknown", _CHECK_HOST),
        (ssl.SSLError, f"TLS failed: {getattr(error, 'reason', error)}", _CHECK_TLS),
        (ConnectionRefusedError, f"{where} refuses the connection", _IS_IT_THERE),
        (ConnectionResetError, f"{where} broke off, as no PostgreSQL does", _CHECK_HOST),
        (TimeoutError, f"{where} does not answer", _IS_IT_THERE),
        (FileNotFoundError, "its socket is not there", _CHECK_SOCKET),
        (PermissionError, "its socket may not be opened", _CHECK_SOCKET),
    )
    if isinstance(error, ConnectionError) and "SSL" in str(error):
        return "the server offers no TLS, and sslmode asks for it", _CHECK_TLS
    for kind, why, remedy in reasons:
        if isinstance(error, kind):
            return why, remedy
    if isinstance(error, OSError):
        return f"{where} cannot be reached: {error.strerror or error}", _CHECK_HOST
    return f"what answers at {where} does not speak PostgreSQL", _CHECK_HOST


_TOO_SLOW: Final = ("a statement took too long", "See pg_stat_activity for what holds it up.")
_CHECK_HOST: Final = "Check host and port in database.url."
_CHECK_SOCKET: Final = "Check the folder in ?host= of database.url."
_CHECK_TLS: Final = "Check ?sslmode= and ?sslrootcert= in database.url against the server."
_IS_IT_THERE: Final = "Is the server running and reachable? Check host and port in database.url."


def _told(state: str, url: URL) -> tuple[str, str] | None:
    """Return what *state*, a code of the server's (Appendix A), means here; ``None``: not ours."""
    role = url.username or "the role"
    known = {
        "28P01": (f"the password of {role} is wrong", "Check user and password in database.url."),
        "28000": (
            f"the server does not let {role} in",
            "Check user, sslmode and the server's pg_hba.conf.",
        ),
        "3D000": (
            f"there is no database {url.database}",
            f"Create it: createdb --owner {role} {url.database}",
        ),
        "42501": (
            f"{role} may not do this there",
            f"As its owner run: GRANT CREATE, USAGE ON SCHEMA public TO {role};",
        ),
        "3F000": (
            f"{role} may see no schema there",
            f"As its owner run: GRANT CREATE, USAGE ON SCHEMA public TO {role};",
        ),
        "25006": (
            "it is read-only",
            "Point database.url at the primary server, not at a standby.",
        ),
        "53300": (
            "it has no connection left",
            "Raise max_connections there, or lower database.pool_size.",
        ),
        "53100": ("its disk is full", "Make room on the server."),
        "57P01": ("the server is shutting down", "Try again in a moment."),
        "57P02": ("the server has just crashed", "Try again in a moment; see its log."),
        "57P03": ("the server is starting or stopping", "Try again in a moment."),
        "57014": _TOO_SLOW,
        "25P03": ("a transaction was idle for too long", "Try again in a moment."),
        "42P01": ("a table of MainHub's is missing", "Run: mainhub db upgrade"),
        "42703": ("a column of MainHub's is missing", "Run: mainhub db upgrade"),
    }
    if state in known:
        return known[state]
    families = {
        "08": ("the connection was lost", "Try again in a moment."),
        "53": ("the server is out of resources", "See the server's log."),
        "58": ("the server's machine failed it", "See the server's log."),
        "XX": ("the server found its data damaged", "See the server's log; restore a copy."),
    }
    return families.get(state[:2])


def _one(url: URL, name: str, absent: str) -> str:
    value = url.query.get(name, absent)
    return value if isinstance(value, str) else value[-1]


def _tls(url: URL) -> ssl.SSLContext | str | None:
    """Return what asyncpg takes for libpq's ``sslmode``; ``None``: its own default.

    Raises:
        Invalid: the query of *url* holds something else, or a mode that there is not.
    """
    foreign = sorted(set(url.query) - set(_UNDERSTOOD))
    if foreign:
        raise Invalid(
            f"database.url: ?{foreign[0]}= is not understood",
            remedy=f"Understood are {', '.join(_UNDERSTOOD)}.",
        )
    mode, root = _one(url, "sslmode", ""), _one(url, "sslrootcert", "")
    if mode not in ("", *_TLS):
        raise Invalid(
            f"database.url: there is no sslmode {mode}", remedy=f"Use one of {', '.join(_TLS)}."
        )
    verifies = mode in {"verify-ca", "verify-full"} or (root and mode in {"", "require"})
    if not verifies:
        return mode or None
    of_system = root in {"", "system"}
    return _verifying(None if of_system else root, names=mode == "verify-full" or of_system)


def _verifying(root: str | None, *, names: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=root)
    except OSError as error:
        raise Invalid(
            f"database.url: sslrootcert {root} cannot be read", remedy="Check the file."
        ) from error
    context.check_hostname = names
    return context
