"""A hub, the simulated tenant that it trusts, and people who sign in there."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from mainhub.simulator import ACCOUNTS, TENANT_ID, Account, Conduct, Registration
from mainhub.simulator.entra import entra_app
from signin.hostile_provider import CLIENT_ID, CLIENT_SECRET
from signin.served import ServedHub, hub_url, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

ADA, GRACE, LINUS, ALAN, *_ = ACCOUNTS


@dataclass(frozen=True)
class EntraWorld:
    """A served hub and the tenant at *entra_url*."""

    hub: ServedHub
    conduct: Conduct
    entra_url: str
    state: Path
    identity: Mapping[str, object]
    clock: MovingClock

    async def begin(self, browser: Browser, return_to: str = "/") -> Answer:
        """Start a sign-in at the hub."""
        query = f"return_to={quote(return_to, safe='')}"
        return await browser.get(f"{self.hub.url}/auth/login?{query}")

    async def arrive(self, browser: Browser, account: Account, start: Answer) -> str:
        """Pick *account* at the tenant and return the callback URL with its answer."""
        page = await browser.get(start.location)
        if page.status == 200:
            action = re.search(r'<form method="post" action="([^"]+)"', page.text)
            assert action is not None, page.text
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page.text)
            form = {name: unescape(value) for name, value in hidden} | {"account": account.oid}
            page = await browser.post(urljoin(page.url, unescape(action[1])), form)
        return page.location

    async def sign_in(
        self, browser: Browser, account: Account = LINUS, return_to: str = "/"
    ) -> Answer:
        """Return the hub's answer to the tenant's, having signed in *account*."""
        start = await self.begin(browser, return_to)
        assert start.status == 303, start.text
        return await browser.get(await self.arrive(browser, account, start))

    async def session(self, browser: Browser) -> Answer:
        """Ask the hub who is signed in."""
        return await browser.get(f"{self.hub.url}/auth/session")

    @asynccontextmanager
    async def another_hub(self) -> AsyncIterator[ServedHub]:
        """Compose and serve another hub over the same database, as after a restart.

        It has a port of its own, which cookies ignore.
        """
        on = listener()
        settings = settings_of(on, self.state, identity=self.identity)
        async with serving_hub(settings, on, clock=self.clock) as hub:
            yield hub


@asynccontextmanager
async def entra_world(
    state: Path,
    *,
    clock: MovingClock,
    realm: str = TENANT_ID,
    registered: Mapping[str, Any] | None = None,
    services: Mapping[str, object] | None = None,
    **more: object,
) -> AsyncIterator[EntraWorld]:
    """Serve a tenant and a hub that is registered with it, both keeping time by *clock*.

    People sign in at *realm*, of which ``op`` is a plain OpenID provider. *registered* is what else
    the provider knows of the hub; *more* is set beside the usual, or in its place (``None``: not).
    *services* stand behind the gateway.
    """
    opened, own = listener(), listener()
    registration = Registration(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uris=(f"{hub_url(own)}/auth/callback/entra",),
        post_logout_redirect_uris=(f"{hub_url(own)}/auth/signed-out",),
        frontchannel_logout_uri=f"{hub_url(own)}/auth/frontchannel/entra",
        **(registered or {}),
    )
    conduct = Conduct(state / "conduct.json", clock=clock.now)
    tenant = entra_app(
        base_url=address(opened),
        state=state / "entra",
        registration=registration,
        clock=clock.now,
        conduct=conduct,
    )
    told: dict[str, object] = {"kind": "oidc", "issuer": f"{address(opened)}/{realm}"}
    if realm != "op":
        told = {
            "kind": "entra",
            "tenant": realm,
            "issuer": f"{address(opened)}/{realm}/v2.0",
            "graph": f"{address(opened)}/graph",
        }
    told |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | more
    identity = {"entra": {key: value for key, value in told.items() if value is not None}}
    settings = settings_of(own, state, identity=identity, services=services)
    async with serving(tenant, opened), serving_hub(settings, own, clock=clock) as hub:
        yield EntraWorld(hub, conduct, address(opened), state, identity, clock)
