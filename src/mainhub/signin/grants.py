"""Access tokens for APIs: a session's person's, those of others, and the hub's own."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from typing_extensions import override

from mainhub.clock import Clock
from mainhub.errors import MainHubError
from mainhub.identity import ADMIN, Person
from mainhub.sessions import (
    GrantRefused,
    Session,
    SessionStore,
    StepUpNeeded,
    Token,
    TokenGrants,
)
from mainhub.signin.flights import Flights
from mainhub.signin.giving_back import hand_back
from mainhub.signin.kept_tokens import good
from mainhub.signin.people import People
from mainhub.signin.provider import ProviderClient
from mainhub.signin.renewal import Renewal
from mainhub.signin.token_answer import scopes_key
from mainhub.signin.tokens_of_others import TokensOfOthers, spelled
from mainhub.signin.turns import Here, Turns
from mainhub.telemetry import get_logger

__all__ = ["ProviderGrants"]

log = get_logger("signin")

_LAST_MOMENT: Final = 2.0
_MOST_GIVEN_BACK: Final = 500
# How long a provider that could not say who somebody is now is not asked again.
_REST: Final = 60.0
_WAITED_FOR: Final = 3.0
_MOST_RESTING: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Resting:
    """Until when a provider is not asked again of a person, and whether it wants them."""

    until: float
    is_wanted: bool


class ProviderGrants(TokenGrants):
    """Asks *clients* (by provider name) for tokens, and keeps those of a session in *sessions*.

    Args:
        people: says who a renewed session belongs to.
        administrators_every: how old the roles of an administrator whose session is used may
            become (see :meth:`current`).
        administrators_grace: how much older where the provider cannot say (see :meth:`vouches`).
        alone: no other process uses *sessions* (SQLite), which spares taking turns.
        turn: how long a process that died while it renewed a session is waited for.
    """

    def __init__(
        self,
        sessions: SessionStore,
        clients: Mapping[str, ProviderClient],
        *,
        clock: Clock,
        people: People | None = None,
        administrators_every: timedelta = timedelta(minutes=15),
        administrators_grace: timedelta = timedelta(hours=1),
        alone: bool = False,
        turn: timedelta = timedelta(seconds=10),
        is_administrator: Callable[[Person], bool] = lambda person: ADMIN in person.roles,
    ) -> None:
        self._clients = dict(clients)
        self._clock = clock
        self._every = administrators_every
        self._grace = administrators_grace
        self._is_administrator = is_administrator
        self._turns = Turns(sessions, alone=alone, lasts=turn)
        self._renewal = Renewal(
            sessions,
            self._clients,
            clock=clock,
            give_back=self.give_back,
            people=people or People(clock=clock),
            turns=self._turns,
        )
        self._others = TokensOfOthers(self._clients, clock=clock)
        self._flights: Flights[Token] = Flights()
        self._given_back: Flights[None] = Flights()
        self._resting: dict[str, _Resting] = {}

    @override
    async def token_for(
        self, session_id: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        here = self._turns.here(session_id)
        session = await self._turns.session(session_id)
        scopes = spelled(self._clients.get(session.person.provider), scopes)
        return await self._token(session, here, scopes, force_refresh=force_refresh)

    @override
    async def on_behalf_of(self, token: str, provider: str, scopes: tuple[str, ...]) -> Token:
        return await self._others.on_behalf_of(token, provider, scopes)

    @override
    async def for_application(
        self, provider: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        return await self._others.for_application(provider, scopes, force_refresh=force_refresh)

    @override
    def give_back(self, session: Session) -> None:
        client = self._clients.get(session.person.provider)
        token = session.tokens.refresh
        if client is None or token is None or len(self._given_back) >= _MOST_GIVEN_BACK:
            return
        self._given_back.start((session.ref, token), lambda: hand_back(client, token))

    def undisturbed(self, session: Session) -> AbstractAsyncContextManager[Session]:
        """Have nobody renew *session* while it is handed on (see :meth:`Turns.undisturbed`)."""
        return self._turns.undisturbed(session)

    async def current(self, session: Session) -> Session:
        """Return the *session* that is used, with an administrator's roles read again if old.

        Where the provider does not answer, or wants the person, the session goes on as it is and
        the provider is asked again a minute later; one that the provider ended is refused. For how
        long its person stays an administrator then, :meth:`vouches` says.

        Raises:
            GrantRefused: the session has ended.
        """
        if not self._is_due(session):
            return session
        client = self._clients.get(session.person.provider)
        scopes = client.provider.scopes if client else ()
        here = self._turns.here(session.id)
        try:
            found = await self._turns.session(session.id)
            if self._is_due(found):
                async with asyncio.timeout(_WAITED_FOR):
                    await self._token(found, here, scopes, force_refresh=True)
            renewed = await self._turns.session(session.id)
        except GrantRefused:
            raise
        except (MainHubError, TimeoutError) as error:
            # What goes on does so; who waits for a page does not wait for a provider.
            self._rest(session, is_wanted=isinstance(error, StepUpNeeded))
            log.warning("signin.roles_not_read_again", caused_by=repr(error))
            return session
        if self._is_due(renewed):
            # It brought no id_token.
            self._rest(session)
        else:
            self._resting.pop(session.ref, None)
        return renewed

    def vouches(self, session: Session) -> bool:
        """Say whether the provider has said lately enough that somebody is an administrator.

        Not where that is older than it may become by a grace, as long as the provider does not
        answer or has no way to; and not while it wants the person themselves.
        """
        if not self._is_administrator(session.person):
            return True
        resting = self._resting.get(session.ref)
        if resting is not None and resting.is_wanted:
            return False
        return self._clock.now() - session.vouched_at < self._every + self._grace

    async def aclose(self) -> None:
        """Give grants under way a moment, so that rarely a rotated token is lost, then end them."""
        await asyncio.gather(
            self._flights.settle(_LAST_MOMENT),
            self._others.settle(_LAST_MOMENT),
            self._given_back.settle(_LAST_MOMENT),
        )
        for client in self._clients.values():
            await client.aclose()

    async def _token(
        self, session: Session, here: Here, scopes: tuple[str, ...], *, force_refresh: bool
    ) -> Token:
        key = scopes_key(scopes)
        known = session.tokens.access.get(key)
        refused = known.value if known is not None and force_refresh else None
        kept = good(known, self._clock.now(), unlike=refused)
        if kept is not None:
            return kept
        return await self._flights.join(
            (session.id, key, refused),
            lambda: self._renewal.renew(session, here, scopes, unlike=refused),
        )

    def _is_due(self, session: Session) -> bool:
        if not self._is_administrator(session.person) or session.unverified:
            return False
        if session.tokens.refresh is None:
            return False
        if self._clock.now() - session.vouched_at < self._every:
            return False
        resting = self._resting.get(session.ref)
        return resting is None or resting.until <= self._clock.monotonic()

    def _rest(self, session: Session, *, is_wanted: bool = False) -> None:
        if len(self._resting) >= _MOST_RESTING:
            self._resting.clear()
        self._resting[session.ref] = _Resting(self._clock.monotonic() + _REST, is_wanted)
