"""Two hundred people whose tokens end at the same moment, and a provider that takes its time."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bench.contenders.slow_provider import slow_provider
from bench.harness import expect
from mainhub.clock import SystemClock
from mainhub.identity import Person
from mainhub.outbound import HttpClient
from mainhub.sessions import Device, KeyRing, Lifetimes, Token, Tokens
from mainhub.sessions.sql import SqlSessionStore
from mainhub.signin import Provider, ProviderClient, ProviderGrants, SharedSecret
from mainhub.storage import Database, upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mainhub.sessions import Session

__all__ = ["PEOPLE", "Refreshes", "refreshes"]

PEOPLE: Final = 200
_SCOPES: Final = ("api://hub/access_as_user",)
_DEVICE: Final = Device("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0", "203.0.113.7")
_BEAT: Final = 0.001
_PROVEN: Final = 4


class Refreshes:
    """Sessions in SQLite, and what renews their tokens over HTTP."""

    def __init__(self, sessions: SqlSessionStore, grants: ProviderGrants) -> None:
        self._sessions = sessions
        self._grants = grants

    async def prove(self) -> None:
        """See that each gets a new token, and keeps the new refresh token."""
        for session in await self._people(_PROVEN):
            token = await self._grants.token_for(session.id, _SCOPES)
            kept = await self._sessions.load(session.id)
            expect(token.value != "stale", "MainHub", "the token is new")
            expect(kept and kept.tokens.refresh != "stale", "MainHub", "its refresh token is kept")

    async def run(self) -> tuple[float, float]:
        """Renew all at once; return the seconds that took, and the worst hundredth of delays."""
        people = await self._people(PEOPLE)
        delays, over = list[float](), asyncio.Event()
        beating = asyncio.create_task(_beat(delays, over))
        began = time.perf_counter()
        await asyncio.gather(*(self._grants.token_for(one.id, _SCOPES) for one in people))
        took = time.perf_counter() - began
        over.set()
        await beating
        return took, sorted(delays)[int(len(delays) * 0.99)]

    async def _people(self, count: int) -> list[Session]:
        stale = Token("stale", SystemClock().now() + timedelta(seconds=10))
        person = Person("t.o", "Linus Pauling", None, ("Employee",), "t", "bench")
        tokens = Tokens(refresh="stale", access={_SCOPES[0]: stale})
        return [
            await self._sessions.create(replace(person, id=f"t.{number}"), tokens, _DEVICE)
            for number in range(count)
        ]


@asynccontextmanager
async def refreshes(folder: Path) -> AsyncIterator[Refreshes]:
    """Start the provider, and keep sessions in *folder*."""
    url = f"sqlite+aiosqlite:///{folder / 'refreshes.db'}"
    clock = SystemClock()
    database = Database(url)
    await upgrade(database)
    async with slow_provider() as issuer, HttpClient() as http, aclosing(database):
        sessions = SqlSessionStore(
            database, ring=KeyRing(["k" * 43]), clock=clock, lifetimes=Lifetimes()
        )
        provider = Provider(
            name="bench",
            title="Bench",
            kind="oidc",
            issuer=issuer,
            client_id="hub",
            authentication=SharedSecret("made-up"),
            redirect_uri="http://localhost/auth/callback/bench",
            post_logout_uri="http://localhost/auth/signed-out",
            scopes=("openid", "offline_access"),
        )
        clients = {"bench": ProviderClient(provider, http=http, clock=clock)}
        yield Refreshes(sessions, ProviderGrants(sessions, clients, clock=clock, alone=True))


async def _beat(delays: list[float], over: asyncio.Event) -> None:
    """Note how much later than asked the event loop gives a turn."""
    while not over.is_set():
        asked = time.perf_counter()
        await asyncio.sleep(_BEAT)
        delays.append(time.perf_counter() - asked - _BEAT)
