"""The certified provider of npm, run by the tests: started, listened to and ended by process id."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import orjson
from tools.steps import Steps
from tools.targets import find_node

from house.isolation import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Answer, Browser

__all__ = ["Op", "serving_op", "sign_in_there"]

FOLDER = Path(__file__).parent
INSTALL = "oidc-provider is missing; install it: make test (or: npm ci, in tests/foreign)"
PATIENCE = 60.0


@dataclass
class Op:
    """A provider that runs at *issuer*; *told* is what it has said so far."""

    issuer: str
    secret: str
    process: asyncio.subprocess.Process
    told: list[dict[str, Any]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Take note of what it says."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            # Beside ours there are its own remarks.
            if line.startswith(b'{"event"'):
                self.told.append(orjson.loads(line))
                self._news.set()

    def count(self, event: str) -> int:
        """Return how often *event* has happened."""
        return sum(one["event"] == event for one in self.told)

    async def heard(self, event: str, times: int = 1) -> None:
        """Wait until *event* has happened so often."""
        async with asyncio.timeout(PATIENCE):
            while self.count(event) < times:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def serving_op(hub: str, *, access_seconds: int = 3600, **more: object) -> AsyncIterator[Op]:
    """Run one for the hub at the origin *hub*; ``op.mjs`` says what *more* it can be told."""
    assert (FOLDER / "node_modules" / "oidc-provider").is_dir(), INSTALL
    node = find_node(Steps(FOLDER.parents[1]))
    port, secret = free_ports(1), "a-secret-of-the-tests-for-the-foreign-provider"
    facts = {
        "port": port,
        "hub": hub,
        "secret": secret,
        "accessSeconds": access_seconds,
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        str(node.program),
        str(FOLDER / "op.mjs"),
        orjson.dumps(facts).decode(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    op = Op(f"http://127.0.0.1:{port}", secret, process)
    listening = asyncio.create_task(op.listen())
    try:
        await op.heard("ready")
        yield op
    finally:
        process.terminate()
        await process.wait()
        await listening


async def sign_in_there(browser: Browser, start: Answer, login: str) -> str:
    """Sign in as *login*, agree, and return where the provider sends the browser back to."""
    page = await follow(browser, start)
    for _ in range(3):
        if page.status != 200:
            break
        form = {"prompt": _value(page, "prompt"), "login": login, "password": "any"}
        page = await follow(browser, await browser.post(_action(page), form))
    return page.location


async def follow(browser: Browser, answer: Answer) -> Answer:
    """Follow redirects within the provider; return the page, or the redirect that leaves it."""
    here = None
    while answer.status in {302, 303}:
        there = answer.location.split("/")[2]
        if here is not None and there != here:
            break
        here = there
        answer = await browser.get(answer.location)
    return answer


def _action(page: Answer) -> str:
    found = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert found is not None, page.text
    return urljoin(page.url, unescape(found[1]))


def _value(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return unescape(found[1])


async def sign_out_there(browser: Browser, location: str) -> Answer:
    """Confirm at the provider that the browser signs out; return its answer."""
    page = await follow(browser, await browser.get(location))
    assert page.status == 200, page.text
    form = {"xsrf": _value(page, "xsrf"), "logout": "yes"}
    return await browser.post(_action(page), form)
