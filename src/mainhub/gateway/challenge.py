"""What a service says it lacks: the challenge beside its 401 (RFC 9110, 11.6.1; RFC 6750, 3)."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mainhub.web import read_encoded_claims

__all__ = ["challenges", "demanded_claims"]

_LONGEST: Final = 8 * 1024
_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# One word of the header: a name with a value, a name by itself, or the comma between two.
_WORD: Final = re.compile(
    rf"""[ \t]*(?:
    (?P<name>{_NAME})[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>{_NAME}))
    |(?P<scheme>{_NAME})(?:[ \t]+(?P<token68>[A-Za-z0-9\-._~+/]+=*)(?=[ \t]*(?:,|$)))?
    |(?P<comma>,)
    )""",
    re.VERBOSE,
)

Challenge = tuple[str, dict[str, str]]


def challenges(values: Sequence[bytes]) -> list[Challenge]:
    """Return the challenges of the ``WWW-Authenticate`` headers *values*: schemes and parameters.

    Names are in lower case. A header is read up to where it cannot be read any further.
    """
    found: list[Challenge] = []
    for value in values:
        if len(value) <= _LONGEST:
            found += _read(value.decode("latin-1"))
    return found


def demanded_claims(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """Return the claims that a service demands (JSON text of an object); ``None`` if it does not.

    Entra ID's own services and those that use its conditional access say so by
    ``Bearer error="insufficient_claims", claims="BASE64"``. Anything else is no demand: what is
    returned is written anew, and bounded, since it becomes part of an address.
    """
    lines = [value for name, value in headers if name.lower() == b"www-authenticate"]
    for scheme, told in challenges(lines):
        if scheme == "bearer" and told.get("error") == "insufficient_claims":
            claims = read_encoded_claims(told.get("claims", ""))
            if claims is not None:
                return claims
    return None


def _read(text: str) -> Iterator[Challenge]:
    scheme: str | None = None
    told: dict[str, str] = {}
    place = 0
    while (word := _WORD.match(text, place)) is not None and word.end() > place:
        place = word.end()
        if word["scheme"] is not None:
            if scheme is not None:
                yield scheme, told
            scheme, told = word["scheme"].lower(), {}
        elif word["name"] is not None and scheme is not None:
            quoted = word["quoted"]
            value = word["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            # The first one counts: nothing that follows can take it back.
            told.setdefault(word["name"].lower(), value)
    if scheme is not None:
        yield scheme, told
