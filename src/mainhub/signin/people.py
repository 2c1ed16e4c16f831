"""From the answers of a provider to the person whom they are about, once all of it is checked."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mainhub.clock import Clock
from mainhub.errors import Invalid, MainHubError
from mainhub.identity import Person
from mainhub.outbound import Answer
from mainhub.sessions import Session
from mainhub.signin import id_token
from mainhub.signin.capabilities import renewal_form
from mainhub.signin.claimed import admitted, person_of
from mainhub.signin.failures import AnswerRefused
from mainhub.signin.groups import GRAPH_SCOPE, Groups
from mainhub.signin.provider import ProviderClient
from mainhub.signin.token_answer import bearer_token, identity_scopes, text
from mainhub.telemetry import get_logger

__all__ = ["Identified", "People"]

log = get_logger("signin")

# Who somebody is and what they may do comes from what is signed; this is how they are called.
_TOLD_LATER: Final = ("name", "email", "preferred_username")
# Core, section 5.4: the scopes that ask for them.
_ASKED_BY: Final = (("profile", "name"), ("email", "email"))
_JWT: Final = "application/jwt"


@dataclass(frozen=True, slots=True)
class Identified:
    """A person, the *claims* of the id_token that said so, and the *refresh* token left."""

    person: Person
    claims: Mapping[str, object]
    refresh: str | None = field(repr=False, default=None)


class People:
    """Identifies people by what their provider granted.

    Args:
        clock: the time by which tokens are judged.
        groups: asks for those that a token has no room for.
    """

    def __init__(self, *, clock: Clock, groups: Groups | None = None) -> None:
        self._clock = clock
        self._groups = groups or Groups()

    async def signed_in(
        self,
        client: ProviderClient,
        granted: Mapping[str, object],
        *,
        nonce: str,
        code: str,
        asked: tuple[str, ...],
    ) -> Identified:
        """Return who signed in, from what *code* was exchanged for; *asked* are the scopes.

        Raises:
            AnswerRefused: a check failed.
            GuestRefused: they are a guest, and guests may not.
            ProviderUnavailable: keys cannot be had.
        """
        claims = await id_token.validate(
            granted,
            provider=client.provider,
            keys=lambda newer: client.keys(reload=newer),
            nonce=nonce,
            now=self._clock.now(),
            code=code,
        )
        token = bearer_token(granted)
        claims = await self._named(client, claims, token, asked)
        person = admitted(person_of(claims, client.provider), client.provider)

        refresh = text(granted, "refresh_token")

        async def for_graph() -> str | None:
            nonlocal refresh
            if GRAPH_SCOPE in asked or refresh is None:
                return token if GRAPH_SCOPE in asked else None
            # The sign-in was for another API, as when somebody steps up.
            more = await client.token(_graph_form(client, refresh, asked))
            refresh = text(more, "refresh_token") or refresh
            return bearer_token(more)

        person = await self._groups.complete(client, person, for_graph)
        return Identified(person, claims, refresh)

    async def renewed(
        self, client: ProviderClient, granted: Mapping[str, object], session: Session
    ) -> Person:
        """Return who *session* belongs to, as its provider says today.

        Their groups may not be known yet.

        Raises:
            AnswerRefused: a check failed, or it is about somebody else.
            GuestRefused: they are a guest, and guests may not any more.
            ProviderUnavailable: keys cannot be had.
        """
        claims = await id_token.validate_renewed(
            granted,
            provider=client.provider,
            keys=lambda newer: client.keys(reload=newer),
            subject=session.tokens.subject,
            issuer=session.tokens.issuer,
            nonce=session.tokens.nonce,
            now=self._clock.now(),
        )
        person = admitted(person_of(claims, client.provider), client.provider)
        before = session.person
        if person.id != before.id:
            raise AnswerRefused("the provider renewed another person")
        if client.provider.kind == "entra":
            return person
        # What only the userinfo endpoint told at sign-in stays as it was.
        name = person.name if "name" in claims else before.name
        email = person.email if "email" in claims else before.email or person.email
        return replace(person, name=name, email=email)

    async def grouped(
        self, client: ProviderClient, person: Person, token: Callable[[], Awaitable[str | None]]
    ) -> Person:
        """Return *person* with all groups, if they can be had; *token* returns one for Graph."""
        return await self._groups.complete(client, person, token)

    async def _named(
        self,
        client: ProviderClient,
        claims: Mapping[str, object],
        token: str | None,
        asked: tuple[str, ...],
    ) -> Mapping[str, object]:
        """Return *claims* with what the userinfo endpoint tells of names, where none are signed.

        Only what was *asked* for is missed. What it tells of another subject is dropped (Core,
        section 5.3.2).
        """
        missed = any(scope in asked and name not in claims for scope, name in _ASKED_BY)
        if client.provider.kind == "entra" or token is None or not missed:
            return claims
        try:
            answer = await client.userinfo(token)
            told = {} if answer is None else await self._read(client, answer)
        except MainHubError as error:
            log.warning(
                "signin.userinfo_unknown", provider=client.provider.name, caused_by=str(error)
            )
            return claims
        if told and told.get("sub") != claims["sub"]:
            log.warning("signin.userinfo_refused", provider=client.provider.name)
            return claims
        more = {name: told[name] for name in _TOLD_LATER if isinstance(told.get(name), str)}
        return {**more, **claims}

    async def _read(self, client: ProviderClient, answer: Answer) -> Mapping[str, object]:
        if (answer.content_type or "").partition(";")[0].strip().lower() != _JWT:
            return answer.json()
        try:
            token = answer.body.decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise Invalid("the answer is no signed token") from error
        return await id_token.validate_userinfo(
            token,
            provider=client.provider,
            keys=lambda newer: client.keys(reload=newer),
            now=self._clock.now(),
        )


def _graph_form(client: ProviderClient, refresh: str, asked: tuple[str, ...]) -> dict[str, str]:
    return renewal_form(client.provider, refresh, identity_scopes(asked), (GRAPH_SCOPE,))
