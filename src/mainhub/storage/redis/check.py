"""Whether a server may be used: it answers, has its data, and may be written."""

from typing import Final

import redis.exceptions as driver

from mainhub.settings import RedisAddress
from mainhub.storage.redis.failures import RedisUnavailable
from mainhub.storage.redis.link import Link

__all__ = ["require_ready"]

_WELL: Final = "cluster_state:ok"


async def require_ready(link: Link, address: RedisAddress) -> None:
    """Ask the server at the other end of *link*, which connects first, whether it may be used.

    Raises:
        RedisUnavailable: it may not, and says why.
        redis.RedisError: it does not say.
    """
    await link.connect()  # type: ignore[no-untyped-call]  # the driver is half typed
    await _ask(link, "PING")
    where = f"{link.host}:{link.port}"
    if address.kind == "cluster":
        told = await _ask(link, "CLUSTER", "INFO")
        if _WELL not in _text(told):
            raise RedisUnavailable(
                f"the cluster around {where} does not serve all of its slots",
                remedy="See redis-cli --cluster check.",
            )
        return
    try:
        role = await _ask(link, "ROLE")
    except driver.NoPermissionError:
        return
    if isinstance(role, list) and role and _text(role[0]) != "master":
        raise RedisUnavailable(
            f"{where} is a replica, which may not be written",
            remedy="Name the master in redis.url, or let Sentinels name it (redis+sentinel://).",
        )


async def _ask(link: Link, *words: str) -> object:
    await link.send_command(*words)
    answer: object = await link.read_response()
    return answer


def _text(answer: object) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
