"""People who sign in at ``mainhub dev``, one after the other, as its simulated tenant lets them."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import time
from contextlib import asynccontextmanager
from html import unescape
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urljoin

import aiohttp

from bench.harness import expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["SignIns", "sign_ins"]

_SEE_OTHER: Final = 303
_ACCOUNT: Final = "Linus Pauling"
_FORM: Final = re.compile(r'<form method="post" action="([^"]+)"(.*?)</form>', re.DOTALL)
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]+)"')
_BUTTON: Final = re.compile(r'name="(account)" value="([^"]+)"[^>]*>(.*?)</button>', re.DOTALL)
_PLENTY: Final = "100000"
_TRIES: Final = 20


class SignIns:
    """Signs in at the hub at *url*; *provider* is some address of its provider's."""

    def __init__(self, url: str, provider: str) -> None:
        self._url = url
        self._provider = provider

    async def prove(self) -> None:
        """See that somebody is signed in afterwards, and nobody by an answer that they made."""
        async with _browser() as browser:
            seconds, cookie = await self.callback(browser)
            expect(seconds > 0 and cookie, "MainHub", "a session begins")
            async with browser.get(f"{self._url}/auth/session") as answer:
                expect(answer.ok, "MainHub", "it tells who is signed in")
        async with _browser() as browser:
            forged = f"{self._url}/auth/callback/entra?code=forged&state=forged"
            async with browser.get(forged, allow_redirects=False) as answer:
                expect(answer.status != _SEE_OTHER, "MainHub", "nothing forged gets in")

    async def callback(self, browser: aiohttp.ClientSession) -> tuple[float, int]:
        """Return the seconds that the provider's answer took the hub, and the cookie's bytes."""
        async with browser.get(f"{self._url}/auth/login?return_to=/") as page:
            text, address = await page.text(), str(page.url)
        found = _FORM.search(text)
        expect(found, "the tenant", "it asks who one is")
        form = {name: unescape(value) for name, value in _HIDDEN.findall(text)}
        form |= {name: value for name, value, shown in _BUTTON.findall(text) if _ACCOUNT in shown}
        action = urljoin(address, unescape(found[1] if found else ""))
        async with browser.post(action, data=form, allow_redirects=False) as answer:
            callback = answer.headers["location"]
        began = time.perf_counter()
        async with browser.get(callback, allow_redirects=False) as answer:
            await answer.read()
            seconds = time.perf_counter() - began
            expect(answer.status == _SEE_OTHER, "MainHub", "the answer is taken")
            kept = answer.cookies["mainhub"]
        return seconds, len(f"mainhub={kept.value}")

    async def callbacks(self, times: int) -> float:
        """Return the 95th percentile of so many, in seconds."""
        took = []
        for _ in range(times):
            async with _browser() as browser:
                took.append((await self.callback(browser))[0])
        return sorted(took)[int(len(took) * 0.95)]

    async def cookie(self) -> int:
        """Return how many bytes of a cookie a browser sends with each request."""
        async with _browser() as browser:
            return (await self.callback(browser))[1]

    async def round_trips(self, times: int) -> float:
        """Return the 95th percentile of a request to each, of which neither has anything to do."""
        took = []
        async with _browser() as browser:
            for _ in range(times):
                began = time.perf_counter()
                for address in (f"{self._url}/livez", self._provider):
                    async with browser.get(address) as answer:
                        await answer.read()
                took.append(time.perf_counter() - began)
        return sorted(took)[int(len(took) * 0.95)]


@asynccontextmanager
async def sign_ins(folder: Path) -> AsyncIterator[SignIns]:
    """Run ``mainhub dev`` in *folder*."""
    port = _free_ports()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mainhub", "dev", "--port", str(port)),
        cwd=folder,
        env={**os.environ, "MAINHUB_LIMITS__SIGN_INS__LIMIT": _PLENTY},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = cast("asyncio.StreamReader", process.stdout)
    told = b""
    while b"Ctrl+C" not in told:
        line = await output.readline()
        expect(line, "mainhub dev", f"it starts: {told.decode()}")
        told += line
    reading = asyncio.create_task(output.read())
    try:
        yield SignIns(f"http://localhost:{port}", f"http://127.0.0.1:{port + 1}/livez")
    finally:
        process.terminate()
        await process.wait()
        await reading


def _browser() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


def _free_ports() -> int:
    """Return the first of three ports that nobody has."""
    for _ in range(_TRIES):
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            try:
                with (
                    socket.create_server(("127.0.0.1", port + 1)),
                    socket.create_server(("127.0.0.1", port + 2)),
                ):
                    return port
            except (OSError, OverflowError):
                continue
    raise OSError("no three ports in a row are free")
