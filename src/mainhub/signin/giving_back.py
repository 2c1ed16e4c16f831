"""Having a provider forget a refresh token (RFC 7009) that nobody needs any more."""

import asyncio
from typing import Final

from mainhub.errors import MainHubError
from mainhub.signin.provider import ProviderClient
from mainhub.telemetry import get_logger

__all__ = ["hand_back"]

log = get_logger("signin")

_PATIENCE: Final = 3.0


async def hand_back(client: ProviderClient, token: str) -> None:
    """Tell *client*'s provider, where it can be told, within three seconds; it may go wrong."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await client.revoke(token, "refresh_token")
    except (MainHubError, OSError) as error:
        # Whoever signed out has done so, whatever the provider makes of it.
        log.info(
            "signin.token_not_given_back",
            provider=client.provider.name,
            caused_by=repr(error),
        )
