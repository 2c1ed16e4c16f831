"""Whose turn it is to renew a session: one at a time, in this process and in all together."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from mainhub.sessions import (
    GrantRefused,
    GrantUnavailable,
    Session,
    SessionStore,
    SessionStoreUnavailable,
)

__all__ = ["Here", "Turns", "Waits", "renewed_for_too_long"]

_LATER: Final = "Try again in a moment."


class Turns:
    """Gives out turns at the sessions of *sessions*.

    Args:
        alone: no other process uses the store, so a lock of this one is enough.
        lasts: how long a process that died in its turn is waited for.
        patience: how long anybody waits for the turns of others.
    """

    def __init__(
        self,
        sessions: SessionStore,
        *,
        alone: bool = False,
        lasts: timedelta = timedelta(seconds=10),
        patience: timedelta = timedelta(seconds=40),
    ) -> None:
        self._sessions = sessions
        self._alone = alone
        self._lasts = lasts
        self._patience = patience.total_seconds()
        self._here: WeakValueDictionary[str, Here] = WeakValueDictionary()

    def here(self, session_id: str) -> "Here":
        """Return where this process renews the session; taken before the session is loaded."""
        return self._here.setdefault(session_id, Here())

    def until(self) -> float:
        """Return when (as the event loop counts) whoever begins to wait now gives up."""
        return asyncio.get_running_loop().time() + self._patience

    async def session(self, session_id: str) -> Session:
        """Return the live session; raises :class:`GrantRefused` if there is none."""
        session = await self._sessions.load(session_id)
        if session is None:
            raise GrantRefused("the session has ended", remedy="Sign in again.")
        return session

    @asynccontextmanager
    async def undisturbed(self, session: Session) -> AsyncIterator[Session]:
        """Yield *session* as it is once nobody renews it any more; nobody does until the end.

        Raises:
            GrantRefused: it has ended.
            GrantUnavailable: others renew it for too long.
        """
        owner, waits, until = secrets.token_hex(16), Waits(), self.until()
        async with self.here(session.id).lock:
            while asyncio.get_running_loop().time() < until:
                found = await self.session(session.id)
                async with self.taken(found, owner) as given:
                    if given:
                        yield found
                        with suppress(SessionStoreUnavailable):
                            await self._sessions.end_turn(found, owner=owner)
                        return
                await waits.next(found.generation)
        raise renewed_for_too_long()

    @asynccontextmanager
    async def taken(self, session: Session, owner: str) -> AsyncIterator[bool]:
        """Have the turn last while something is done in it, and give it back if that fails.

        Yields whether it was given.
        """
        if self._alone:
            if session.unverified:
                # What is brought now could not be saved.
                raise SessionStoreUnavailable("the sessions cannot be reached", remedy=_LATER)
            yield True
            return
        if not await self._sessions.take_turn(session, owner=owner, lasts=self._lasts):
            yield False
            return
        beating = asyncio.create_task(self._beat(session, owner))
        try:
            yield True
        except BaseException:  # edge: whatever it was, the next one shall not have to wait
            with suppress(SessionStoreUnavailable):
                await self._sessions.end_turn(session, owner=owner)
            raise
        finally:
            beating.cancel()

    async def _beat(self, session: Session, owner: str) -> None:
        while True:
            await asyncio.sleep(self._lasts.total_seconds() / 3)
            with suppress(SessionStoreUnavailable):
                await self._sessions.take_turn(session, owner=owner, lasts=self._lasts)


class Here:
    """Where one process renews one session: one at a time, and up to which generation it has."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.generation = 0


class Waits:
    """Pauses between looks: none where something has changed, longer ones the longer it takes."""

    _FIRST: Final = 0.01
    _LONGEST: Final = 0.2

    def __init__(self) -> None:
        self._seen: int | None = None
        self._pause = 0.0

    async def next(self, generation: int) -> None:
        """Wait before looking again, having seen *generation*."""
        if generation != self._seen:
            self._seen, self._pause = generation, 0.0
        # Not in step with the waiters of other processes.
        await asyncio.sleep(self._pause * (0.5 + random.random() / 2))  # noqa: S311
        self._pause = min(max(self._FIRST, self._pause * 2), self._LONGEST)


def renewed_for_too_long() -> GrantUnavailable:
    """Return what is told to whoever has waited for the turns of others for too long."""
    return GrantUnavailable("other processes renew the session for too long", remedy=_LATER)
