"""Sign-ins on their way: what must be remembered between leaving for the provider and returning.

One row and one cookie a flow, so that sign-ins in several tabs do not disturb each other (Authlib
#285, #376). The row is found by the state and opens only with the cookie's secret, so that a state
that somebody else began is worth nothing (Authlib CVE-2025-68158).
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import orjson
from sqlalchemy import Column, LargeBinary, String, Table, delete, select

from mainhub.clock import Clock
from mainhub.sessions import KeyRing, Purpose, SealBroken
from mainhub.signin.failures import FlowGone
from mainhub.storage import METADATA, Database, UtcTime

__all__ = ["LIFETIME", "Flow", "FlowStore", "Opened", "is_cookie_of"]

LIFETIME: Final = timedelta(minutes=10)
_SECRET_BYTES: Final = 32
_DIGEST: Final = 12
_TABLE: Final = Table(
    "signin_flow",
    METADATA,
    Column("state_hash", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one sign-in remembers. *verifier* is PKCE's (RFC 7636).

    *scopes* is what was asked for, where that is not what the provider's settings say; *claims*
    what the provider was asked to prove; *session_ref* names the session that is to prove more.
    *begun_at* is in seconds; *anew*: the person was to prove again who they are.
    """

    provider: str
    return_to: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    popup: bool = False
    claims: str | None = None
    scopes: tuple[str, ...] | None = None
    session_ref: str | None = None
    begun_at: float = 0.0
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A flow that was just begun: *state* goes to the provider, the cookie to the browser."""

    flow: Flow
    state: str = field(repr=False)
    cookie_id: str
    cookie_value: str = field(repr=False)


class FlowStore:
    """Flows in the table ``signin_flow``."""

    def __init__(self, database: Database, *, ring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._ring = ring
        self._clock = clock

    async def begin(
        self,
        *,
        provider: str,
        return_to: str,
        popup: bool = False,
        claims: str | None = None,
        scopes: tuple[str, ...] | None = None,
        session_ref: str | None = None,
        anew: bool = False,
    ) -> Opened:
        """Remember a new sign-in for ten minutes."""
        now = self._clock.now()
        flow = Flow(
            provider=provider,
            return_to=return_to,
            nonce=secrets.token_urlsafe(_SECRET_BYTES),
            verifier=secrets.token_urlsafe(_SECRET_BYTES),
            popup=popup,
            claims=claims,
            scopes=scopes,
            session_ref=session_ref,
            begun_at=now.timestamp(),
            anew=anew,
        )
        state, binding = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(2))
        sealed = self._ring.seal(
            orjson.dumps(flow),
            purpose=Purpose.SIGNIN_FLOW,
            context=state.encode(),
            secret=binding,
        )
        row = {"state_hash": _hash(state), "sealed": sealed, "expires_at": now + LIFETIME}
        async with self._database.write() as connection:
            await connection.execute(delete(_TABLE).where(_TABLE.c.expires_at <= now))
            await connection.execute(_TABLE.insert().values(**row))
        # Begins with the time, so that the oldest of too many cookies can be told by its name.
        return Opened(flow, state, cookie_id(state, at=int(now.timestamp() * 1000)), binding)

    async def take(self, *, state: str, bindings: list[str]) -> Flow:
        """Return the flow of *state* and forget it, so that no answer is processed twice.

        Args:
            state: what the provider sent back.
            bindings: the values of the flow cookies that the browser sent.

        Raises:
            FlowGone: it is unknown, too old, already used, or was begun in another browser; in the
                last case it stays, since whoever brought a foreign state must not end it.
        """
        found = _TABLE.c.state_hash == _hash(state)
        async with self._database.write() as connection:
            row = (await connection.execute(select(_TABLE).where(found))).one_or_none()
            if row is None or row.expires_at <= self._clock.now():
                raise FlowGone("there is no such sign-in under way")
            flow = self._open(row.sealed, state, bindings)
            await connection.execute(delete(_TABLE).where(found))
        return flow

    def _open(self, sealed: bytes, state: str, bindings: list[str]) -> Flow:
        for binding in bindings:
            try:
                plain = self._ring.open(
                    sealed, purpose=Purpose.SIGNIN_FLOW, context=state.encode(), secret=binding
                )
            except SealBroken:
                continue
            kept = orjson.loads(plain)
            scopes = kept.pop("scopes", None)
            return Flow(**kept, scopes=None if scopes is None else tuple(scopes))
        raise FlowGone("the sign-in was begun in another browser")


def cookie_id(state: str, *, at: int) -> str:
    """Return the name part of a flow's cookie: milliseconds in hex, then a digest of the state."""
    return f"{at:011x}{_hash(state)[:_DIGEST]}"


def is_cookie_of(name: str, state: str) -> bool:
    """Return whether the cookie with name part *name* belongs to the flow of *state*."""
    return name[-_DIGEST:] == _hash(state)[:_DIGEST]


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
