"""A hub that trusts many issuers, and sign-ins with them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signin.hostile_provider import Defect, Issuer, hostile_app
from signin.served import ServedHub, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

    from mainhub.clock import Clock
    from signin.browser import Answer, Browser


@dataclass(frozen=True)
class HostileWorld:
    """A served hub and its issuers, by the name of their defect."""

    hub: ServedHub
    issuers: Mapping[str, Issuer]

    async def begin(self, browser: Browser, name: str, return_to: str = "/") -> Answer:
        """Ask the hub to start a sign-in with the issuer of the defect *name*."""
        provider = self.issuers[name].name
        return await browser.get(f"{self.hub.url}/auth/login?idp={provider}&return_to={return_to}")

    async def arrive(self, browser: Browser, name: str) -> str:
        """Return the callback URL to which the issuer sends the browser."""
        start = await self.begin(browser, name)
        assert start.status == 303, start.text
        return (await browser.get(start.location)).location

    async def sign_in(self, browser: Browser, name: str) -> Answer:
        """Return the hub's answer to the issuer's."""
        return await browser.get(await self.arrive(browser, name))


@asynccontextmanager
async def hostile_world(
    defects: Iterable[Defect],
    state: Path,
    *,
    clock: Clock,
    services: Mapping[str, object] | None = None,
) -> AsyncIterator[HostileWorld]:
    """Serve a provider with *defects*, and a hub that trusts all its issuers."""
    opened, own = listener(), listener()
    issuers = {
        defect.name: Issuer(address(opened), f"c{number:03}", defect)
        for number, defect in enumerate(defects)
    }
    by_path = {issuer.name: issuer for issuer in issuers.values()}
    identity = {issuer.name: issuer.settings() for issuer in issuers.values()}
    settings = settings_of(own, state, identity=identity, services=services)
    async with (
        serving(hostile_app(by_path), opened),
        serving_hub(settings, own, clock=clock) as hub,
    ):
        yield HostileWorld(hub, issuers)
