"""The outermost layer around every request: span, host, security headers, log line, last resort.

It is plain ASGI and stands around the gateway, the routes and the static files alike, so that no
answer of the hub leaves without its headers and no failure without a trace id.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from mainhub.errors import MainHubError
from mainhub.telemetry import OTHER, Metrics, Recorder, Span, get_logger, request_span, table
from mainhub.web.hosts import Hosts
from mainhub.web.limits import too_much
from mainhub.web.problems import internal, problem_of, send_problem
from mainhub.web.route import LASTING, facts_of, known_method, route_of, status_class
from mainhub.web.security import add_security_headers

__all__ = ["App", "Edge", "Message", "Receive", "Scope", "Send"]

log = get_logger("web")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Probes and files say nothing new; the gateway writes its own line.
_QUIET: Final = ("/livez", "/readyz", "/healthz", "/metrics", "/static/", "/api/")
# Asked every few seconds by machines, which would fill a collector with themselves.
_UNTRACED: Final = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
_SERVER_FAULT: Final = "5xx"


class Edge:
    """Wraps *app*; *hosts* decides which Host headers are the hub's own.

    *recorder* records a span for each request, *metrics* count and time them.
    """

    def __init__(
        self,
        app: App,
        *,
        hosts: Hosts,
        recorder: Recorder | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._recorder = recorder
        metrics = metrics or Metrics.unread()
        self._requests = metrics.counter(table.HTTP_REQUESTS)
        self._durations = metrics.histogram(table.HTTP_DURATION)
        self._https = urlsplit(hosts.public_url).scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        recorder = None if scope["path"] in _UNTRACED else self._recorder
        with request_span("request", given or None, recorder, **facts_of(scope)) as span:
            answer = _Answer(send, https=self._https, request_id=span.trace.request_id)
            start = time.perf_counter()
            try:
                await self._serve(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - start
                self._tell(scope, answer, seconds, span)
                _log_request(scope, answer, seconds)

    def _tell(self, scope: Scope, answer: "_Answer", seconds: float, span: Span) -> None:
        route, method = route_of(scope), known_method(scope["method"])
        labels = {
            "route": route,
            "method": method or OTHER,
            "status": status_class(answer.status),
        }
        self._requests.add(**labels)
        if route not in LASTING:
            self._durations.record(seconds, **labels)
        if not span.is_recorded:
            return
        # Semantic conventions: a method that nobody knows is called HTTP.
        span.rename(f"{method or 'HTTP'} {route}")
        span.tell(
            **{
                "http.route": route,
                "http.response.status_code": answer.status,
                "mainhub.request_id": span.trace.request_id,
            }
        )
        if labels["status"] == _SERVER_FAULT:
            span.fail(str(answer.status))

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            oversized = too_much(scope)
            if oversized is not None:
                await send_problem(answer, oversized)
                return
            if await self._hosts.settled(scope, answer):
                return
            await self._app(scope, receive, answer)
        except MainHubError as error:
            if answer.status is not None:
                raise
            await send_problem(answer, problem_of(error))
        except Exception:  # edge: the last resort of every request
            # What is half sent can only be cut off.
            if answer.status is not None and not answer.complete:
                raise
            log.exception("request.failed", path=_raw_path(scope))
            if answer.status is None:
                await send_problem(answer, internal())


class _Answer:
    """The ``send`` that adds headers to the head and remembers what was answered."""

    def __init__(self, send: Send, *, https: bool, request_id: str) -> None:
        self._send = send
        self._https = https
        self._request_id = request_id
        self.status: int | None = None
        self.complete = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = list(message.get("headers", ()))
            add_security_headers(headers, https=self._https)
            headers.append((b"x-request-id", self._request_id.encode()))
            message = {**message, "headers": headers}
        await self._send(message)
        if message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.decode("latin-1")


def _log_request(scope: Scope, answer: _Answer, seconds: float) -> None:
    # The path only: queries carry codes and people's input.
    quiet = scope["path"].startswith(_QUIET)
    (log.debug if quiet else log.info)(
        "request",
        method=scope["method"],
        # As it was sent: decoded, it could hold line breaks.
        path=_raw_path(scope),
        status=answer.status,
        ms=round(seconds * 1000, 1),
    )
