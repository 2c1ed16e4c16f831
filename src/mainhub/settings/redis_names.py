"""Sentinels, as the environment of other software names them, made one URL."""

import json
from collections.abc import Mapping
from typing import Final

from mainhub.settings.address import Address, parse_listen
from mainhub.settings.redis_address import DEFAULT_MASTER, RedisAddress, parse_redis_url

__all__ = ["MASTER_NAME", "SENTINELS", "URL", "sentinel_url"]

URL: Final = "REDIS_URL"
SENTINELS: Final = "REDIS_SENTINELS"
MASTER_NAME: Final = "REDIS_MASTER_NAME"

_EXPECTED: Final = (
    'expected a JSON list such as [{"host": "redis-1", "port": 26379}, ["redis-2", 26379]]'
)
_PORT: Final = 26379
_PAIR: Final = 2
_HERE: Final = (Address("localhost", _PORT),)


def sentinel_url(environ: Mapping[str, str], problems: list[str]) -> tuple[str, str] | None:
    """Return the URL that the names for Sentinels make, and the name that it comes from.

    Where the one is set, the other has a default: ``mymaster``, or a Sentinel on this machine.
    ``None`` if neither is set; what is wrong with them gets a line of *problems*.
    """
    present = [name for name in (SENTINELS, MASTER_NAME) if environ.get(name)]
    if not present:
        return None
    if environ.get(URL):
        problems.extend(
            f"environment: {URL} and {name} are both set; keep only one of them" for name in present
        )
        return None
    try:
        nodes = _nodes(environ[SENTINELS]) if SENTINELS in present else _HERE
    except ValueError as error:
        problems.append(f"environment {SENTINELS}: {error}")
        return None
    name = (environ.get(MASTER_NAME) or DEFAULT_MASTER).strip()
    try:
        made = parse_redis_url(RedisAddress("sentinel", nodes, master_name=name).url)
    except ValueError:
        made = None
    if made is None or made.master_name != name:
        problems.append(f"environment {MASTER_NAME}: expected letters, digits and . _ - only")
        return None
    return made.url, present[0]


def _nodes(text: str) -> tuple[Address, ...]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(_EXPECTED) from None
    if not isinstance(listed, list) or not listed:
        raise ValueError(_EXPECTED)
    return tuple(map(_node, listed))


def _node(entry: object) -> Address:
    host: object = None
    port: object = _PORT
    if isinstance(entry, dict) and set(entry) <= {"host", "port"}:
        host, port = entry.get("host"), entry.get("port", _PORT)
    elif isinstance(entry, list) and len(entry) == _PAIR:
        host, port = entry
    elif isinstance(entry, str):
        host, _, port = entry.rpartition(":") if ":" in entry else (entry, "", _PORT)
    if not isinstance(host, str) or not isinstance(port, int | str) or isinstance(port, bool):
        raise ValueError(_EXPECTED)  # noqa: TRY004  its caller tells ValueError only
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    try:
        return parse_listen(f"{host}:{port}")
    except ValueError:
        raise ValueError(_EXPECTED) from None
