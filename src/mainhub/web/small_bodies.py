"""A bound on request bodies, before any framework reads them: nobody is known yet at that point."""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any, Final

from mainhub.web.edge import App, Message, Receive, Scope, Send
from mainhub.web.problems import request_timeout, send_problem, too_large

__all__ = ["SmallBodies"]

_LARGEST: Final = 64 * 1024
_PATIENCE: Final = timedelta(seconds=10)


class SmallBodies:
    """Hands *app* whole bodies of at most *largest* bytes that came within *patience*.

    For the control API, whose documents are small; the gateway streams and has bounds of its own.
    """

    def __init__(
        self, app: App, *, largest: int = _LARGEST, patience: timedelta = _PATIENCE
    ) -> None:
        self._app = app
        self._largest = largest
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request, or refuse its body."""
        if not _has_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                body = await self._whole(scope, receive)
        except TimeoutError:
            await send_problem(send, request_timeout(self._patience.total_seconds()))
            return
        if body is None:
            await send_problem(send, too_large(self._largest))
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> MutableMapping[str, Any]:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)

    async def _whole(self, scope: Scope, receive: Receive) -> bytes | None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if len(declared) > len(str(self._largest)) or int(declared) > self._largest:
            return None
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > self._largest:
                return None
            parts.append(part)
            # A client that went away sends no more.
            more = message["type"] == "http.request" and message.get("more_body", False)
        return b"".join(parts)


def _has_body(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return bool(names & {b"content-length", b"transfer-encoding"})
