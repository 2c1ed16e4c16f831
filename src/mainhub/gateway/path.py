r"""The one form of a path, on which route, permission and upstream agree.

Proxies that match on one form of a path and forward another have been passed by over and over
(CVE-2026-40912 and CVE-2026-48020 in Traefik, CVE-2021-31920 in Istio). Here the path is settled
once, from the bytes on the wire; what has a second reading is refused, not repaired:

=============================================  ==================================================
on the wire                                    becomes
=============================================  ==================================================
``%41``, ``%7e``: unreserved (RFC 3986, 2.3)   the character itself
``%c3%a9``, ``%3b``: any other allowed escape  the same escape in capitals
``" < > [ ] ^ ` { | }``, which browsers send   their escape
``.`` ``..`` ``%2e%2e`` ``..;x`` ``..%20``     refused (browsers resolve these before sending)
``//``: an empty segment, not the last         refused
``\`` ``%5c`` ``%2f``                         refused: a separator to some, data to others
``%00``-``%1f`` ``%7f``, control bytes, space  refused
bytes above 0x7f, ``#``                        refused: never valid in a request target
``%`` without two hex digits                   refused
``%ff``, ``%c0%ae``: not UTF-8 when decoded    refused: overlong forms hide dots and slashes
``%252e`` ``%25252f``: the above, twice        refused: some services decode twice
=============================================  ==================================================
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from mainhub.errors import Invalid

__all__ = ["PREFIX", "BadTarget", "CanonicalPath", "canonical_path", "checked_query"]

PREFIX: Final = "/api/"

# Everything outside printable ASCII, and the printable characters that have a second reading.
_NEVER: Final = re.compile(rb"[^\x21-\x7e]|[\\#?]")
_NEVER_IN_QUERY: Final = re.compile(rb"[^\x21-\x7e]|#")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_TO_ESCAPE: Final = re.compile(r'["<>\[\]^`{|}]')
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)
_REFUSED_ESCAPES: Final = frozenset({*range(0x20), 0x7F, *b"/\\"})
_ESCAPED_TWICE: Final = re.compile(r"%25(?:25)*(?:2[EFef]|5[Cc]|[01][0-9A-Fa-f]|7[Ff])")


class BadTarget(Invalid):
    """The request target has no single reading."""


@dataclass(frozen=True, slots=True)
class CanonicalPath:
    """A settled path: the *service* segment, and *rest*, which the service is sent as it stands."""

    service: str
    rest: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.service}{self.rest}" if self.service else PREFIX


def canonical_path(raw_path: bytes) -> CanonicalPath:
    """Settle *raw_path*, the path of ``/api/{service}/...`` as it came over the wire.

    ``/api/{service}`` alone means ``/`` there; ``/api`` alone is the service without a name, which
    no table knows. Settling a settled path changes nothing.

    Raises:
        BadTarget: the path has no single reading, or lies outside ``/api/``.
    """
    if _NEVER.search(raw_path):
        raise BadTarget("The path holds a character that no path may hold.")
    text = _ESCAPE.sub(_settled_escape, raw_path.decode("ascii"))
    if _ESCAPED_TWICE.search(text):
        raise BadTarget("The path hides a separator, a dot or a control behind a double escape.")
    text = _TO_ESCAPE.sub(lambda match: f"%{ord(match[0]):02X}", text)
    if text == PREFIX.rstrip("/"):
        return CanonicalPath("", "/")
    if not text.startswith(PREFIX):
        raise BadTarget(f"The path lies outside {PREFIX}.")
    service, slash, rest = text.removeprefix(PREFIX).partition("/")
    _check_segments([service, *rest.split("/")] if slash else [service])
    return CanonicalPath(service, f"/{rest}")


def checked_query(query: bytes) -> bytes:
    """Return *query* untouched, which is how it is forwarded.

    Raises:
        BadTarget: it holds a byte that no query may hold.
    """
    if _NEVER_IN_QUERY.search(query):
        raise BadTarget("The query holds a character that no query may hold.")
    return query


def _settled_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        raise BadTarget("The path holds a percent sign without two hexadecimal digits.")
    byte = int(match[1], 16)
    if byte in _REFUSED_ESCAPES:
        raise BadTarget("The path holds an escaped separator or control character.")
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def _check_segments(segments: list[str]) -> None:
    for segment in segments[:-1]:
        if not segment:
            raise BadTarget("The path holds an empty segment.")
    for segment in segments:
        try:
            decoded = unquote_to_bytes(segment).decode()
        except UnicodeDecodeError as error:
            raise BadTarget("The path is not UTF-8 when unescaped.") from error
        # Java servers cut a segment at ';', Windows ones at trailing blanks, before they resolve.
        if decoded.partition(";")[0].strip() in {".", ".."}:
            raise BadTarget("The path holds a dot segment.")
