"""What can go wrong with the database, named for what happened."""

from mainhub.errors import Conflict, Unavailable

__all__ = ["DatabaseBusy", "DatabaseUnavailable", "SchemaMismatch"]


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or read."""


class DatabaseBusy(DatabaseUnavailable):
    """Another process held the write lock for longer than the time-out."""


class SchemaMismatch(Conflict):
    """The schema was made by another version of MainHub than this one."""
