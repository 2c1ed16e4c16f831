"""Who is signed in: sessions on the server, and the tokens that the provider entrusted to them.

For: ``signin``, which opens and ends sessions, ``gateway``, which asks :class:`TokenGrants` for a
person's token, and people, who list sessions and end them. Not for: cookies (``web``), nor for how
people prove who they are (``signin``).

Invariant: a dump of the store opens nothing. Ids are stored hashed, values encrypted; tokens need
the key ring *and* the id that only the person's cookie holds.
"""

from mainhub.sessions.announced import AnnouncedSessions
from mainhub.sessions.device import DeviceName, device_name
from mainhub.sessions.ends import EndsFeed, EndTold
from mainhub.sessions.keyring import KeyRing, Purpose, SealBroken
from mainhub.sessions.lifetimes import Lifetimes
from mainhub.sessions.port import (
    Device,
    EndReason,
    GrantDeclined,
    GrantRefused,
    GrantUnavailable,
    Session,
    SessionChanged,
    SessionEnded,
    SessionGone,
    SessionsPartlyEnded,
    SessionStore,
    SessionStoreUnavailable,
    SessionSummary,
    StepUpNeeded,
    Token,
    TokenGrants,
    Tokens,
)
from mainhub.sessions.rows import SealedRow, SessionRows
from mainhub.sessions.sealed_sessions import SealedSessions

__all__ = [
    "AnnouncedSessions",
    "Device",
    "DeviceName",
    "EndReason",
    "EndTold",
    "EndsFeed",
    "GrantDeclined",
    "GrantRefused",
    "GrantUnavailable",
    "KeyRing",
    "Lifetimes",
    "Purpose",
    "SealBroken",
    "SealedRow",
    "SealedSessions",
    "Session",
    "SessionChanged",
    "SessionEnded",
    "SessionGone",
    "SessionRows",
    "SessionStore",
    "SessionStoreUnavailable",
    "SessionSummary",
    "SessionsPartlyEnded",
    "StepUpNeeded",
    "Token",
    "TokenGrants",
    "Tokens",
    "device_name",
]
