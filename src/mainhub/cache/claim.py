"""Being the one process that fills a key, for as long as that takes."""

import asyncio
import secrets
from datetime import timedelta
from typing import Final

from mainhub.cache.failures import CacheUnavailable
from mainhub.cache.flight import Own
from mainhub.cache.port import Claim, Level2
from mainhub.cache.reach import Reach
from mainhub.resilience import on_its_own

__all__ = ["FillClaim"]

_LEASE: Final = timedelta(seconds=3)
_RENEWED: Final = _LEASE.total_seconds() / 3
_AGAIN: Final = 0.1


class FillClaim:
    """The claim of one fill, which is renewed while it is held; *own* is given its tasks."""

    def __init__(self, level2: Level2, reach: Reach, key: str, own: Own) -> None:
        self._level2 = level2
        self._reach = reach
        self._key = key
        self._own = own
        self._owner = secrets.token_bytes(16)
        self._timer: asyncio.TimerHandle | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._is_held = False
        # Whether something was asked for that was not answered.
        self._is_doubtful = False

    async def ask(self) -> Claim:
        """Ask for the claim; hold it from now on if it is ours."""
        self._is_held = True
        try:
            claim = await self._reach.call(self._level2.claim, self._key, self._owner, _LEASE)
        except CacheUnavailable:
            self._is_doubtful = True
            raise
        self._is_held = claim.ours
        if claim.ours and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_RENEWED, self._begin)
        return claim

    async def fill(self, value: bytes, ttl: timedelta) -> bool:
        """Keep *value* if the claim is ours still, and let it go; return whether it was kept."""
        self.stop()
        try:
            kept = await self._reach.call(self._level2.fill, self._key, self._owner, value, ttl)
        except CacheUnavailable:
            self._is_doubtful = True
            raise
        self._is_held = False
        return kept

    async def end(self) -> None:
        """Let the next one try, if it is ours; if that cannot be told, it ends by itself."""
        self.stop()
        if not self._is_held:
            return
        self._is_held = False
        if self._is_doubtful:
            # Nobody here waits for a level 2 that has just failed, and nobody anywhere for a claim
            # that was granted without being heard of.
            self._own(on_its_own(self._let_go(), name="cache.claim"))
            return
        try:
            await self._reach.call(self._level2.give_up, self._key, self._owner)
        except CacheUnavailable:
            return

    def stop(self) -> None:
        """Renew no longer."""
        if self._timer is not None:
            self._timer.cancel()
        if self._renewing is not None:
            self._renewing.cancel()

    async def _let_go(self) -> None:
        """End the claim as soon as that can be told, while it may still be there."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _LEASE.total_seconds()
        while loop.time() < until:
            try:
                await self._reach.call(self._level2.give_up, self._key, self._owner)
            except CacheUnavailable:
                await asyncio.sleep(_AGAIN)
            else:
                return

    def _begin(self) -> None:
        self._renewing = on_its_own(self._renew(), name="cache.claim")

    async def _renew(self) -> None:
        while True:
            try:
                if not await self._reach.call(self._level2.keep, self._key, self._owner, _LEASE):
                    return
            except CacheUnavailable:
                pass
            await asyncio.sleep(_RENEWED)
