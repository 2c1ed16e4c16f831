"""Server-sent events on the wire (WHATWG HTML, 9.2.5, "Parsing an event stream")."""

import re
from typing import Final

__all__ = ["HEADERS", "comment", "frame"]

HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    # nginx holds answers back until a buffer is full, unless it is told so.
    (b"x-accel-buffering", b"no"),
)
"""The headers of a stream, in ASGI form."""

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def frame(
    data: str, *, event: str | None = None, id_: str | None = None, retry_ms: int | None = None
) -> bytes:
    """Return one event; the reader gets *data*, its line ends as LF.

    Raises:
        ValueError: *event* or *id_* would end its line, or the id holds NUL, for which readers
            ignore it.
    """
    lines = [] if retry_ms is None else [f"retry: {retry_ms}"]
    for name, value in (("event", event), ("id", id_)):
        if value is not None:
            if "\r" in value or "\n" in value or "\0" in value:
                raise ValueError(f"the {name} of a frame is one line")
            lines.append(f"{name}: {value}")
    lines += [f"data: {line}" for line in _LINE_END.split(data)]
    return "\n".join([*lines, "", ""]).encode()


def comment(text: str) -> bytes:
    """Return what readers ignore, to show that the stream lives; *text* is one line.

    Raises:
        ValueError: it is more.
    """
    if _LINE_END.search(text):
        raise ValueError("a comment is one line")
    return f": {text}\n\n".encode()
