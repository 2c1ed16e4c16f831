"""``[redis]``: what processes and machines share, if there is such a server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pydantic import Secret as Hidden
from typing_extensions import override

from mainhub.settings.duration import Duration
from mainhub.settings.redis_address import RedisAddress, parse_redis_url
from mainhub.settings.section import Count, Secret, Section

__all__ = ["Redis", "RedisUrl"]

_LARGEST_DATABASE: Final = 99_999


class RedisUrl(Hidden[str]):
    """Where Redis is, as a URL that shows neither its passwords nor its query."""

    @property
    def address(self) -> RedisAddress:
        """What the URL says."""
        return parse_redis_url(self.get_secret_value())

    @override
    def _display(self) -> str:
        return str(self.address)


def _normalise(value: object) -> object:
    # None: nothing was said, which an empty text would not be.
    if value is None or isinstance(value, RedisUrl):
        return value
    return parse_redis_url(value).url


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a whole number")  # noqa: TRY004  pydantic reports ValueError only
    return value


Database = Annotated[int, BeforeValidator(_number), Field(ge=0, le=_LARGEST_DATABASE)]
"""The number of one of a server's databases."""


class Redis(Section):
    """Redis; without ``url`` there is none, and each process keeps to itself."""

    url: Annotated[RedisUrl | None, BeforeValidator(_normalise)] = None
    password: Secret | None = None
    database: Database | None = None
    connect_timeout: Duration = timedelta(milliseconds=250)
    command_timeout: Duration = timedelta(milliseconds=250)
    pool_size: Annotated[Count, Field(le=1000)] = 20

    @property
    def address(self) -> RedisAddress | None:
        """Where Redis is, with password and database, from wherever they come."""
        if self.url is None:
            return None
        address = self.url.address
        if self.password is not None:
            address = replace(address, password=self.password.get_secret_value())
        if self.database is not None and address.kind != "cluster":
            address = replace(address, database=self.database)
        return address

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield the key, and the reason with its remedy, of what clashes with ``url``."""
        address = self.url.address if self.url is not None else None
        if address is None:
            for key in ("password", "database"):
                if getattr(self, key) is not None:
                    yield key, "redis.url is not set; say where Redis is, or leave this out"
            return
        given = self.password.get_secret_value() if self.password is not None else None
        if given is not None and address.password not in (None, given):
            yield "password", "redis.url holds another password; keep only one of them"
        if address.kind == "cluster" and self.database:
            yield "database", "redis.url is a cluster, which has no database but 0; leave this out"
        elif self.database is not None and address.database not in (None, self.database):
            yield (
                "database",
                f"redis.url names database {address.database}; keep only one of them",
            )
