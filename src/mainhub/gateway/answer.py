"""The answer to one call: counts what it sends and knows whether it has begun."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from mainhub.web import add_security_headers, problems

__all__ = ["Answer", "Receive", "Refusal", "Scope", "Send"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


_OUTCOMES: Final = {
    "step-up-needed": "no-token",
    "token-declined": "no-token",
    "provider-unavailable": "no-token",
    "database-unavailable": "unavailable",
    "sessions-unavailable": "unavailable",
    "unavailable": "unavailable",
    "rate-limited": "rate-limited",
}


class Refusal(Exception):
    """The hub answers by itself, with *problem*."""

    def __init__(self, problem: problems.Problem) -> None:
        super().__init__(problem.name)
        self.problem = problem

    @property
    def outcome(self) -> str:
        """How the call ended, one of the outcomes in the table of metrics."""
        return _OUTCOMES.get(self.problem.name, "refused")


class Answer:
    """What goes back to the client; *status* is ``None`` until the head has been sent."""

    def __init__(self, send: Send, *, https: bool) -> None:
        self._send = send
        self._https = https
        self.status: int | None = None
        self.sent = 0
        # Set when the client may still send a body that nobody will read.
        self.close_after = False
        # What the hub says of itself, on every answer to this call.
        self.added: list[tuple[bytes, bytes]] = []

    async def begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head; what *headers* lack of the hub's security headers is added."""
        self.status = status
        if self.close_after and (b"connection", b"close") not in headers:
            headers.append((b"connection", b"close"))
        headers.extend(self.added)
        add_security_headers(headers, https=self._https)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, chunk: bytes) -> None:
        """Send a piece of the body; returns once the client's connection takes more."""
        self.sent += len(chunk)
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end(self) -> None:
        """End the body, which is complete."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def problem(self, problem: problems.Problem) -> None:
        """Answer with *problem*, whole."""
        body = problem.body()
        await self.begin(problem.status, problem.all_headers(body))
        await self.write(body)
        await self.end()
