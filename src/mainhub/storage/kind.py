"""What differs from one kind of database to the next; everything else is in ``engine.py``."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mainhub.storage.failures import DatabaseUnavailable

__all__ = ["Kind", "Patience"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a writer waits for its turn and a server may take, and how many connections."""

    busy: timedelta
    statement: timedelta
    pool_size: int


class Kind(ABC):
    """One kind of database, at *url*."""

    def __init__(self, url: URL, patience: Patience) -> None:
        self.url = url
        self.patience = patience

    @property
    def shown(self) -> str:
        """The URL without its password, for messages."""
        return self.url.render_as_string(hide_password=True)

    @property
    @abstractmethod
    def connect_errors(self) -> tuple[type[Exception], ...]:
        """What connecting may raise beside SQLAlchemy's own errors."""

    @abstractmethod
    def engine(self) -> AsyncEngine:
        """Make the engine; nothing connects yet."""

    @abstractmethod
    async def begin_read(self, connection: AsyncConnection) -> None:
        """Begin a transaction that sees one state from beginning to end."""

    @abstractmethod
    async def begin_write(self, connection: AsyncConnection) -> None:
        """Begin a transaction beside which nobody else writes."""

    @abstractmethod
    def not_connected(self, error: Exception) -> DatabaseUnavailable:
        """Name one of :attr:`connect_errors`."""

    @abstractmethod
    def failure(self, error: DBAPIError) -> DatabaseUnavailable | None:
        """Name what went wrong; ``None`` where it is the caller's affair (a broken constraint)."""

    def too_old(self, connection: Connection) -> str | None:
        """Return the oldest version that works if the server is older than that."""
        del connection
        return None
