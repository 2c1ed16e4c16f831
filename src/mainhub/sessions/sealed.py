"""How a session is written into two sealed blobs and read back.

The summary (person, device, and when the session began and ends in any case) opens with the key
ring, so that a list can be shown. The tokens open only with the key ring and the session id, so
only within that person's request. Who can write to the store can thus end sessions, but neither
read one, nor make one, nor let one live beyond its absolute end.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson

from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing, Purpose, SealBroken
from mainhub.sessions.port import Device, Token, Tokens

__all__ = ["Sealing", "open_summary", "open_tokens", "seal_summary", "seal_tokens"]

_T = TypeVar("_T", Person, Device, Tokens)
_KNOWN: Final = {
    kind: frozenset(field.name for field in fields(kind)) for kind in (Person, Device, Tokens)
}


@dataclass(frozen=True, slots=True)
class Sealing:
    """The row that a blob belongs to, as it is now; a blob opens for no other."""

    id_hash: str
    generation: int
    created_at: datetime
    expires_at: datetime

    @property
    def context(self) -> bytes:
        """What the blob's seal is bound to."""
        return f"{self.id_hash}/{self.generation}".encode()


def seal_summary(ring: KeyRing, person: Person, device: Device, *, row: Sealing) -> bytes:
    """Seal who and where, and the times of *row* that only a save may change."""
    ends = {"created_at": row.created_at, "expires_at": row.expires_at}
    plain = orjson.dumps({"person": person, "device": device, **ends})
    return ring.seal(plain, purpose=Purpose.SESSION_SUMMARY, context=row.context)


def open_summary(ring: KeyRing, sealed: bytes, *, row: Sealing) -> tuple[Person, Device]:
    """Read back what :func:`seal_summary` wrote; raises ``SealBroken`` for anything else."""
    opened = ring.open(sealed, purpose=Purpose.SESSION_SUMMARY, context=row.context)
    with _known_form():
        plain = orjson.loads(opened)
        _require_times(plain, row)
        person = plain["person"] | {"roles": tuple(plain["person"]["roles"])}
        return _made(Person, person), _made(Device, plain["device"])


def seal_tokens(ring: KeyRing, tokens: Tokens, *, session_id: str, row: Sealing) -> bytes:
    """Seal *tokens* so that only the key ring together with *session_id* opens them."""
    return ring.seal(
        orjson.dumps(tokens),
        purpose=Purpose.SESSION_TOKENS,
        context=row.context,
        secret=session_id,
    )


def open_tokens(ring: KeyRing, sealed: bytes, *, session_id: str, row: Sealing) -> Tokens:
    """Read back what :func:`seal_tokens` wrote; raises ``SealBroken`` for anything else."""
    opened = ring.open(
        sealed, purpose=Purpose.SESSION_TOKENS, context=row.context, secret=session_id
    )
    with _known_form():
        plain = orjson.loads(opened)
        access = {
            scopes: Token(token["value"], datetime.fromisoformat(token["expires_at"]))
            for scopes, token in plain["access"].items()
        }
        return _made(Tokens, plain | {"access": access})


def _require_times(plain: Mapping[str, Any], row: Sealing) -> None:
    # Not there in a summary of before they were sealed; it gets them with its next save.
    for name, stored in (("created_at", row.created_at), ("expires_at", row.expires_at)):
        sealed = plain.get(name)
        if sealed is not None and datetime.fromisoformat(sealed) != stored:
            raise SealBroken("the stored session's times were changed")


def _made(kind: type[_T], values: Mapping[str, Any]) -> _T:
    """Make *kind* of the fields that it knows; a newer version may have written more."""
    known = _KNOWN[kind]
    return kind(**{name: value for name, value in values.items() if name in known})


@contextmanager
def _known_form() -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SealBroken("the stored session was written by another version") from error
