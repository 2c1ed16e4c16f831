"""Ends of sessions that the provider tells of: on the back channel, and on the front channel.

OpenID Connect Back-Channel Logout 1.0 and Front-Channel Logout 1.0. Neither brings a cookie: the
first a token that the provider signed, the second the issuer and its name for the session.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from mainhub.clock import Clock
from mainhub.sessions import EndReason, SessionStore, SessionSummary
from mainhub.signin import id_token
from mainhub.signin.failures import AnswerRefused
from mainhub.signin.relying_party import RelyingParty, SignedIn
from mainhub.signin.trusted import Provider
from mainhub.signin.used_once import UsedOnce

__all__ = ["ProviderLogout"]

# Longer than any logout token is believed.
_REMEMBERED: Final = timedelta(hours=1)
# Longer than anybody who has come back waits for a session.
_UNDER_WAY: Final = timedelta(minutes=15)
_LONGEST_SID: Final = 255


class ProviderLogout:
    """Ends in *sessions* what a provider of *party* says has ended."""

    def __init__(
        self, *, party: RelyingParty, sessions: SessionStore, used: UsedOnce, clock: Clock
    ) -> None:
        self._party = party
        self._sessions = sessions
        self._used = used
        self._clock = clock

    async def by_token(self, name: str, token: str) -> Sequence[SessionSummary]:
        """End what the logout *token* of provider *name* says, once, and return what that was.

        With a ``sid`` that is one session of the provider's; with ``sub`` alone, all of a person.

        Raises:
            UnknownProvider: there is none of that name.
            AnswerRefused: a check failed, or the token was used before; nothing has ended.
            ProviderUnavailable: its keys cannot be had.
            Unavailable: sessions or what was used cannot be asked; the token may come again.
        """
        client = self._party.client(name)
        said = await id_token.validate_logout_token(
            token,
            provider=client.provider,
            keys=lambda newer: client.keys(reload=newer),
            now=self._clock.now(),
        )
        once = f"logout {client.provider.name} {said.iss} {said.jti}"
        if await self._used.is_used(once):
            raise AnswerRefused("the logout token was used before")
        person = None if said.sid is not None else _person_id(client.provider, said.sub)
        # First, so that a sign-in under way sees it where its session is not to be seen yet.
        until = self._clock.now() + _UNDER_WAY
        await self._used.remember_until(_ends(name, said.sid, person), until)
        if said.sid is not None:
            ended = await self._end(name, said.sid)
        else:
            ended = await self._sessions.revoke_person(str(person), reason=EndReason.PROVIDER)
        # Noted when it is done: what failed halfway may be asked for again.
        await self._used.remember(once, for_long=_REMEMBERED)
        return ended

    async def has_ended(self, done: SignedIn) -> bool:
        """Tell whether the provider has ended, since *done* came back from it, what that has begun.

        To be asked when the session is there: what is said from then on finds it.

        Raises:
            Unavailable: it cannot be told.
        """
        name = done.person.provider
        for end in (*_ends(name, done.tokens.sid, None), *_ends(name, None, done.person.id)):
            until = await self._used.until(end)
            if until is not None and until - _UNDER_WAY >= done.came_at:
                return True
        return False

    async def by_name(self, name: str, *, issuer: str, sid: str) -> Sequence[SessionSummary]:
        """End the session that *issuer* calls *sid*; there may be none.

        Raises:
            UnknownProvider: there is none of that name.
            AnswerRefused: *issuer* is not that provider's, or *sid* is none.
            Unavailable: sessions cannot be asked.
        """
        if issuer not in self._party.client(name).provider.issuers:
            raise AnswerRefused("the sign-out comes from another issuer")
        if not 0 < len(sid) <= _LONGEST_SID or not sid.isprintable():
            raise AnswerRefused("the sign-out names no session")
        return await self._end(name, sid)

    async def _end(self, name: str, sid: str) -> Sequence[SessionSummary]:
        return await self._sessions.revoke_provider_session(name, sid, reason=EndReason.PROVIDER)


def _ends(provider: str, sid: str | None, person: str | None) -> Iterator[str]:
    if sid is not None:
        yield f"ended {provider} sid {sid}"
    if person is not None:
        yield f"ended {provider} person {person}"


def _person_id(provider: Provider, subject: str | None) -> str:
    if provider.kind == "entra" or subject is None:
        # Entra's sub is another one for each application, and no person is known by it.
        raise AnswerRefused("the logout token names no session")
    return f"{provider.issuer}|{subject}"
