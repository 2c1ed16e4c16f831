"""Permissions: one object decides, everybody asks it.

For: front-ends, gateway routes, events and the control API, which ask a :class:`Policy` with what
they need. Not for: who somebody is (``signin``), nor for hiding things in a page, which is no
protection.

Invariants:

- Deny by default: a need that names nothing is met by nobody, and nobody signed in meets none.
- More is given, never less: a grant takes nothing away from anybody.
- Where the groups of a person are not known, nothing is given by group; while nobody vouches for
  a session, nobody is an administrator by it.
- A decision and its reasons come out of the same reckoning.
"""

from mainhub.access.decision import Decide, Decision, Need, decide, require
from mainhub.access.grant import BadGrant, Grant, Holder, Kind, covers
from mainhub.access.policy import Policy
from mainhub.access.port import GrantExists, Grants, GrantUnknown, WouldLockOut
from mainhub.access.reasons import Reason, Right, Rights, Step

__all__ = [
    "BadGrant",
    "Decide",
    "Decision",
    "Grant",
    "GrantExists",
    "GrantUnknown",
    "Grants",
    "Holder",
    "Kind",
    "Need",
    "Policy",
    "Reason",
    "Right",
    "Rights",
    "Step",
    "WouldLockOut",
    "covers",
    "decide",
    "require",
]
