"""A hub, the simulated tenant that it trusts, and people who sign in there."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from mainhub.simulator import ACCOUNTS, TENANT_ID, Account, Registration
from mainhub.simulator.entra import entra_app
from signin.hostile_provider import CLIENT_ID, CLIENT_SECRET
from signin.served import ServedHub, hub_url, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

ADA, GRACE, LINUS, ALAN = ACCOUNTS


@dataclass(frozen=True)
class EntraWorld:
    """A served hub and the tenant at *entra_url*."""

    hub: ServedHub
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
async def entra_world(state: Path, *, clock: MovingClock) -> AsyncIterator[EntraWorld]:
    """Serve a tenant and a hub that is registered with it, both keeping time by *clock*."""
    opened, own = listener(), listener()
    registration = Registration(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uris=(f"{hub_url(own)}/auth/callback/entra",),
        post_logout_redirect_uris=(f"{hub_url(own)}/auth/signed-out",),
    )
    tenant = entra_app(
        base_url=address(opened),
        state=state / "entra",
        registration=registration,
        clock=clock.now,
    )
    identity = {
        "entra": {
            "kind": "entra",
            "tenant": TENANT_ID,
            "issuer": f"{address(opened)}/{TENANT_ID}/v2.0",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
    }
    settings = settings_of(own, state, identity=identity)
    async with serving(tenant, opened), serving_hub(settings, own, clock=clock) as hub:
        yield EntraWorld(hub, address(opened), state, identity, clock)
