"""``[events]``: how much is remembered and sent, and the company's own types of events."""

import re
from collections import Counter
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from mainhub.settings.duration import Duration
from mainhub.settings.names import Name
from mainhub.settings.section import AtLeastOne, Count, Line, Section, Words
from mainhub.settings.size import ByteSize, Size

__all__ = ["SYSTEM_TYPES", "EventType", "Events"]

SYSTEM_TYPES: Final = frozenset(
    {
        "app:error",
        "app:loaded",
        "app:unloaded",
        "cache:invalidated",
        "language:changed",
        "network:status",
        "resilience:changed",
        "notification:show",
        "theme:changed",
        "user:login",
        "user:logout",
    }
)
"""The types that every hub has; who emits and receives them is no setting."""
_RESERVED: Final = "user:"
_TYPE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}:[a-z][a-z0-9-]{0,31}")
_PERSON: Final = "person"


def _type(text: str) -> str:
    if text in SYSTEM_TYPES:
        raise ValueError("this type is the hub's own; choose another one, such as orders:changed")
    if not _TYPE.fullmatch(text):
        raise ValueError("expected two words in lower case with a colon, such as orders:changed")
    if text.startswith(_RESERVED):
        raise ValueError(f"types that begin with {_RESERVED} are the hub's own; choose another one")
    return text


def _audience(words: tuple[str, ...]) -> tuple[str, ...]:
    if _PERSON in words and len(words) > 1:
        raise ValueError("expected roles, or * for everyone, or person alone")
    return words


def _different(types: "dict[str, EventType]") -> "dict[str, EventType]":
    (name, count), *_ = [*Counter(found.type for found in types.values()).most_common(1), ("", 0)]
    if count > 1:
        both = " and ".join(key for key, found in types.items() if found.type == name)
        raise ValueError(f"{both} are both the type {name}; keep one of them")
    return types


class EventType(Section):
    """One type of the company's own, who may publish it and who receives it."""

    type: Annotated[str, AfterValidator(_type)]
    publish: Annotated[tuple[Line, ...], AtLeastOne, Words]
    audience: Annotated[tuple[Line, ...], AfterValidator(_audience), AtLeastOne, Words]
    summary: Line | None = None


class Events(Section):
    """Bounds of the bus and of the streams, and further types."""

    history: Count = 100
    heartbeat: Duration = timedelta(seconds=15)
    queue: Count = 256
    streams_per_session: Count = 32
    streams: Count = 20_000
    max_payload: ByteSize = Size(16 * 1024)
    types: Annotated[dict[Name, EventType], AfterValidator(_different)] = Field(
        default_factory=dict
    )
