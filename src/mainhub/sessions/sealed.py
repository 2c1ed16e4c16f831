"""How a session is written into two sealed blobs and read back.

The summary (person, device) opens with the key ring, so that a list can be shown. The tokens open
only with the key ring and the session id, so only within that person's request.
"""

from datetime import datetime

import orjson

from mainhub.identity import Person
from mainhub.sessions.keyring import KeyRing, Purpose
from mainhub.sessions.port import Device, Token, Tokens

__all__ = ["open_summary", "open_tokens", "seal_summary", "seal_tokens"]


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
    person = plain["person"] | {"roles": tuple(plain["person"]["roles"])}
    return Person(**person), Device(**plain["device"])


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
    access = {
        scopes: Token(token["value"], datetime.fromisoformat(token["expires_at"]))
        for scopes, token in plain.pop("access").items()
    }
    return Tokens(access=access, **plain)


def _row(id_hash: str, generation: int) -> bytes:
    return f"{id_hash}/{generation}".encode()
