"""How Redis is, as far as this process knows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["RedisChange", "RedisState"]


class RedisState(StrEnum):
    """Connecting until the first attempt has ended, then ready or down."""

    CONNECTING = "connecting"
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class RedisChange:
    """One transition; *cause* says in words why Redis is down, else ``None``."""

    before: RedisState
    after: RedisState
    cause: str | None
    at: datetime
