"""Access tokens for APIs, granted to a session and kept in it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from typing_extensions import override

from mainhub.clock import Clock
from mainhub.identity import Person
from mainhub.resilience import on_its_own
from mainhub.sessions import (
    EndReason,
    GrantDeclined,
    GrantRefused,
    GrantUnavailable,
    Session,
    SessionChanged,
    SessionGone,
    SessionStore,
    SessionStoreUnavailable,
    Token,
    TokenGrants,
)
from mainhub.signin import id_token
from mainhub.signin.failures import AnswerRefused, ProviderDeclined, ProviderUnavailable
from mainhub.signin.provider import ProviderClient
from mainhub.signin.token_answer import access_tokens, identity_scopes, scopes_key, text
from mainhub.telemetry import get_logger

__all__ = ["ProviderGrants"]

log = get_logger("signin")

_CLIENT_ID: Final = "{client_id}"
_LAST_MOMENT: Final = 2.0
_SAVES: Final = 3
_TRIES: Final = 3
# How often, and how many seconds apart, the session is looked at before it ends.
_LOOKS: Final = 10
_LOOK_AGAIN: Final = 0.1
# RFC 6749, section 4.1.2.1.
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error"})
_LEAST_LEFT: Final = timedelta(seconds=60)


class ProviderGrants(TokenGrants):
    """Uses a session's refresh token at its provider (RFC 6749, section 6).

    One grant at a time per session, since providers rotate refresh tokens and take a used one for
    theft. A grant runs to its end even when every caller has gone: the rotated token must be saved.
    """

    def __init__(
        self, sessions: SessionStore, clients: Mapping[str, ProviderClient], *, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._clients = dict(clients)
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way: dict[tuple[str, str], asyncio.Task[Token]] = {}

    @override
    async def token_for(self, session_id: str, scopes: tuple[str, ...]) -> Token:
        session = await self._sessions.load(session_id)
        if session is None:
            raise GrantRefused("the session has ended", remedy="Sign in again.")
        scopes = self._spelled(session, scopes)
        kept = self._kept(session, scopes)
        if kept is not None:
            return kept
        _require_vouched(session)
        key = (session_id, scopes_key(scopes))
        task = self._under_way.get(key)
        if task is None:
            task = on_its_own(self._grant(session_id, scopes))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Give grants under way a moment, so that rarely a rotated token is lost, then end them."""
        under_way = list(self._under_way.values())
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_LAST_MOMENT)
            for task in late:
                task.cancel()
        for client in self._clients.values():
            await client.aclose()

    def _forget(self, key: tuple[str, str], task: asyncio.Task[Token]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            # Looked at, or asyncio would complain when every caller has gone.
            task.exception()

    def _spelled(self, session: Session, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Put the hub's client id at the session's provider where a scope leaves a place for it."""
        client = self._clients.get(session.person.provider)
        client_id = client.provider.client_id if client else ""
        return tuple(scope.replace(_CLIENT_ID, client_id) for scope in scopes)

    def _kept(self, session: Session, scopes: tuple[str, ...]) -> Token | None:
        token = session.tokens.access.get(scopes_key(scopes))
        if token is not None and token.expires_at - self._clock.now() > _LEAST_LEFT:
            return token
        return None

    async def _grant(self, session_id: str, scopes: tuple[str, ...]) -> Token:
        turn = self._turns.setdefault(session_id, asyncio.Lock())
        async with turn:
            # Whoever had the turn before may have brought what we want, and rotated the token.
            session = await self._sessions.load(session_id)
            for _ in range(_TRIES):
                if session is None:
                    raise GrantRefused("the session has ended", remedy="Sign in again.")
                kept = self._kept(session, scopes)
                if kept is not None:
                    return kept
                _require_vouched(session)
                try:
                    granted = await self._ask(session, scopes)
                except _Spent as spent:
                    session = await self._renewed_elsewhere(session, spent.declined)
                    continue
                return await self._keep(session, granted, scopes)
            raise GrantUnavailable("other processes renew the session again and again")

    async def _renewed_elsewhere(
        self, session: Session, declined: ProviderDeclined
    ) -> Session | None:
        """Return the session as another process has renewed it, or end it.

        A refresh token that is refused as spent was spent by somebody: by another process, which
        has saved the new one or is about to, or by a thief.
        """
        for _ in range(_LOOKS):
            found = await self._sessions.load(session.id)
            if found is None:
                return None
            _require_vouched(found)
            if found.tokens.refresh != session.tokens.refresh:
                return found
            await asyncio.sleep(_LOOK_AGAIN)
        await self._sessions.revoke(session.id, reason=EndReason.PROVIDER)
        raise GrantRefused(str(declined), remedy="Sign in again.") from declined

    async def _ask(self, session: Session, scopes: tuple[str, ...]) -> dict[str, object]:
        client = self._clients.get(session.person.provider)
        if client is None:
            # The operator took the provider away; nobody vouches for this person any more.
            await self._sessions.revoke(session.id, reason=EndReason.PROVIDER)
            raise GrantRefused("the session's provider is gone", remedy="Sign in again.")
        if session.tokens.refresh is None:
            setting = f"identity.{client.provider.name}.scopes"
            raise GrantDeclined(
                f"{client.provider.title} gave no refresh token",
                remedy=f"Tell the operator: offline_access is missing in {setting}.",
            )
        try:
            return await client.token(
                {
                    "grant_type": "refresh_token",
                    "refresh_token": session.tokens.refresh,
                    # openid and profile bring a fresh id_token, and with it the roles of today.
                    "scope": " ".join((*identity_scopes(client.provider.scopes), *scopes)),
                }
            )
        except ProviderUnavailable as error:
            raise GrantUnavailable(str(error), remedy=error.remedy) from error
        except ProviderDeclined as error:
            # Not named code: what bears that name is masked.
            log.warning("signin.grant_declined", error=error.code, provider=client.provider.name)
            if error.ends_session:
                raise _Spent(error) from error
            if error.code in _PASSING:
                raise GrantUnavailable(str(error), remedy="Try again in a moment.") from error
            raise GrantDeclined(
                str(error), remedy="Tell the operator: the provider refuses these scopes."
            ) from error

    async def _keep(
        self, session: Session, granted: dict[str, object], scopes: tuple[str, ...]
    ) -> Token:
        # The old refresh token is spent: whatever else is wrong with the answer, the new one is
        # kept, or the next grant would look like theft and end the session.
        refresh = text(granted, "refresh_token") or session.tokens.refresh
        living = _living(session.tokens.access, self._clock)
        renewed = replace(session, tokens=replace(session.tokens, refresh=refresh, access=living))
        try:
            person = await self._person_now(session, granted)
            fresh = self._access_tokens(granted, scopes)
        except GrantUnavailable:
            await self._save(renewed)
            raise
        tokens = replace(renewed.tokens, access=living | fresh)
        await self._save(replace(renewed, person=person, tokens=tokens))
        return fresh[scopes_key(scopes)]

    def _access_tokens(
        self, granted: dict[str, object], scopes: tuple[str, ...]
    ) -> dict[str, Token]:
        fresh = access_tokens(granted, asked=scopes, now=self._clock.now())
        if not fresh:
            raise GrantUnavailable("the provider granted no access token")
        return fresh

    async def _save(self, session: Session) -> None:
        for left in reversed(range(_SAVES)):
            try:
                await self._sessions.save(session)
            except SessionStoreUnavailable:
                # The store waits by itself before it gives up; the old token is spent already.
                if not left:
                    log.warning("signin.rotated_token_lost", provider=session.person.provider)
                    raise
            except SessionGone as error:
                # Signed out meanwhile; a finished refresh never brings a session back.
                raise GrantRefused("the session has ended", remedy="Sign in again.") from error
            except SessionChanged as error:
                raise GrantUnavailable("another process renewed the session at once") from error
            else:
                return

    async def _person_now(self, session: Session, granted: dict[str, object]) -> Person:
        """Return the person with the roles of today (Pomerium CVE-2021-41230: claims go stale)."""
        if "id_token" not in granted:
            return session.person
        client = self._clients[session.person.provider]
        try:
            claims = await id_token.validate(
                granted,
                provider=client.provider,
                keys=lambda newer: client.keys(reload=newer),
                nonce=None,
                now=self._clock.now(),
            )
            person = id_token.person_of(claims, client.provider)
        except AnswerRefused as error:
            await self._sessions.revoke(session.id, reason=EndReason.PROVIDER)
            raise GrantRefused(str(error), remedy="Sign in again.") from error
        except ProviderUnavailable as error:
            raise GrantUnavailable(str(error), remedy=error.remedy) from error
        if person.id != session.person.id:
            await self._sessions.revoke(session.id, reason=EndReason.PROVIDER)
            raise GrantRefused("the provider renewed another person", remedy="Sign in again.")
        return person


class _Spent(Exception):
    """The provider says that the refresh token has been used, or is worth nothing any more."""

    def __init__(self, declined: ProviderDeclined) -> None:
        super().__init__(str(declined))
        self.declined = declined


def _require_vouched(session: Session) -> None:
    """Raise unless the store vouches for *session* now: what is renewed must be saved there."""
    if session.unverified:
        raise GrantUnavailable(
            "what keeps the sessions does not answer", remedy="Try again in a moment."
        )


def _living(tokens: Mapping[str, Token], clock: Clock) -> dict[str, Token]:
    now = clock.now()
    return {scopes: token for scopes, token in tokens.items() if token.expires_at > now}
