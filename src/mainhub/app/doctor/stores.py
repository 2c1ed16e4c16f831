"""Where the hub keeps things: is it there, is it the right one, is there room?"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from mainhub import storage
from mainhub.health import Diagnosis, Verdict
from mainhub.settings import Settings
from mainhub.storage import Database
from mainhub.storage.redis import RedisConnections, RedisState, eviction_policy

__all__ = ["look_at_database", "look_at_redis"]

_MIB: Final = 1024 * 1024
_LEAST_ROOM: Final = 500 * _MIB
_PATIENCE: Final = 3.0


async def look_at_database(settings: Settings) -> AsyncIterator[Diagnosis]:
    """Yield what is found; nothing is made or changed."""
    url = settings.database.url.get_secret_value()
    path = _sqlite_path(url)
    if path is not None:
        yield _room(path)
        if not path.exists():
            yield Diagnosis("The database will be made when the hub starts.")
            return
    database = Database(url, busy_timeout=settings.database.busy_timeout)
    try:
        schema, needed = await storage.current(database), storage.head()
        yield Diagnosis(f"{database.shown} answers.")
    finally:
        await database.aclose()
    if schema == needed:
        yield Diagnosis(f"Its schema is the one that this version needs ({needed}).")
    elif schema is None:
        yield Diagnosis("It is empty; the hub makes its schema when it starts.")
    else:
        yield Diagnosis(
            "Its schema is not the one that this version needs.",
            Verdict.FAILED,
            f"it has {schema}, this version needs {needed}",
            "Back it up, then run: mainhub db upgrade",
            "docs/operations.md",
        )


async def look_at_redis(settings: Settings) -> AsyncIterator[Diagnosis]:
    """Yield what is found of the Redis that the settings name."""
    address = settings.redis.address
    if address is None:
        return
    async with RedisConnections(
        address,
        connect_timeout=settings.redis.connect_timeout,
        command_timeout=settings.redis.command_timeout,
    ) as redis:
        try:
            async with asyncio.timeout(_PATIENCE):
                await redis.until(RedisState.READY)
        except TimeoutError:
            yield Diagnosis(
                "Redis does not answer.",
                Verdict.FAILED,
                redis.cause or f"nothing was heard within {_PATIENCE:g} s",
                "See to redis.url, to its password and to the network. The hub starts without it; "
                "until it answers, each process is by itself.",
                "docs/operations.md",
            )
            return
        yield Diagnosis(f"{redis.address} answers.")
        policy = await eviction_policy(redis)
        if policy is not None and settings.sessions.store == "redis":
            yield Diagnosis(
                "When Redis is full it throws keys away, sessions too.",
                Verdict.WARNING,
                f"its maxmemory-policy is {policy}",
                "Set maxmemory-policy noeviction, or keep sessions in the database.",
                "docs/sessions.md",
            )


def _sqlite_path(url: str) -> Path | None:
    if not url.startswith("sqlite"):
        return None
    return Path(url.partition("///")[2].partition("?")[0])


def _room(path: Path) -> Diagnosis:
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return Diagnosis(
            "The database's folder cannot be written to.",
            Verdict.FAILED,
            f"this account may not write to {folder}",
            "Let the account that runs the hub write there, or set database.url.",
            "docs/settings.md",
        )
    free = shutil.disk_usage(folder).free
    if free < _LEAST_ROOM:
        return Diagnosis(
            "There is little room for the database.",
            Verdict.WARNING,
            f"{free // _MIB} MiB are free in {folder}",
            "Make room: on a full disk nobody can sign in.",
            "docs/operations.md",
        )
    return Diagnosis("There is room for the database.")
