"""Groups that a token has no room for, asked of Microsoft Graph and believed for ten minutes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mainhub.cache import Cache
from mainhub.errors import MainHubError
from mainhub.identity import Person
from mainhub.signin.claimed import names
from mainhub.signin.provider import ProviderClient
from mainhub.telemetry import get_logger

__all__ = ["GRAPH_SCOPE", "Groups"]

log = get_logger("signin")

GRAPH_SCOPE: Final = "User.Read"
"""What a token must be for, if Graph is to tell its person's groups."""
_BELIEVED: Final = timedelta(minutes=10)


class Groups:
    """Completes people whose token says that there are more groups than it can name.

    Args:
        cache: what was told is kept there; ``None``: nowhere.
    """

    def __init__(self, cache: Cache | None = None) -> None:
        self._kept = None if cache is None else cache.region("signin-groups", ttl=_BELIEVED)

    async def complete(
        self, client: ProviderClient, person: Person, token: Callable[[], Awaitable[str | None]]
    ) -> Person:
        """Return *person* with all groups, or as they are where those cannot be had.

        Then ``groups_known`` stays false, and nothing is granted by group; that is no reason not to
        be signed in.

        Args:
            client: speaks to the person's provider.
            person: whose groups are wanted.
            token: returns a token for Graph; asked only if nobody asked lately.
        """
        if person.groups_known or not client.provider.graph:
            return person
        key = f"{person.provider}:{person.id}"
        try:
            found = None if self._kept is None else await self._kept.get(key, None)
            if found is None:
                value = await token()
                if value is None:
                    return person
                found = list(names(list(await client.groups(value))))
                if self._kept is not None:
                    await self._kept.set(key, found)
        except MainHubError as error:
            log.warning("signin.groups_unknown", provider=person.provider, caused_by=str(error))
            return person
        return replace(person, groups=tuple(found), groups_known=True)
