"""People, a device and tokens for the tests of sessions."""

from __future__ import annotations

from datetime import timedelta

from mainhub.identity import ADMIN, EMPLOYEE, Person
from mainhub.sessions import (
    Device,
    Lifetimes,
    Session,
    SessionSummary,
    Token,
    Tokens,
)
from sessions.moved_clock import MovedClock

LIFETIMES = Lifetimes(
    idle=timedelta(minutes=30),
    absolute=timedelta(hours=12),
    administrator=timedelta(hours=8),
    touch_every=timedelta(minutes=1),
)
LINUS = Person(
    "tid.linus-oid", "Linus Pauling", "linus@contoso.example", (EMPLOYEE, "x"), "tid", "entra"
)
ADA = Person("tid.ada-oid", "Ada", None, (EMPLOYEE, ADMIN), "tid", "entra")
DEVICE = Device("Firefox/140 on Debian", "203.0.113.7")


def some_tokens() -> Tokens:
    """Return tokens that are easily found again where they should not be."""
    return Tokens(
        refresh="refresh-secret-0.AX",
        access={
            "api://hub/access": Token("access-secret-eyJ", MovedClock().now() + timedelta(hours=1))
        },
        sid="provider-sid-secret",
        login_hint="login-hint-secret",
    )


def summary_of(session: Session) -> SessionSummary:
    """Return what a list shows of *session*."""
    return SessionSummary(
        ref=session.ref,
        person=session.person,
        device=session.device,
        created_at=session.created_at,
        seen_at=session.seen_at,
        idle_expires_at=session.idle_expires_at,
        expires_at=session.expires_at,
    )
