"""``[database]``: where everything durable is kept."""

from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, Secret
from typing_extensions import override

from mainhub.settings.duration import Duration
from mainhub.settings.resilience import DatabaseBreaker
from mainhub.settings.section import Count, Section

__all__ = ["Database", "DatabaseUrl"]

_EXPECTED: Final = "expected sqlite+aiosqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
_ENCODE: Final = "in a password write : / ? # @ % as %3A %2F %3F %23 %40 %25"
_SQLITE: Final = "sqlite+aiosqlite"
_POSTGRESQL: Final = "postgresql+asyncpg"
# What hosts and tools write, and which driver we use for it.
_DRIVERS: Final = {
    "sqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgres": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
_HIDDEN: Final = "********"


class DatabaseUrl(Secret[str]):
    """An SQLAlchemy URL that shows neither its password nor its query."""

    @override
    def _display(self) -> str:
        url = urlsplit(self.get_secret_value())
        user, at, host = url.netloc.rpartition("@")
        name, colon, _ = user.partition(":")
        shown = f"{name}{colon and ':' + _HIDDEN}{at}{host}"
        return f"{url.scheme}://{shown}{url.path}{url.query and '?' + _HIDDEN}"


def _normalise(value: object) -> object:
    if isinstance(value, DatabaseUrl):
        return value
    scheme, separator, rest = (
        value.strip().partition("://") if isinstance(value, str) else ("",) * 3
    )
    driver = _DRIVERS.get(scheme.lower())
    if driver is None or not separator or not rest.isprintable():
        raise ValueError(_EXPECTED)
    if driver == _SQLITE and (len(rest) < len("/x") or rest[0] != "/" or ":memory:" in rest):
        raise ValueError(f"{_EXPECTED}; a database in memory would be lost")
    if driver == _SQLITE and "#" in rest:
        raise ValueError(_EXPECTED)
    url = f"{driver}://{rest}"
    if driver == _POSTGRESQL and not _is_sound(url):
        raise ValueError(f"{_EXPECTED}; {_ENCODE}")
    return url


def _is_sound(url: str) -> bool:
    """Say whether *url* names a database, and its password is where a password is hidden."""
    try:
        parts = urlsplit(url)
        known_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if "#" in url:
        return False
    names_one = len(parts.path) > 1 and parts.path.count("/") == 1
    return known_port and names_one and url.count("@") == parts.netloc.count("@") <= 1


class Database(Section):
    """The SQL database; a relative SQLite path counts from the working directory."""

    url: Annotated[DatabaseUrl, BeforeValidator(_normalise)] = DatabaseUrl(
        "sqlite+aiosqlite:///mainhub.db"
    )
    busy_timeout: Duration = timedelta(seconds=5)
    pool_size: Annotated[Count, Field(le=1000)] = 10
    breaker: DatabaseBreaker = Field(default_factory=DatabaseBreaker)
