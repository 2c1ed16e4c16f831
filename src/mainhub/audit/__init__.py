"""Who did what, with which right: a record that nobody changes afterwards.

For: every room that changes something for others, signs somebody in or refuses somebody, and for
administrators who read and export the record. Not for: what the hub tells about itself while it
runs (``telemetry``), nor for what open pages are told (``events``).

Invariants:

- Append-only: there is no way to change or delete in code, and the database refuses both.
- A change that cannot be recorded is not made.
- A refusal stands whether it can be recorded or not, and refusals never fill the table.
- No secret is recorded: what is named or looks like one is masked, and all of an entry is bounded.
"""

from mainhub.audit.actions import ACTIONS, Action, Outcome
from mainhub.audit.entry import Entry, Target
from mainhub.audit.filter import Filter
from mainhub.audit.log import AuditLog, AuditUnavailable, Recorded
from mainhub.audit.refusals import Refusals

__all__ = [
    "ACTIONS",
    "Action",
    "AuditLog",
    "AuditUnavailable",
    "Entry",
    "Filter",
    "Outcome",
    "Recorded",
    "Refusals",
    "Target",
]
