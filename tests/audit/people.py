"""Who acts in the tests of the record, and how to read it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainhub.audit import AuditLog, Filter
from mainhub.identity import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainhub.audit import Recorded

ADA = Person("tid.ada", "Ada Lovelace", "ada@contoso.example", ("Admin",), "tid", "entra")
LINUS = Person("tid.linus", "Linus Pauling", None, ("Employee",), "tid", "entra")


async def all_of(audit: AuditLog, wanted: Filter | None = None) -> Sequence[Recorded]:
    """Return the whole record, oldest first."""
    return list(reversed(await audit.newest(wanted or Filter(), limit=100_000)))
