"""The body of a client's request, passed on as it comes."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

from mainhub.errors import MainHubError
from mainhub.gateway.answer import Receive
from mainhub.gateway.patience import Patience
from mainhub.web import problems

__all__ = ["BodyRefused", "ClientGone", "RequestBody"]


class ClientGone(MainHubError):
    """The client closed its connection."""


class BodyRefused(MainHubError):
    """The body is too large or too slow."""


class RequestBody:
    """Reads the client, one side of an exchange.

    Attributes:
        received: bytes so far.
        refusal: the problem to answer with, once the body turned out to be unacceptable.
        gone: whether the client left.
    """

    def __init__(
        self, receive: Receive, *, limit: int, idle_seconds: float, patience: Patience
    ) -> None:
        self._receive = receive
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._patience = patience
        self._complete = asyncio.Event()
        self.received = 0
        self.refusal: problems.Problem | None = None
        self.gone = False

    @property
    def complete(self) -> bool:
        """Whether the whole body has been read."""
        return self._complete.is_set()

    def skip(self) -> None:
        """Declare that there is no body."""
        self._complete.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            ClientGone: it broke off; never taken for its end.
            BodyRefused: it is too large, or the client fell silent.
        """
        more = True
        while more:
            message = await self._next()
            if message["type"] == "http.disconnect":
                self.gone = True
                raise ClientGone("the client left while sending")
            chunk = message.get("body", b"")
            more = message.get("more_body", False)
            self.received += len(chunk)
            if self.received > self._limit:
                self.refusal = problems.too_large(self._limit)
                raise BodyRefused("the body is too large")
            if chunk:
                yield chunk
        self._complete.set()

    async def until_gone(self) -> None:
        """Wait until the body has been read and the client is gone, which raises.

        Raises:
            ClientGone: always, at last.
        """
        await self._complete.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        raise ClientGone("the client left")

    async def _next(self) -> MutableMapping[str, Any]:
        self._patience.hold()
        try:
            async with asyncio.timeout(self._idle_seconds):
                message = await self._receive()
        except TimeoutError as error:
            self.refusal = problems.request_timeout(self._idle_seconds)
            raise BodyRefused("the client fell silent") from error
        self._patience.renew()
        return message
