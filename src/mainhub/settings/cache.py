"""``[cache]``: what the hub keeps at hand, in this process and, with Redis, beside it."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from mainhub.settings.duration import Duration
from mainhub.settings.section import Count, Section
from mainhub.settings.size import ByteSize, Size

__all__ = ["Cache"]

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_MOST_COMPRESSED: Final = 1024 * 1024


def _namespace(text: str) -> str:
    if not _NAMESPACE.fullmatch(text):
        raise ValueError("expected 1 to 64 letters, digits and _ . : -, such as mainhub:cache")
    return text


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a whole number")  # noqa: TRY004  pydantic reports ValueError only
    return value


class Cache(Section):
    """Bounds of what a process keeps, and what its names in Redis begin with."""

    ttl: Duration = timedelta(minutes=5)
    max_entries: Count = 10_000
    max_bytes: ByteSize = Size(64 * 1024 * 1024)
    compress_above: Annotated[int, BeforeValidator(_number), Field(ge=0, le=_MOST_COMPRESSED)] = (
        1024
    )
    namespace: Annotated[str, AfterValidator(_namespace)] = "mainhub:cache"
