"""A provider in memory that rotates refresh tokens and answers when a test says so."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from typing_extensions import override

from mainhub.outbound import HttpClient
from mainhub.sessions import KeyRing, Lifetimes, SealedSessions
from mainhub.signin import Provider, ProviderClient, ProviderDeclined, SharedSecret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mainhub.clock import Clock
    from sessions.held_rows import HeldRows
    from sessions.moved_clock import MovedClock

PROVIDER = Provider(
    name="entra",
    title="Contoso",
    kind="oidc",
    issuer="https://id.example",
    client_id="hub",
    authentication=SharedSecret("made-up"),
    redirect_uri="https://hub.example/auth/callback/entra",
    post_logout_uri="https://hub.example/auth/signed-out",
    scopes=("openid", "offline_access", "User.Read"),
)
FIRST = "refresh-first"


def spent() -> ProviderDeclined:
    """Return what a provider says of a refresh token that was used before."""
    return ProviderDeclined("spent", code="invalid_grant")


class ScriptedClient(ProviderClient):
    """Answers each token request once *gate* is open; *failure* is raised instead of an answer."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(PROVIDER, http=HttpClient(), clock=clock)
        self.gate = asyncio.Event()
        self.gate.set()
        self.forms: list[Mapping[str, str]] = []
        self.good = {FIRST}
        self.reused: list[str] = []
        self.revoked: list[str] = []
        self.failure: Exception | None = None
        self.before_answer: Callable[[], None] = lambda: None
        self.seconds: object = 3600

    @override
    async def token(self, form: Mapping[str, str]) -> dict[str, object]:
        self.forms.append(form)
        await self.gate.wait()
        self.before_answer()
        if self.failure is not None:
            raise self.failure
        granted: dict[str, object] = {
            "access_token": f"access-{secrets.token_hex(8)}",
            "expires_in": self.seconds,
        }
        if form["grant_type"] == "refresh_token":
            granted["refresh_token"] = self._rotated(form["refresh_token"])
        return granted

    async def revoke(self, token: str, hint: str) -> None:
        assert hint == "refresh_token"
        self.revoked.append(token)
        self.good.discard(token)

    def _rotated(self, token: str) -> str:
        if token not in self.good:
            self.reused.append(token)
            self.good.clear()
            raise spent()
        self.good = {fresh := f"refresh-{secrets.token_hex(8)}"}
        return fresh


def sessions_in_memory(rows: HeldRows, clock: MovedClock) -> SealedSessions:
    """Return a store that keeps everybody for long."""
    return SealedSessions(rows, ring=KeyRing(["k" * 43]), clock=clock, lifetimes=Lifetimes())
