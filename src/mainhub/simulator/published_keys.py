"""The signing keys that an issuer publishes, as a service of the company should follow them."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

log = logging.getLogger(__name__)

_RELOAD: Final = 3600.0
_RELOAD_FOR_UNKNOWN_KID: Final = 30.0
_STALE: Final = 24 * 3600.0
_LARGEST_DOCUMENT: Final = 256 * 1024


class KeysUnavailable(Exception):
    """The issuer did not answer and nothing recent enough is known of it."""


class _Unusable(Exception):
    """The issuer answered something that cannot be what it publishes."""


class PublishedKeys:
    """The keys of *issuer*, found by discovery and cached.

    Reloaded every hour, and for an unknown key at most once in 30 s. While the issuer is down the
    last answer serves on, for 24 h. *monotonic* counts seconds.
    """

    def __init__(
        self,
        issuer: str,
        client: aiohttp.ClientSession,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._client = client
        self._monotonic = monotonic
        self._keys: dict[str, RSAKey] = {}
        self._loaded_at: float | None = None
        self._tried_at: float | None = None
        self._sought_at: float | None = None
        """When an unknown key last made us load; the load before it was for another reason."""
        self._loading = asyncio.Lock()

    async def find(self, kid: str) -> RSAKey | None:
        """Return the key *kid*, or ``None`` if the issuer does not publish it.

        Raises:
            KeysUnavailable: neither the issuer nor a recent answer of its could be asked.
        """
        async with self._loading:
            if self._should_load(kid):
                await self._load()
        if self._loaded_at is None or self._monotonic() - self._loaded_at > _STALE:
            raise KeysUnavailable(self._issuer)
        return self._keys.get(kid)

    def _should_load(self, kid: str) -> bool:
        now = self._monotonic()
        if self._loaded_at is None:
            return True
        if kid not in self._keys and _rested(self._sought_at, now):
            self._sought_at = now
            return True
        return now - self._loaded_at >= _RELOAD and _rested(self._tried_at, now)

    async def _load(self) -> None:
        self._tried_at = self._monotonic()
        try:
            found = await self._fetch(f"{self._issuer}/.well-known/openid-configuration")
            published = await self._fetch(_keys_address(found, self._issuer))
            keys = _signing_keys(published)
        except (aiohttp.ClientError, TimeoutError, ValueError, _Unusable, JoseError) as error:
            log.warning("orders.keys_unavailable issuer=%s caused_by=%r", self._issuer, error)
            return
        self._keys = keys
        self._loaded_at = self._monotonic()

    async def _fetch(self, url: str) -> dict[str, object]:
        async with self._client.get(url, allow_redirects=False) as answer:
            if answer.status != HTTPStatus.OK:
                raise _Unusable(f"{url} answered {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_any():
                body += chunk
                if len(body) > _LARGEST_DOCUMENT:
                    raise _Unusable(f"{url} answered more than {_LARGEST_DOCUMENT} bytes")
        document = json.loads(body)
        if not isinstance(document, dict):
            raise _Unusable(f"{url} answered no object")
        return document


def _rested(since: float | None, now: float) -> bool:
    return since is None or now - since >= _RELOAD_FOR_UNKNOWN_KID


def _keys_address(configuration: dict[str, object], issuer: str) -> str:
    """Return where the keys are; the document must name the very issuer (Discovery 1.0, 4.3)."""
    if configuration.get("issuer") != issuer:
        raise _Unusable("the document names another issuer")
    return str(configuration.get("jwks_uri"))


def _signing_keys(published: dict[str, object]) -> dict[str, RSAKey]:
    """Return the RSA keys for signatures; other kinds are none of our business."""
    listed = published.get("keys")
    if not isinstance(listed, list):
        raise _Unusable("the key set has no list of keys")
    return {
        str(key["kid"]): RSAKey.import_key(key)
        for key in listed
        if isinstance(key, dict)
        and key.get("kty") == "RSA"
        and key.get("use", "sig") == "sig"
        and "kid" in key
    }
