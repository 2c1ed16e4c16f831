"""One hub: starts and stops its parts in order, and sends each request to its room."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mainhub.access.sql import SqlGrants
from mainhub.app.sharing import Sharing
from mainhub.audit import Refusals
from mainhub.control.cache import CacheHistory
from mainhub.errors import Unavailable
from mainhub.events import EventStream, Streams
from mainhub.frontends import RESERVED
from mainhub.gateway import Gateway, Upstream
from mainhub.health import Checks, Readiness
from mainhub.outbound import HttpClient
from mainhub.resilience import Pipelines
from mainhub.sessions import EndsFeed, SessionStore
from mainhub.signin import ProviderGrants
from mainhub.storage import Database, current, require_head, upgrade
from mainhub.telemetry import get_logger
from mainhub.telemetry.telemetry import Telemetry
from mainhub.web import Edge, Hosts, SmallBodies, problems
from mainhub.web.edge import Receive, Scope, Send

__all__ = ["Hub", "Parts"]

log = get_logger("app")

_CONTROL: Final = frozenset({"auth", "healthz", "hub", "livez", "metrics", "readyz"})
_HOUSEKEEPING_EVERY: Final = timedelta(minutes=1)
Page = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a hub consists of, made by ``compose``."""

    telemetry: Telemetry
    pipelines: Pipelines
    sharing: Sharing
    cache_history: CacheHistory
    checks: Checks
    database: Database
    sessions: SessionStore
    ends: EndsFeed | None
    refusals: Refusals
    granted: SqlGrants
    streams: Streams
    first_party: Callable[[], Awaitable[None]]
    http: HttpClient
    upstream: Upstream
    grants: ProviderGrants
    gateway: Gateway
    control: FastAPI
    stream: EventStream
    page: Page
    built_files: Page
    readiness: Readiness
    hosts: Hosts


class Hub:
    """An ASGI application over *parts*; serve it inside :meth:`running`."""

    def __init__(self, parts: Parts) -> None:
        self.readiness = parts.readiness
        self._parts = parts
        self._control = SmallBodies(parts.control)
        self._edge = Edge(
            self._dispatch,
            hosts=parts.hosts,
            recorder=parts.telemetry.recorder,
            metrics=parts.telemetry.metrics,
        )

    @property
    def urls(self) -> list[str]:
        """Every path that this hub answers, with ``{name}`` where it varies."""
        control = self._parts.control.openapi()["paths"]
        others = ("/", "/static/{file}", "/events/stream", str(self._parts.control.openapi_url))
        return sorted({*control, *others})

    def drain(self) -> None:
        """Take nothing new, and end what would never end by itself; the process is to stop."""
        self.readiness.drain()
        self._parts.streams.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        await self._edge(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start in order (schema, clients, housekeeping), and stop in the opposite one.

        Raises:
            DatabaseUnavailable: the database cannot be opened.
            SchemaMismatch: it needs an upgrade, or is newer than this version.
        """
        parts = self._parts
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(parts.telemetry)
            stack.push_async_callback(parts.database.aclose)
            await _prepare_schema(parts.database)
            await stack.enter_async_context(parts.sharing)
            if parts.ends is not None:
                await stack.enter_async_context(parts.ends)
            await parts.first_party()
            await parts.granted.load()
            await stack.enter_async_context(parts.http)
            await parts.upstream.start()
            stack.push_async_callback(parts.upstream.aclose)
            stack.push_async_callback(parts.grants.aclose)
            await stack.enter_async_context(parts.checks)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            stopping = asyncio.Event()
            tasks.create_task(_keep_house(parts, until=stopping))
            tasks.create_task(parts.pipelines.watch(stopping))
            tasks.create_task(parts.cache_history.watch(stopping))
            tasks.create_task(parts.granted.watch(stopping))
            stack.callback(stopping.set)
            self.readiness.ready()
            log.info("hub.ready")
            try:
                yield
            finally:
                self.drain()
                await parts.refusals.flush(now=True)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].lstrip("/").partition("/")[0] if scope["path"] != "/" else ""
        if scope["path"].startswith("/api/") or scope["path"] == "/api":
            # Before any framework: the gateway judges the raw path itself.
            await self._parts.gateway(scope, receive, send)
        elif scope["type"] != "http":
            await _refuse(receive, send)
        elif first in _CONTROL:
            await self._control(scope, receive, send)
        elif first == "events":
            await self._parts.stream(scope, receive, send)
        elif first == "static":
            await _answer(self._parts.built_files, scope, receive, send)
        elif first in RESERVED:
            await problems.send_problem(send, problems.not_found("There is nothing here yet."))
        else:
            await _answer(self._parts.page, scope, receive, send)


async def _prepare_schema(database: Database) -> None:
    # An empty database has nothing to lose; an older one is an operator's decision.
    if await current(database) is None:
        await upgrade(database)
    await require_head(database)


async def _keep_house(parts: Parts, *, until: asyncio.Event) -> None:
    # Not cancelled, since a driver that is interrupted in a call leaves its connection behind.
    while not until.is_set():
        try:
            await parts.sessions.purge()
            await parts.refusals.flush()
        except Unavailable as error:
            log.warning("housekeeping.failed", caused_by=str(error))
        except Exception:  # edge: housekeeping must not take the hub down
            log.exception("housekeeping.failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(until.wait(), _HOUSEKEEPING_EVERY.total_seconds())


async def _answer(page: Page, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] not in {"GET", "HEAD"}:
        refusal = problems.method_not_allowed(scope["method"], allowed=("GET", "HEAD"))
        await problems.send_problem(send, refusal)
        return
    response = await page(Request(scope, receive))
    await response(scope, receive, send)


async def _refuse(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008, "reason": ""})
