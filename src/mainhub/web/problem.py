"""One problem: what a document of RFC 9457 says, and the headers that go with it."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from mainhub.telemetry import current_trace

__all__ = ["MEDIA_TYPE", "Problem", "in_seconds"]

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. *name* makes the type ``urn:mainhub:problem:NAME``.

    *headers* are extra response headers in ASGI form; *facts* are further members of the document.
    """

    name: str
    title: str
    status: int
    detail: str
    remedy: str | None = None
    retry_at: datetime | None = None
    facts: dict[str, object] = field(default_factory=dict)
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def document(self) -> dict[str, object]:
        """Return the problem as a JSON-ready mapping, with the current request's trace id."""
        body: dict[str, object] = {
            "type": f"urn:mainhub:problem:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "trace_id": current_trace().trace_id,
        }
        if self.remedy:
            body["remedy"] = self.remedy
        if self.retry_at:
            body["retry_at"] = self.retry_at.isoformat().replace("+00:00", "Z")
        return body | self.facts

    def body(self) -> bytes:
        """Return the JSON document."""
        return orjson.dumps(self.document())

    def all_headers(self, body: bytes) -> list[tuple[bytes, bytes]]:
        """Return the response headers for *body*, in ASGI form."""
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *self.headers,
        ]
        if self.retry_at:
            # Rounded up: who comes when told so is not too early.
            seconds = max(1, math.ceil((self.retry_at - datetime.now(UTC)).total_seconds()))
            headers.append((b"retry-after", str(seconds).encode()))
        return headers


def in_seconds(seconds: float | None) -> datetime | None:
    """Return the time that is *seconds* away; ``None`` stays that."""
    return None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
