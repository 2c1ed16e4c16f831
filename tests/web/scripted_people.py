"""An authenticator that says what the test wants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from typing_extensions import override

from mainhub.identity import Person
from mainhub.web import Authenticator, Caller

if TYPE_CHECKING:
    from collections.abc import Iterable

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def signed_in(*roles: str, name: str = "Ada") -> Caller:
    """Return a caller called *name* with *roles*."""
    person = Person("t.ada", name, f"{name}@contoso.example", roles, "t", "entra")
    return Caller(person, "s3cret-session-id", "session-ref", LATER, LATER)


class Scripted(Authenticator):
    """Gives *outcome* to everybody and counts who asked."""

    def __init__(self, outcome: Caller | Exception | None) -> None:
        self.outcome = outcome
        self.asked = 0

    @override
    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        self.asked += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome
