"""Tokens that no session has: on behalf of who calls with one, and of the hub itself."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import orjson

from mainhub.clock import Clock
from mainhub.sessions import GrantDeclined, GrantRefused, GrantUnavailable, Token
from mainhub.signin.capabilities import with_capabilities
from mainhub.signin.failures import ProviderDeclined, ProviderUnavailable
from mainhub.signin.flights import Flights
from mainhub.signin.grant_failures import declined_grant, unavailable_grant
from mainhub.signin.kept_tokens import KeptTokens
from mainhub.signin.provider import ProviderClient
from mainhub.signin.token_answer import access_tokens, scopes_key

__all__ = ["TokensOfOthers"]

_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LONGEST: Final = 32 * 1024


class TokensOfOthers:
    """Asks *clients* for them, each once at a time, and keeps them in this process.

    A token that was exchanged for another is kept under its hash and no longer than that one lives.
    """

    def __init__(self, clients: Mapping[str, ProviderClient], *, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._flights: Flights[Token] = Flights()
        self._exchanged = KeptTokens(clock=clock)
        self._own = KeptTokens(clock=clock, most=200, most_bytes=2 * 1024 * 1024)

    async def on_behalf_of(self, token: str, provider: str, scopes: tuple[str, ...]) -> Token:
        """Exchange *token* (Entra's on-behalf-of flow: RFC 7523 with ``requested_token_use``)."""
        if len(token) > _LONGEST:
            raise GrantRefused("the caller's token is too long")
        client = self._client(provider)
        scopes = spelled(client, scopes)
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        key = (provider, digest, scopes_key(scopes))
        form = {
            "grant_type": _JWT_BEARER,
            "assertion": token,
            "requested_token_use": "on_behalf_of",
            "scope": " ".join(scopes),
        }
        kept = self._exchanged.get(key)
        if kept is not None:
            return kept
        return await self._flights.join(
            key, lambda: self._exchange(key, client, form, end=_end_of(token))
        )

    async def for_application(
        self, provider: str, scopes: tuple[str, ...], *, force_refresh: bool = False
    ) -> Token:
        """Ask for a token of the hub itself (RFC 6749, section 4.4)."""
        client = self._client(provider)
        scopes = spelled(client, scopes)
        key = (provider, scopes_key(scopes))
        kept = self._own.get(key)
        if kept is not None and not force_refresh:
            return kept
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        return await self._flights.join(key, lambda: self._bring(key, client, form))

    async def settle(self, within: float) -> None:
        """Give what is under way some seconds, then end it."""
        await self._flights.settle(within)

    async def _exchange(
        self,
        key: tuple[str, bytes, str],
        client: ProviderClient,
        form: dict[str, str],
        *,
        end: datetime | None,
    ) -> Token:
        try:
            token = await self._granted(client, form)
        except ProviderDeclined as error:
            if error.ends_session:
                raise GrantRefused(str(error), remedy="Call with a newer token.") from error
            raise declined_grant(error, client.provider.name) from error
        if end is not None:
            token = replace(token, expires_at=min(end, token.expires_at))
        self._exchanged.keep(key, token)
        return token

    async def _bring(
        self, key: tuple[str, str], client: ProviderClient, form: dict[str, str]
    ) -> Token:
        try:
            token = await self._granted(client, form)
        except ProviderDeclined as error:
            raise declined_grant(error, client.provider.name) from error
        self._own.keep(key, token)
        return token

    async def _granted(self, client: ProviderClient, form: dict[str, str]) -> Token:
        try:
            claims = with_capabilities(client.provider, None)
            granted = await client.token(form | ({"claims": claims} if claims else {}))
        except ProviderUnavailable as error:
            raise unavailable_grant(error) from error
        asked = form["scope"].split()
        fresh = access_tokens(granted, asked=asked, now=self._clock.now())
        if not fresh:
            raise GrantUnavailable("the provider granted no access token")
        return fresh[scopes_key(asked)]

    def _client(self, provider: str) -> ProviderClient:
        client = self._clients.get(provider)
        if client is None:
            raise GrantDeclined("no identity provider has that name")
        return client


def spelled(client: ProviderClient | None, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Put the hub's client id at its provider where a scope leaves a place for it."""
    client_id = client.provider.client_id if client else ""
    return tuple(scope.replace("{client_id}", client_id) for scope in scopes)


def _end_of(token: str) -> datetime | None:
    """Return when *token* says that it ends, if it is a JWT; whether it is true was checked."""
    parts = token.split(".")
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, KeyError, OverflowError, OSError, TypeError, ValueError):
        return None
