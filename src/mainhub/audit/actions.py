"""Everything that is recorded; each action has its line in ``docs/audit.md`` (a test says so)."""

from enum import StrEnum
from typing import Final

__all__ = ["ACTIONS", "Action", "Outcome"]


class Action(StrEnum):
    """What happened, as ``thing.what-became-of-it``."""

    SIGNIN_DONE = "signin.done"
    SIGNIN_REFUSED = "signin.refused"
    SIGNIN_ENDED = "signin.ended"
    SESSION_REVOKED = "session.revoked"
    ACCESS_REFUSED = "access.refused"
    ACCESS_GRANTED = "access.granted"
    ACCESS_REVOKED = "access.revoked"
    FRONTEND_CHANGED = "frontend.changed"
    CACHE_INVALIDATED = "cache.invalidated"
    CONFIGURATION_CHANGED = "configuration.changed"
    RESILIENCE_CHANGED = "resilience.changed"
    EVENTS_CLEARED = "events.cleared"
    EVENT_PUBLISHED = "event.published"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_LIMITED = "audit.limited"


class Outcome(StrEnum):
    """What came of it: it was done, was not allowed, or went wrong."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


ACTIONS: Final[tuple[str, ...]] = tuple(sorted(Action))
"""The names of all actions, in the order of the alphabet."""
