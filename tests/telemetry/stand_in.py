"""An OpenTelemetry collector for tests: a real HTTP server that decodes what it is sent."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import Span


class StandIn:
    """Remembers spans, metrics and headers; ``answer`` may say 503, ``hang`` says nothing."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.metric_names: set[str] = set()
        self.resource: dict[str, str] = {}
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.hang = False
        self.asked = 0
        self.port = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def named(self, name: str) -> Span:
        """Return the one span of that name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[StandIn]:
        app = web.Application()
        app.router.add_post("/v1/traces", self._traces)
        app.router.add_post("/v1/metrics", self._metrics)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _traces(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        if self.status == 200:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resource = facts(resource.resource)
                for scope in resource.scope_spans:
                    self.spans.extend(scope.spans)
        return web.Response(status=self.status)

    async def _metrics(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                self.metric_names |= {metric.name for metric in scope.metrics}
        return web.Response(status=self.status)

    async def _body(self, request: web.Request) -> bytes:
        self.asked += 1
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        assert request.content_type == "application/x-protobuf"
        if self.hang:
            await asyncio.Event().wait()
        body = await request.read()
        return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def facts(holder: Span | Resource) -> dict[str, Any]:
    """Return the attributes of a span or resource."""
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value")
        for pair in holder.attributes
    }
