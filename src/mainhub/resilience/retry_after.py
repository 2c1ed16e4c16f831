"""``Retry-After`` as services send it: seconds or an HTTP date (RFC 9110, 10.2.3)."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["parse_retry_after"]

_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_LONGEST: Final = 100


def parse_retry_after(value: str | bytes | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds that *value* asks to wait, 0 at least; ``None`` if it asks nothing.

    Whatever cannot be understood asks nothing. *now* is the wall time that a date is measured by.
    """
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if text is None or len(text) > _LONGEST:
        return None
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
        # An obsolete date without a zone is in GMT, as all dates of HTTP are (RFC 9110, 5.6.7).
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
