"""The token with which a service is called for somebody, and one more where it is not accepted."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

from mainhub.gateway.answer import Refusal
from mainhub.gateway.service import Service
from mainhub.sessions import (
    GrantDeclined,
    GrantRefused,
    GrantUnavailable,
    StepUpNeeded,
    Token,
    TokenGrants,
)
from mainhub.telemetry import get_logger
from mainhub.web import Caller, problems

__all__ = ["ServiceTokens"]

log = get_logger("gateway")

# A service that accepts nothing must not have the provider asked with every call.
_ONCE_IN: Final = timedelta(minutes=1)
_MOST: Final = 10_000


class ServiceTokens:
    """Asks *grants* for tokens, and tells in a problem why there is none.

    Args:
        grants: what they come from.
        now: a clock that never goes back, in seconds.
    """

    def __init__(self, grants: TokenGrants, *, now: Callable[[], float] = time.monotonic) -> None:
        self._grants = grants
        self._now = now
        self._renewed: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def token(
        self, caller: Caller, service: Service, *, force_refresh: bool = False
    ) -> str | None:
        """Return a token of *caller*'s for *service*; ``None`` if that takes none.

        Raises:
            Refusal: there is none; the problem says why, and what helps.
        """
        if not service.scopes:
            return None
        try:
            token = await self._granted(caller, service, force_refresh=force_refresh)
        except GrantRefused as error:
            log.info("gateway.token_refused", service=service.name, caused_by=repr(error))
            if caller.bearer is None:
                raise Refusal(problems.not_signed_in()) from error
            refusal = problems.bearer_refused("The identity provider takes it no more.")
            raise Refusal(refusal) from error
        except StepUpNeeded as error:
            log.info("gateway.step_up_needed", service=service.name, caused_by=repr(error))
            refusal = problems.step_up_needed(service.name, error.claims, service.scopes)
            raise Refusal(refusal) from error
        except GrantDeclined as error:
            log.warning("gateway.token_declined", service=service.name, caused_by=repr(error))
            refusal = problems.token_declined(service.name, str(error), remedy=error.remedy)
            raise Refusal(refusal) from error
        except GrantUnavailable as error:
            log.warning("gateway.token_unavailable", service=service.name, caused_by=repr(error))
            raise Refusal(problems.provider_unavailable(caller.person.provider)) from error
        return token.value

    async def _granted(self, caller: Caller, service: Service, *, force_refresh: bool) -> Token:
        provider = caller.person.provider
        if caller.session_id is not None:
            return await self._grants.token_for(
                caller.session_id, service.scopes, force_refresh=force_refresh
            )
        if caller.application is not None:
            # Nobody stands behind it on whose behalf it could be.
            return await self._grants.for_application(
                provider, _of_resources(service.scopes), force_refresh=force_refresh
            )
        if caller.bearer is None:
            raise GrantRefused("nobody vouches for the caller")
        return await self._grants.on_behalf_of(caller.bearer, provider, service.scopes)

    async def another(self, caller: Caller, service: Service, refused: str | None) -> str | None:
        """Return a newer token than the one that *service* has *refused*, if there may be one.

        A service may stop believing in a token before its time: its keys or the person's rights
        have changed, say. That is tried once in a minute for each session and service, and for
        each of the hub's own tokens; all calls that were refused go on with what it brings.

        Raises:
            Refusal: as of :meth:`token`.
        """
        whose = _whose(caller)
        if whose is None or refused is None:
            # A person's program that calls with a token brings a newer one by itself.
            return None
        key = (whose, service.name)
        async with self._turns.setdefault(key, asyncio.Lock()):
            newer = await self.token(caller, service)
            if newer == refused and self._is_due(key):
                log.info("gateway.token_renewed", service=service.name)
                newer = await self.token(caller, service, force_refresh=True)
        return None if newer == refused else newer

    def _is_due(self, key: tuple[str, str]) -> bool:
        """Say whether it is a minute since a newer token was asked for, and note that it is now."""
        now, before = self._now(), self._renewed.get(key)
        if before is not None and now - before < _ONCE_IN.total_seconds():
            return False
        self._renewed[key] = now
        self._renewed.move_to_end(key)
        while len(self._renewed) > _MOST:
            self._renewed.popitem(last=False)
        return True


def _whose(caller: Caller) -> str | None:
    """Return whose token a service is called with, if that can be renewed."""
    if caller.session_ref is None and caller.application is not None:
        # The hub's own: the same for all programs of a provider.
        return f"application {caller.person.provider}"
    return caller.session_ref


def _of_resources(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a program asks for in the place of *scopes*: all that it has at their APIs.

    Entra knows no other scope where nobody signs in (``RESOURCE/.default``); one that names no API
    is left as it is.
    """
    resources = (scope.rpartition("/")[0] for scope in scopes)
    found = (f"{resource}/.default" for resource in resources if "//" in resource)
    return tuple(dict.fromkeys(found)) or scopes
