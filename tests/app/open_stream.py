"""A page's stream of events, held open against a hub in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from app.composed_hub import HOST
from web.asgi_call import scope_of

if TYPE_CHECKING:
    from mainhub.app import Hub

SOON = 20.0


class OpenStream:
    """What one page hears; it reads until the hub ends the stream."""

    def __init__(self, hub: Hub, cookie: tuple[str, str]) -> None:
        self.heard = b""
        self._began = asyncio.Event()
        self._task = asyncio.create_task(self._read(hub, cookie))

    async def began(self) -> None:
        """Wait for the first frame."""
        async with asyncio.timeout(SOON):
            await self._began.wait()

    async def ended(self) -> bytes:
        """Wait for the end, and return all that was heard."""
        async with asyncio.timeout(SOON):
            await asyncio.shield(self._task)
        return self.heard

    async def close(self) -> None:
        """Go away."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _read(self, hub: Hub, cookie: tuple[str, str]) -> None:
        over = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:  # noqa: ANN401 - any message of ASGI
            self.heard += message.get("body", b"")
            if self.heard:
                self._began.set()

        headers = (cookie, ("accept", "text/event-stream"), ("sec-fetch-site", "same-origin"))
        try:
            await hub(scope_of("/events/stream", *headers, host=HOST), receive, send)
        finally:
            over.set()
