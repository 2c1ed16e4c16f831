"""A provider whose refresh tokens are good once, and somebody signed in whose token has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response
from typing_extensions import override

from mainhub.identity import EMPLOYEE, Person
from mainhub.sessions import Token, Tokens
from sessions.sample import DEVICE
from signin.hostile_provider import Issuer

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainhub.sessions import Session, SessionStore

SCOPES = ("api://orders/use",)
FIRST = "the-first-refresh-token"


class RotatingIssuer(Issuer):
    """Ends the family of a refresh token that is used again; forgets who has hung up."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._refresh = FIRST

    @override
    async def respond(self, request: Request) -> Response:
        if request.url.path.endswith("/token"):
            await request.body()
            self.waiting.set()
            await self.gate.wait()
            if await request.is_disconnected():
                # It died before the answer was made: its token was not spent.
                return Response(status_code=400)
        return await super().respond(request)


async def signed_in(
    store: SessionStore, issuer: Issuer, *, roles: tuple[str, ...] = (EMPLOYEE,)
) -> Session:
    """Return a session whose access token has a minute left."""
    person = Person(f"{issuer.url}|{issuer.subject}", "Linus", None, roles, None, "it")
    ending = Token("ending", datetime.now(UTC) + timedelta(seconds=55))
    tokens = Tokens(refresh=FIRST, access={SCOPES[0]: ending})
    return await store.create(person, tokens, DEVICE)
