"""What must last: one SQL engine, its transactions, and the migrations of its schema.

For: the SQL adapters of the rooms, which declare their tables on :data:`METADATA` and run inside
``read()`` and ``write()``. Not for: caches, nor for deciding what is stored (the rooms do).

Invariants:

- Times go through :class:`UtcTime`: aware and in UTC, in and out.
- ``write()`` never loses an update: whoever reads and then writes inside it sees no interleaving.
- The schema is made by migrations alone; they are frozen scripts that import no room.
- Nothing outside this room knows which database it is; inside, a ``Kind`` has what differs.
"""

from mainhub.storage.engine import Database
from mainhub.storage.failures import (
    DatabaseBusy,
    DatabaseMisused,
    DatabaseResting,
    DatabaseUnavailable,
    SchemaMismatch,
)
from mainhub.storage.notices import Notices, NoticesLost
from mainhub.storage.schema import METADATA, UtcTime
from mainhub.storage.versions import current, downgrade, head, require_head, upgrade

__all__ = [
    "METADATA",
    "Database",
    "DatabaseBusy",
    "DatabaseMisused",
    "DatabaseResting",
    "DatabaseUnavailable",
    "Notices",
    "NoticesLost",
    "SchemaMismatch",
    "UtcTime",
    "current",
    "downgrade",
    "head",
    "require_head",
    "upgrade",
]
