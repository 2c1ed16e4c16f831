"""Renewing a session's tokens with its refresh token: once, in all processes together."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mainhub.clock import Clock
from mainhub.identity import Person
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
)
from mainhub.signin.capabilities import renewal_form
from mainhub.signin.failures import (
    AnswerRefused,
    GuestRefused,
    KeyUnknown,
    ProviderDeclined,
    ProviderUnavailable,
)
from mainhub.signin.grant_failures import declined_grant, unavailable_grant
from mainhub.signin.groups import GRAPH_SCOPE
from mainhub.signin.kept_tokens import bounded, good
from mainhub.signin.people import People
from mainhub.signin.provider import ProviderClient
from mainhub.signin.token_answer import (
    access_tokens,
    bearer_token,
    identity_scopes,
    scopes_key,
    text,
)
from mainhub.signin.turns import Here, Turns, Waits, renewed_for_too_long
from mainhub.telemetry import get_logger

__all__ = ["Renewal"]

log = get_logger("signin")

_SAVES: Final = 3
_OVERTAKEN_MOST: Final = 3
_SESSIONS_MOST: Final = 100
_AGAIN = "Sign in again."
_LATER = "Try again in a moment."


class Renewal:
    """Uses a session's refresh token at its provider (RFC 6749, section 6).

    Providers rotate refresh tokens and take a used one for theft, so one renewal of a session goes
    on at a time: in this process by a lock, in all by a turn that the store gives for *turn* and
    that its holder keeps up, so that it ends by itself when the process dies. Whoever waits reads
    what the holder saved. The turn spares a grant; that nothing is overwritten, and nobody who
    signed out is brought back, is the generation's doing.

    Args:
        give_back: has the provider forget what it gave to a session that has ended meanwhile.
        people: says who a renewed session belongs to.
        turns: who renews which session when.
        settle: how long a token that the provider calls spent is given to be replaced by whoever
            else used it.
    """

    def __init__(
        self,
        sessions: SessionStore,
        clients: Mapping[str, ProviderClient],
        *,
        clock: Clock,
        give_back: Callable[[Session], None],
        people: People,
        turns: Turns,
        settle: timedelta = timedelta(seconds=1),
    ) -> None:
        self._sessions = sessions
        self._clients = clients
        self._clock = clock
        self._give_back = give_back
        self._people = people
        self._turns = turns
        self._settle = settle.total_seconds()

    async def renew(
        self, seen: Session, here: Here, scopes: tuple[str, ...], *, unlike: str | None
    ) -> Token:
        """Return a token for *scopes* other than *unlike*: what somebody brought, or a new one.

        *seen* is the session as it was loaded after *here* was taken.
        """
        async with here.lock:
            # Who had the turn before may have brought what we want, and rotated the token.
            found = seen if here.generation <= seen.generation else None
            return await self._renewed(seen.id, found, here, scopes, unlike)

    async def _renewed(
        self,
        session_id: str,
        found: Session | None,
        here: Here,
        scopes: tuple[str, ...],
        unlike: str | None,
    ) -> Token:
        owner, overtaken, waits = secrets.token_hex(16), 0, Waits()
        until = self._turns.until()
        while overtaken < _OVERTAKEN_MOST and asyncio.get_running_loop().time() < until:
            session = found or await self._turns.session(session_id)
            found = None
            kept = session.tokens.access.get(scopes_key(scopes))
            if good(kept, self._clock.now(), unlike=unlike) and kept is not None:
                return kept
            self._require_refresh_token(session)
            async with self._turns.taken(session, owner) as given:
                if given:
                    token = await self._granted(session, here, scopes)
                    if token is not None:
                        return token
                    overtaken += 1
                    continue
            # Somebody else's turn, or they have just saved: the next look tells.
            await waits.next(session.generation)
        raise renewed_for_too_long()

    def _require_refresh_token(self, session: Session) -> None:
        client = self._clients.get(session.person.provider)
        if client is not None and session.tokens.refresh is None:
            setting = f"identity.{client.provider.name}.scopes"
            raise GrantDeclined(
                f"{client.provider.title} gave no refresh token",
                remedy=f"Tell the operator: offline_access is missing in {setting}.",
            )

    async def _granted(self, session: Session, here: Here, scopes: tuple[str, ...]) -> Token | None:
        """Return a new token, saved; ``None`` if somebody else renewed the session meanwhile."""
        client = self._clients.get(session.person.provider)
        if client is None:
            # The operator took the provider away; nobody vouches for this person any more.
            await self._sessions.revoke(session.id, reason=EndReason.PROVIDER)
            raise GrantRefused("the session's provider is gone", remedy=_AGAIN)
        try:
            granted = await client.token(_form(session, client, scopes))
        except ProviderUnavailable as error:
            raise unavailable_grant(error) from error
        except ProviderDeclined as error:
            if not error.ends_session:
                raise declined_grant(error, client.provider.name) from error
            if await self._was_replaced(session):
                return None
            await self._end(session, error.code)
            raise GrantRefused(str(error), remedy=_AGAIN) from error
        return await self._keep(session, here, granted, scopes)

    async def _was_replaced(self, session: Session) -> bool:
        """Tell whether somebody else had used the refresh token, and has saved another.

        RFC 9700, section 4.14.2: one that was spent by nobody of ours was stolen, or revoked.
        """
        waits, loop = Waits(), asyncio.get_running_loop()
        until = loop.time() + self._settle
        while True:
            found = await self._turns.session(session.id)
            if found.unverified:
                # Nobody is signed out on the word of a store that does not answer.
                raise SessionStoreUnavailable("the sessions cannot be reached", remedy=_LATER)
            if found.tokens.refresh != session.tokens.refresh:
                return True
            if loop.time() >= until:
                return False
            await waits.next(found.generation)

    async def _end(self, session: Session, why: str) -> None:
        ended = await self._sessions.revoke_family(session, reason=EndReason.PROVIDER)
        log.warning(
            "signin.family_ended",
            error=why,
            provider=session.person.provider,
            sessions=[summary.ref for summary in ended],
        )

    async def _keep(
        self,
        session: Session,
        here: Here,
        granted: dict[str, object],
        scopes: tuple[str, ...],
    ) -> Token:
        # The old refresh token is spent: whatever else is wrong with the answer, the new one is
        # kept, or the next grant would look like theft and end the session.
        now = self._clock.now()
        refresh = text(granted, "refresh_token") or session.tokens.refresh
        held = bounded(session.tokens.access, None, now)
        renewed = replace(session, tokens=replace(session.tokens, refresh=refresh, access=held))
        try:
            renewed = await self._vouched(renewed, granted)
            fresh = self._fresh(granted, scopes)
            renewed = await self._grouped(renewed, fresh)
        except GrantRefused:
            raise
        except Exception:  # edge: whatever it was, the token before is spent
            await self._save(renewed, session, here)
            raise
        key = scopes_key(scopes)
        access = bounded(held | fresh, key, now)
        renewed = replace(renewed, tokens=replace(renewed.tokens, access=access))
        await self._save(renewed, session, here)
        return fresh[key]

    async def _save(self, renewed: Session, before: Session, here: Here) -> None:
        left = _SAVES
        while True:
            left -= 1
            try:
                saved = await self._sessions.save(renewed)
            except SessionStoreUnavailable:
                # The store waits by itself before it gives up; the old token is spent already.
                if not left:
                    log.warning("signin.rotated_token_lost", provider=renewed.person.provider)
                    raise
            except SessionGone as error:
                # Signed out meanwhile; a finished refresh never brings a session back.
                await self._part_with(renewed)
                raise GrantRefused("the session has ended", remedy=_AGAIN) from error
            except SessionChanged as error:
                now = await self._turns.session(renewed.id)
                if now.tokens.refresh != before.tokens.refresh:
                    # Somebody else used the same token and was first: theirs stays.
                    log.warning("signin.renewed_twice", provider=renewed.person.provider)
                    return
                if not left:
                    raise GrantUnavailable(
                        "the session is saved by others all the time", remedy=_LATER
                    ) from error
                renewed = _onto(now, renewed)
            else:
                here.generation = saved.generation
                return

    async def _part_with(self, ended: Session) -> None:
        """Give the refresh token of the *ended* session back, unless the person goes on elsewhere.

        With one token some providers take back all that they granted, also to the session that
        took the place of this one.
        """
        with suppress(SessionStoreUnavailable):
            going_on = await self._sessions.list(person_id=ended.person.id, limit=_SESSIONS_MOST)
            if all(other.person.provider != ended.person.provider for other in going_on):
                self._give_back(ended)

    def _fresh(self, granted: Mapping[str, object], scopes: tuple[str, ...]) -> dict[str, Token]:
        fresh = access_tokens(granted, asked=scopes, now=self._clock.now())
        if not fresh:
            raise GrantUnavailable("the provider granted no access token")
        return fresh

    async def _vouched(self, session: Session, granted: dict[str, object]) -> Session:
        """Return *session* with the roles of today (Pomerium CVE-2021-41230: claims go stale)."""
        if granted.get("id_token") is None:
            return session
        person = await self._person_now(session, granted)
        tokens = replace(session.tokens, vouched_at=self._clock.now())
        return replace(session, person=person, tokens=tokens)

    async def _person_now(self, session: Session, granted: dict[str, object]) -> Person:
        client = self._clients[session.person.provider]
        try:
            return await self._people.renewed(client, granted, session)
        except KeyUnknown as error:
            # The session is not vouched for by it, and does not end by it either.
            log.warning("signin.key_unknown", provider=client.provider.name)
            raise GrantUnavailable(str(error), remedy=error.remedy) from error
        except (AnswerRefused, GuestRefused) as error:
            await self._end(session, "id-token-refused")
            raise GrantRefused(str(error), remedy=_AGAIN) from error
        except ProviderUnavailable as error:
            raise unavailable_grant(error) from error

    async def _grouped(self, session: Session, fresh: Mapping[str, Token]) -> Session:
        """Return *session* with the groups that its person's token has no room for."""
        client = self._clients[session.person.provider]
        held, now = session.tokens, self._clock.now()

        async def for_graph() -> str | None:
            nonlocal held
            for key, token in (held.access | dict(fresh)).items():
                if GRAPH_SCOPE in key.split() and good(token, now):
                    return token.value
            # None of the kind is left: one more grant, with the refresh token that just came.
            asking = replace(session, tokens=held)
            granted = await client.token(_form(asking, client, (GRAPH_SCOPE,)))
            held = replace(held, refresh=text(granted, "refresh_token") or held.refresh)
            return bearer_token(granted)

        person = await self._people.grouped(client, session.person, for_graph)
        return replace(session, person=person, tokens=held)


def _form(session: Session, client: ProviderClient, scopes: tuple[str, ...]) -> dict[str, str]:
    """Return a request for new tokens of *session* (RFC 6749, section 6)."""
    known = session.tokens.identity
    # openid and profile bring a fresh id_token, and with it the roles of today.
    identity = identity_scopes(client.provider.scopes) if known is None else known
    return renewal_form(client.provider, session.tokens.refresh or "", identity, scopes)


def _onto(now: Session, renewed: Session) -> Session:
    """Return *now*, as somebody saved it meanwhile, with what was *renewed*."""
    access = now.tokens.access | renewed.tokens.access
    tokens = replace(
        now.tokens,
        refresh=renewed.tokens.refresh,
        access=access,
        vouched_at=renewed.tokens.vouched_at,
    )
    return replace(now, person=renewed.person, tokens=tokens)
