"""How a request says where it ends; ambiguity is refused.

The server in front parses the bytes. These checks hold whatever server that is, since the lenient
ones let through what makes two parties disagree about where a request ends (request smuggling,
RFC 9112, 6.3).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mainhub.errors import Invalid

__all__ = ["BadFraming", "Framing", "framing"]

_LENGTH: Final = re.compile(rb"[0-9]{1,18}")


class BadFraming(Invalid):
    """The head of the request can be read in two ways."""


@dataclass(frozen=True, slots=True)
class Framing:
    """Whether a body follows, and its *length* if the client said it."""

    has_body: bool
    length: int | None


def framing(headers: Sequence[tuple[bytes, bytes]], *, http_version: str) -> Framing:
    """Return how the body of a request with *headers* is framed.

    Raises:
        BadFraming: length or coding are double, contradictory or malformed.
    """
    lengths = [value for name, value in headers if name == b"content-length"]
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if codings:
        if lengths or http_version == "1.0":
            raise BadFraming("The request gives its length in two ways.")
        if [coding.strip().lower() for coding in codings] != [b"chunked"]:
            raise BadFraming("The only transfer coding accepted is chunked.")
        return Framing(has_body=True, length=None)
    if not lengths:
        return Framing(has_body=False, length=0)
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        raise BadFraming("The Content-Length is double or malformed.")
    length = int(lengths[0])
    return Framing(has_body=length > 0, length=length)
