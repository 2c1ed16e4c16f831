"""Calls an ASGI application in this process, with exactly the bytes that a server would pass on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from mainhub.web.edge import App

HOST = "hub.example"


@dataclass
class Answered:
    """What an application answered."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the one value of *name*."""
        values = [value for given, value in self.headers if given == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def cookies(self) -> SimpleCookie:
        found: SimpleCookie = SimpleCookie()
        for name, value in self.headers:
            if name == "set-cookie":
                found.load(value)
        return found

    @property
    def problem(self) -> dict[str, Any]:
        """The problem that this is, its form checked."""
        assert self.header("content-type") == "application/problem+json", self
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        assert document["type"].startswith("urn:mainhub:problem:")
        assert document["title"]
        assert len(document["trace_id"]) == 32
        return document

    @property
    def problem_name(self) -> str:
        return str(self.problem["type"]).removeprefix("urn:mainhub:problem:")


def scope_of(
    target: str, *headers: tuple[str, str], method: str = "GET", host: str | None = HOST
) -> dict[str, Any]:
    """Return the scope of a request for *target*, as uvicorn makes it."""
    path, _, query = target.partition("?")
    given = [*([("host", host)] if host is not None else []), *headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given],
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.9", 80),
    }


async def ask(
    app: App | Callable[..., Awaitable[None]],
    target: str = "/",
    *headers: tuple[str, str],
    method: str = "GET",
    host: str | None = HOST,
    body: bytes = b"",
) -> Answered:
    """Make one request of *app* and return its answer."""
    answered = Answered()
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        return pending.pop() if pending else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert not answered.status, "the head came twice"
            answered.status = message["status"]
            answered.headers = [
                (name.decode().lower(), value.decode("latin-1"))
                for name, value in message.get("headers", ())
            ]
        else:
            answered.body += message.get("body", b"")

    await app(scope_of(target, *headers, method=method, host=host), receive, send)
    return answered
