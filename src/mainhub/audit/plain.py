"""Making anything fit for the record: plain JSON, bounded, readable, and without secrets."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from math import isfinite
from typing import Final

import orjson

__all__ = ["MASK", "MOST_BYTES", "Json", "line", "plain"]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MASK: Final = "********"
MOST_BYTES: Final = 8 * 1024
_DEEPEST: Final = 6
_MOST_ITEMS: Final = 200
_LONGEST_TEXT: Final = 1000
_LONGEST_NAME: Final = 100
# Of the beginning: with every quote escaped it is still well below the bound.
_LONGEST_CUT: Final = 2000
_MOST_INTEGER: Final = 2**53 - 1

# Any word of a name that is a secret's: client_secret, Set-Cookie, refreshToken, secret_keys.
_SECRET_NAME: Final = re.compile(
    r"(?i)authorization|cookie|token|secret|passw(or)?d|passphrase|credential|verifier|assertion"
    r"|api[_-]?key|private[_-]?key|signature|^(otp|pin|code)$"
)
# A JWT, a bearer credential, a password in a URL, OAuth's secret parameters. A JWT is one only
# where a word begins: else a long text of such beginnings would be read from each of them.
_SECRET_TEXT: Final = re.compile(
    r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"
    r"|(?<=[Bb]earer )[\w.~+/-]+=*"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"
    r"|(?<=[?&\s]code=)[^&\s\"']+"
    r"|(?<=_token=)[^&\s\"']+"
    r"|(?<=client_secret=)[^&\s\"']+"
)
# Control characters (a NUL is no text to PostgreSQL), halves of pairs, line ends of other scripts.
_UNPRINTED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
# What turns the direction of writing around makes a record read as something else.
_TURNING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(text: str, longest: int) -> str:
    """Return *text* on one line of at most *longest* characters; what looks secret is masked."""
    # Cut before and after: a hostile text may be long, and a mask longer than what it hides.
    words = "".join(_printed(letter) for letter in text[: 4 * longest])
    words = _SECRET_TEXT.sub(MASK, words).strip()
    return words if len(words) <= longest else words[: longest - 1] + "…"


def plain(value: object) -> Json:
    """Return *value* as JSON of at most 8 KB.

    What is named like a secret or looks like one is masked. What is too large as a whole becomes
    ``{"cut": "the beginning of its JSON"}``; what JSON does not know is told by its type.
    """
    made = _made(value, depth=0)
    text = orjson.dumps(made)
    if len(text) <= MOST_BYTES:
        return made
    return {"cut": text[:_LONGEST_CUT].decode(errors="ignore")}


def _made(value: object, *, depth: int) -> Json:
    if isinstance(value, Mapping | Sequence | AbstractSet) and not isinstance(value, str):
        return _made_of_many(value, depth)
    if isinstance(value, str):
        return line(value, _LONGEST_TEXT)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return _made_of_one(value)


def _made_of_one(value: object) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        # Beyond this JSON's readers no longer agree on the number.
        return int(value) if abs(value) <= _MOST_INTEGER else "(a large number)"
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return f"({type(value).__name__})"


def _made_of_many(value: object, depth: int) -> Json:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({type(value).__name__})"
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return _table(value, depth)
    return _list(value, depth) if isinstance(value, Sequence | AbstractSet) else None


def _table(value: Mapping[object, object], depth: int) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for number, (name, inner) in enumerate(value.items()):
        if number == _MOST_ITEMS:
            made["…"] = len(value) - _MOST_ITEMS
            break
        # Judged whole, before the name is cut.
        secret = _SECRET_NAME.search(str(name)) and inner not in (None, "")
        made[line(str(name), _LONGEST_NAME)] = MASK if secret else _made(inner, depth=depth + 1)
    return made


def _list(value: Sequence[object] | AbstractSet[object], depth: int) -> list[Json]:
    made: list[Json] = []
    for number, inner in enumerate(value):
        if number == _MOST_ITEMS:
            made.append("…")
            break
        made.append(_made(inner, depth=depth + 1))
    return made


def _printed(letter: str) -> str:
    if letter in _TURNING:
        return ""
    return " " if unicodedata.category(letter) in _UNPRINTED else letter
