"""Claims that somebody demands of a person (OpenID Connect Core, 5.5): outside data, read once."""

import base64
import re
from typing import Final

import orjson

__all__ = ["read_claims", "read_encoded_claims"]

_LONGEST: Final = 4096
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def read_claims(text: str | bytes) -> str | None:
    """Return *text*, JSON of an object, written anew; ``None`` for anything else.

    So that whoever is handed it gets JSON, and nothing that only looks like it. At most 4 KiB, and
    not empty.
    """
    if len(text) > _LONGEST:
        return None
    try:
        claims = orjson.loads(text)
        return orjson.dumps(claims).decode() if isinstance(claims, dict) and claims else None
    except (ValueError, TypeError):
        # TypeError: orjson reads what is nested more deeply than it writes.
        return None


def read_encoded_claims(encoded: str) -> str | None:
    """Return the claims in *encoded*, base64 of either alphabet, as :func:`read_claims`."""
    if len(encoded) > _LONGEST or not _BASE64.fullmatch(encoded):
        return None
    plain = encoded.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return read_claims(base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)))
    except ValueError:
        return None
