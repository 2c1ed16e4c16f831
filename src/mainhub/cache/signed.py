"""A second level that others can write to, and put nothing into: each value bears a signature."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from typing_extensions import override

from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.port import Claim, Coherence, Level2, LinkState, Listener

__all__ = ["SignedLevel2"]

_MARK: Final = 16
_LEAST: Final = 16
# Whatever is no value of ours: it reads as one of another make, is counted and deleted.
_NOTHING: Final = b"forged"


class SignedLevel2(Level2):
    """Keeps values in *level2* with a mark that binds them to their key.

    Who can write to the server, and has no secret, can take values away or put an older one of the
    same key back, as long as its time is not over; nothing else that they write is believed.

    Args:
        level2: where the values are.
        secrets: of at least 16 bytes each, newest first; the others are still believed.

    Raises:
        CacheArgumentInvalid: there is no secret, or a short one.
    """

    def __init__(self, level2: Level2, secrets: Sequence[bytes]) -> None:
        if not secrets or any(len(secret) < _LEAST for secret in secrets):
            raise CacheArgumentInvalid(f"give secrets of at least {_LEAST} random bytes each")
        self._level2 = level2
        # As long as the function takes, whatever the length of the secrets.
        self._keys = tuple(blake2b(secret, digest_size=64).digest() for secret in secrets)

    @override
    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        found = await self._level2.read(keys)
        return [self._opened(key, value) for key, value in zip(keys, found, strict=True)]

    @override
    async def write(self, values: Mapping[str, tuple[bytes, timedelta]]) -> None:
        await self._level2.write(
            {key: (self._signed(key, value), ttl) for key, (value, ttl) in values.items()}
        )

    @override
    async def delete(self, keys: Sequence[str]) -> int:
        return await self._level2.delete(keys)

    @override
    async def swap(self, key: str, old: bytes, new: bytes, ttl: timedelta) -> bool:
        signed = self._signed(key, new)
        for secret in self._keys:
            if await self._level2.swap(key, old + _mark(secret, key, old), signed, ttl):
                return True
        return False

    @override
    async def tokens(self, tags: Sequence[str]) -> list[bytes]:
        return await self._level2.tokens(tags)

    @override
    async def renew_tokens(self, tags: Sequence[str]) -> None:
        await self._level2.renew_tokens(tags)

    @override
    async def epoch(self) -> bytes:
        return await self._level2.epoch()

    @override
    async def claim(self, key: str, owner: bytes, ttl: timedelta) -> Claim:
        told = await self._level2.claim(key, owner, ttl)
        return Claim(told.ours, self._opened(key, told.found))

    @override
    async def keep(self, key: str, owner: bytes, ttl: timedelta) -> bool:
        return await self._level2.keep(key, owner, ttl)

    @override
    async def fill(self, key: str, owner: bytes, value: bytes, ttl: timedelta) -> bool:
        return await self._level2.fill(key, owner, self._signed(key, value), ttl)

    @override
    async def give_up(self, key: str, owner: bytes) -> None:
        await self._level2.give_up(key, owner)

    @override
    def waking(self, key: str) -> AbstractAsyncContextManager[asyncio.Event]:
        return self._level2.waking(key)

    @override
    def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        return self._level2.scan(pattern)

    @override
    def listen(self, listener: Listener) -> Callable[[], None]:
        return self._level2.listen(listener)

    @property
    @override
    def state(self) -> LinkState:
        return self._level2.state

    @property
    @override
    def coherence(self) -> Coherence:
        return self._level2.coherence

    @override
    async def size(self) -> int:
        return await self._level2.size()

    @override
    async def aclose(self) -> None:
        await self._level2.aclose()

    def _signed(self, key: str, value: bytes) -> bytes:
        return value + _mark(self._keys[0], key, value)

    def _opened(self, key: str, found: bytes | None) -> bytes | None:
        if found is None:
            return None
        value, mark = found[:-_MARK], found[-_MARK:]
        if any(hmac.compare_digest(_mark(secret, key, value), mark) for secret in self._keys):
            return value
        return _NOTHING


def _mark(secret: bytes, key: str, value: bytes) -> bytes:
    name = key.encode("utf-8", "surrogatepass")
    mark = blake2b(len(name).to_bytes(4, "big"), key=secret, digest_size=_MARK)
    mark.update(name)
    mark.update(value)
    return mark.digest()
