"""What can go wrong with the database, named for what happened."""

from mainhub.errors import Conflict, Unavailable

__all__ = [
    "DatabaseBusy",
    "DatabaseMisused",
    "DatabaseResting",
    "DatabaseUnavailable",
    "SchemaMismatch",
]


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or read."""


class DatabaseBusy(DatabaseUnavailable):
    """Another process held the write lock for longer than the time-out."""


class DatabaseMisused(DatabaseUnavailable):
    """The database did not understand a statement: it works, and something of ours does not."""


class DatabaseResting(DatabaseUnavailable):
    """The database failed lately, so nothing was asked of it."""


class SchemaMismatch(Conflict):
    """The schema was made by another version of MainHub than this one."""
