"""The small provider of PyPI, run by the tests: started, registered with, ended by process id."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import aiohttp
import orjson

from house.isolation import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Answer, Browser

__all__ = ["Mock", "serving_mock"]

PATIENCE = 60.0
PEOPLE = (
    {"sub": "ada", "name": "Ada Lovelace", "email": "ada@example.com", "roles": ["Admin"]},
    {"sub": "linus", "name": "Linus Pauling", "email": "linus@example.com"},
)


@dataclass(frozen=True)
class Mock:
    """A provider that runs at *issuer*, and what it calls the hub."""

    issuer: str
    client_id: str
    client_secret: str

    async def answer(self, browser: Browser, start: Answer, **form: str) -> str:
        """Fill in its page, and return where it sends the browser back to."""
        page = await browser.get(start.location)
        assert page.status == 200, page.text
        return (await browser.post(page.url, form)).location

    async def leave(self, browser: Browser, location: str) -> str:
        """Confirm that the browser signs out, and return where it is sent back to."""
        page = await browser.get(location)
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        there = re.search(r'name="redirect_uri" value="([^"]+)"', page.text)
        assert action is not None, page.text
        assert there is not None, page.text
        form = {"redirect_uri": unescape(there[1])}
        return (await browser.post(urljoin(page.url, action[1]), form)).location

    async def revoke(self, sub: str) -> None:
        """Have it forget all tokens of *sub*."""
        url = f"{self.issuer}/users/{sub}/revoke-tokens"
        async with aiohttp.ClientSession() as http, http.post(url) as answer:
            assert answer.status == 204


@asynccontextmanager
async def serving_mock(hub: str, *, method: str) -> AsyncIterator[Mock]:
    """Run one, and register the hub at the origin *hub* to prove itself by *method*."""
    port = free_ports(1)
    people = [word for one in PEOPLE for word in ("--user-claims", orjson.dumps(one).decode())]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", "oidc_provider_mock"),
        *("--port", str(port), "--require-registration", "true", "--require-nonce", "true"),
        *people,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    issuer = f"http://127.0.0.1:{port}"
    try:
        told = await _registered(issuer, hub, method, process)
        yield Mock(issuer, told["client_id"], told["client_secret"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _registered(
    issuer: str, hub: str, method: str, process: asyncio.subprocess.Process
) -> Any:  # noqa: ANN401 - what it answers
    """Register the hub as soon as the provider answers."""
    body = {
        "redirect_uris": [f"{hub}/auth/callback/main"],
        "token_endpoint_auth_method": method,
    }
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
        while True:
            assert process.returncode is None, "the provider ended"
            try:
                async with http.post(f"{issuer}/oauth2/clients", json=body) as answer:
                    assert answer.status == 201, await answer.text()
                    return await answer.json()
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)
