"""Who calls with an access token of one of the providers."""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

import orjson

from mainhub.clock import Clock
from mainhub.signin.access_token import is_meant_for, read_access_token
from mainhub.signin.failures import AnswerRefused, GuestRefused
from mainhub.signin.provider import ProviderClient
from mainhub.telemetry import get_logger
from mainhub.web import BearerRefused, Caller, ScopeMissing

__all__ = ["Bearers"]

log = get_logger("signin")

# For so long a provider's keys, and a person's roles, may have changed without us knowing.
_KEPT: Final = 60.0
_MOST: Final = 10_000
_PARTS: Final = 3


class Bearers:
    """Checks access tokens by what *clients* (by provider name) know of their providers.

    What was found is kept under the token's hash, for a minute and no longer than the token lives.
    What was refused is not: the next request may come after the provider's keys have changed.
    """

    def __init__(self, clients: Mapping[str, ProviderClient], *, clock: Clock) -> None:
        self._clients = tuple(clients.values())
        self._clock = clock
        self._kept: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def caller(self, token: str) -> Caller:
        """Return who calls with *token*.

        Raises:
            BearerRefused: it proves nothing.
            ScopeMissing: it is genuine, and gives no access to the hub.
            ProviderUnavailable: the keys of its provider cannot be had.
        """
        digest = hashlib.sha256(token.encode("ascii", "replace")).digest()
        kept = self._kept.get(digest)
        if kept is not None:
            until, caller = kept
            if self._clock.monotonic() < until:
                return caller
            del self._kept[digest]
        caller = await self._checked(token)
        left = (caller.expires_at - self._clock.now()).total_seconds()
        if left > 0:
            self._kept[digest] = (self._clock.monotonic() + min(_KEPT, left), caller)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return caller

    async def _checked(self, token: str) -> Caller:
        client = self._of(token)
        if client is None:
            raise BearerRefused(
                "The access token is none of a provider of this hub's, or is for another API."
            )
        name = client.provider.name
        try:
            found = await read_access_token(
                token,
                provider=client.provider,
                keys=lambda newer: client.keys(reload=newer),
                now=self._clock.now(),
            )
        except AnswerRefused as error:
            log.info("bearer.refused", provider=name, caused_by=str(error))
            told = str(error).replace("id_token", "access token")
            raise BearerRefused(f"{told[:1].upper()}{told[1:]}.") from error
        except GuestRefused as error:
            log.info("bearer.refused", provider=name, caused_by="a guest")
            raise BearerRefused("The access token is a guest's.", remedy=error.remedy) from error
        except ScopeMissing as error:
            log.info("bearer.refused", provider=name, caused_by=str(error))
            raise
        return Caller(
            person=found.person,
            session_id=None,
            session_ref=None,
            expires_at=found.expires_at,
            idle_expires_at=found.expires_at,
            bearer=token,
            application=found.application,
        )

    def _of(self, token: str) -> ProviderClient | None:
        """Return whose *token* claims to be; of what it claims nothing is believed by that."""
        parts = token.split(".")
        if len(parts) != _PARTS:
            return None
        try:
            claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        except ValueError:
            return None
        if not isinstance(claims, dict):
            return None
        meant = (client for client in self._clients if is_meant_for(client.provider, claims))
        return next(meant, None)
