"""Breaking the answers of a target, as its fault in force says."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mainhub.simulator.faults.fault import FINE, Fault, Mode, Target
from mainhub.simulator.faults.server import transport_of
from mainhub.simulator.faults.standing import Faults

GARBAGE: Final = b'{"access_token": <<<\x00 this is not what was asked for'
_ERROR_PAGE: Final = (
    "<html><head><title>{line}</title></head>\n"
    "<body><center><h1>{line}</h1></center><hr><center>proxy</center></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a held request looks whether it may go on, and how slowly bytes drip; seconds."""

    look_every: float = 0.05
    byte_every: float = 0.1


_PACE: Final = Pace()


class Faulty:
    """Passes requests on to *app* and breaks what the fault of *target* says."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: Faults,
        target: Target,
        chance: Callable[[], float] = random.random,
        pace: Pace = _PACE,
    ) -> None:
        self._app = app
        self._faults = faults
        self._target = target
        self._chance = chance
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        drawn = self._chance() * 100
        fault = await self._let_go(scope, drawn)
        if fault is None or fault.mode is Mode.REFUSE:
            await _hang_up(scope, receive)
        elif fault.mode is Mode.ERROR:
            line = f"{fault.status} {_phrase(fault.status)}"
            page = _ERROR_PAGE.format(line=line).encode()
            await _answer(send, fault.status, b"text/html", page)
        elif fault.mode is Mode.GARBAGE:
            await _answer(send, HTTPStatus.OK, b"application/json", GARBAGE)
        elif fault.mode is Mode.CUT:
            await self._app(scope, receive, _Cut(scope, send).send)
            await _hang_up(scope, receive)
        elif fault.mode is Mode.DRIP:
            await self._app(scope, receive, self._dripping(scope, send, drawn))
        else:
            await self._app(scope, receive, send)

    async def _let_go(self, scope: Scope, drawn: float) -> Fault | None:
        """Hold a request for as long as it is to wait; ``None`` if its client went meanwhile."""
        loop, transport = asyncio.get_running_loop(), transport_of(scope)
        began = loop.time()
        while True:
            fault = self._meant(scope, drawn)
            pause = self._pace.look_every
            if fault.mode is Mode.SLOW:
                pause = min(pause, began + fault.seconds - loop.time())
            elif fault.mode is not Mode.HANG:
                return fault
            if pause <= 0:
                return fault
            if transport.is_closing():
                return None
            await asyncio.sleep(pause)

    def _meant(self, scope: Scope, drawn: float) -> Fault:
        fault = self._faults.of(self._target).fault
        return fault if drawn < fault.share and fault.concerns(scope["path"]) else FINE

    def _dripping(self, scope: Scope, send: Send, drawn: float) -> Send:
        transport = transport_of(scope)

        async def drip(message: Message) -> None:
            body = message.get("body", b"")
            while body and self._meant(scope, drawn).mode is Mode.DRIP:
                if transport.is_closing():
                    return
                await send({"type": message["type"], "body": body[:1], "more_body": True})
                body = body[1:]
                await asyncio.sleep(self._pace.byte_every)
            await send({**message, "body": body} if "body" in message else message)

        return drip


class _Cut:
    """Sends the first half of the first piece of an answer, or of its first line if it has none."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._transport = transport_of(scope)
        self._has_body = scope["method"] != "HEAD"
        self._send = send
        self._start: Message | None = None
        self._is_cut = False

    async def send(self, message: Message) -> None:
        if self._is_cut:
            return
        if self._start is None:
            self._start = message
            return
        body = message.get("body", b"")
        if not body and message.get("more_body"):
            return
        self._is_cut = True
        if body and self._has_body:
            await self._send(self._start)
            half = body[: len(body) // 2]
            await self._send({"type": message["type"], "body": half, "more_body": True})
        else:
            self._transport.write(b"HTTP/1.1 ")
        self._transport.close()


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection, and return when the server knows: it would complain else."""
    transport_of(scope).close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
