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

__all__ = ["Sealing", "Summary", "open_summary", "open_tokens", "seal_summary", "seal_tokens"]

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


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list may know: who and where, the provider's session, and the family."""

    person: Person
    device: Device
    sid: str | None = None
    family: str | None = None


def seal_summary(ring: KeyRing, summary: Summary, *, row: Sealing) -> bytes:
    """Seal *summary*, and the times of *row* that only a save may change."""
    ends = {"created_at": row.created_at, "expires_at": row.expires_at}
    held = {"person": summary.person, "device": summary.device}
    plain = orjson.dumps({**held, "sid": summary.sid, "family": summary.family, **ends})
    return ring.seal(plain, purpose=Purpose.SESSION_SUMMARY, context=row.context)


def open_summary(ring: KeyRing, sealed: bytes, *, row: Sealing) -> Summary:
    """Read back what :func:`seal_summary` wrote; raises ``SealBroken`` for anything else."""
    opened = ring.open(sealed, purpose=Purpose.SESSION_SUMMARY, context=row.context)
    with _known_form():
        plain = orjson.loads(opened)
        _require_times(plain, row)
        # Texts within are lists in JSON.
        person = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in plain["person"].items()
        }
        return Summary(
            _made(Person, person),
            _made(Device, plain["device"]),
            plain.get("sid"),
            plain.get("family"),
        )


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
            scopes: Token(
                token["value"], _time(token["expires_at"]), _time_or_none(token.get("renew_at"))
            )
            for scopes, token in plain["access"].items()
        }
        identity = plain.get("identity")
        read = {
            "access": access,
            "vouched_at": _time_or_none(plain.get("vouched_at")),
            "identity": None if identity is None else tuple(identity),
        }
        return _made(Tokens, plain | read)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


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
