"""Back-channel logout: the provider tells the application that a session is over (OIDC).

Entra itself has none; the plain OpenID provider does it at every sign-out, the tenant on request.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import aiohttp

from mainhub.simulator.accounts import Account
from mainhub.simulator.claims import pairwise_subject
from mainhub.simulator.tenant import Tenant

_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
_LIFETIME: Final = 120


@dataclass(frozen=True, slots=True)
class BackChannel:
    """Tells the application of *tenant*."""

    tenant: Tenant

    def logout_token(self, account: Account, *, sid: str, realm: str) -> str:
        """Return a logout token for the session *sid* of *account* (Back-Channel Logout, 2.4)."""
        now, client_id = self.tenant.now(), self.tenant.registration.client_id
        claims: dict[str, object] = {
            "iss": self.tenant.realm(realm).issuer_for(account),
            "aud": client_id,
            "sub": pairwise_subject(account.oid, client_id),
            "sid": sid,
            "iat": now,
            "exp": now + _LIFETIME,
            "jti": str(uuid4()),
            "events": {_EVENT: {}},
        }
        return self.tenant.keys.sign(claims, typ="logout+jwt")

    async def tell(self, account: Account, *, sid: str, realm: str) -> str | None:
        """Send a logout token; return the status of the answer, or what prevented one.

        ``None`` if the application registered no address for it.
        """
        uri = self.tenant.registration.backchannel_logout_uri
        if uri is None:
            return None
        form = {"logout_token": self.logout_token(account, sid=sid, realm=realm)}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as client,
                client.post(uri, data=form, allow_redirects=False) as answer,
            ):
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    async def tell_all(self, account: Account, *, sid: str | None = None) -> list[str]:
        """Tell of every session in which *account* used the application, or only of *sid*."""
        used = [
            one for one in self.tenant.grants.used_at(account.oid) if sid is None or one[0] == sid
        ]
        told = await asyncio.gather(
            *(self.tell(account, sid=one, realm=realm) for one, realm in sorted(used))
        )
        return [status for status in told if status is not None]
