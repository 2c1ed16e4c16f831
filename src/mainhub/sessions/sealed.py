"""How a session is written into two sealed blobs and read back.

The summary (person, device) opens with the key ring, so that a list can be shown. The tokens open
only with the key ring and the session id, so only within that person's request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import orjson

from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing, Purpose, SealBroken
from mainhub.sessions.port import Device, Token, Tokens

__all__ = ["open_summary", "open_tokens", "seal_summary", "seal_tokens"]

_T = TypeVar("_T", Person, Device, Tokens)


def seal_summary(
    ring: KeyRing, person: Person, device: Device, *, id_hash: str, generation: int
) -> bytes:
    """Seal who and where, for the row *id_hash* at *generation*."""
    plain = orjson.dumps({"person": person, "device": device})
    return ring.seal(plain, purpose=Purpose.SESSION_SUMMARY, context=_row(id_hash, generation))


def open_summary(
    ring: KeyRing, sealed: bytes, *, id_hash: str, generation: int
) -> tuple[Person, Device]:
    """Read back what :func:`seal_summary` wrote; raises ``SealBroken`` for anything else."""
    row = _row(id_hash, generation)
    plain = orjson.loads(ring.open(sealed, purpose=Purpose.SESSION_SUMMARY, context=row))
    with _known_form():
        person = plain["person"] | {"roles": tuple(plain["person"]["roles"])}
        return _made(Person, person), _made(Device, plain["device"])


def seal_tokens(
    ring: KeyRing, tokens: Tokens, *, session_id: str, id_hash: str, generation: int
) -> bytes:
    """Seal *tokens* so that only the key ring together with *session_id* opens them."""
    return ring.seal(
        orjson.dumps(tokens),
        purpose=Purpose.SESSION_TOKENS,
        context=_row(id_hash, generation),
        secret=session_id,
    )


def open_tokens(
    ring: KeyRing, sealed: bytes, *, session_id: str, id_hash: str, generation: int
) -> Tokens:
    """Read back what :func:`seal_tokens` wrote; raises ``SealBroken`` for anything else."""
    plain = orjson.loads(
        ring.open(
            sealed,
            purpose=Purpose.SESSION_TOKENS,
            context=_row(id_hash, generation),
            secret=session_id,
        )
    )
    with _known_form():
        access = {
            scopes: Token(token["value"], datetime.fromisoformat(token["expires_at"]))
            for scopes, token in plain["access"].items()
        }
        return _made(Tokens, plain | {"access": access})


def _made(kind: type[_T], values: Mapping[str, Any]) -> _T:
    """Make *kind* of the fields that it knows; a newer version may have written more."""
    known = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in known})


@contextmanager
def _known_form() -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SealBroken("the stored session was written by another version") from error


def _row(id_hash: str, generation: int) -> bytes:
    return f"{id_hash}/{generation}".encode()
