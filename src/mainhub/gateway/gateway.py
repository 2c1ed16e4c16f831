"""The gateway itself: judges a call, then has it relayed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from mainhub.access import Decide, decide
from mainhub.errors import MainHubError, Refused, Unavailable
from mainhub.gateway.answer import Answer, Receive, Refusal, Scope, Send
from mainhub.gateway.call_limits import CallLimits
from mainhub.gateway.figures import Figures
from mainhub.gateway.framing import BadFraming, Framing, framing
from mainhub.gateway.frontend_calls import FrontendCalls
from mainhub.gateway.path import CanonicalPath, canonical_path, checked_query
from mainhub.gateway.port import RequestHead, Upstream
from mainhub.gateway.relay import Relay
from mainhub.gateway.request_headers import forwarded, relayed, sole
from mainhub.gateway.service import RouteTable, Service
from mainhub.gateway.tokens import ServiceTokens
from mainhub.identity import MissingRole, Person
from mainhub.resilience import (
    ATTEMPT_HEADER,
    DEADLINE_HEADER,
    Deadline,
    attempting,
    limit_headers,
    parse_attempt,
)
from mainhub.sessions import TokenGrants
from mainhub.telemetry import Metrics, Span, Trace, get_logger, span
from mainhub.web import (
    Authenticator,
    Caller,
    Network,
    SessionsUnavailable,
    brings_bearer,
    client_address,
    csrf,
    not_just_now,
    problems,
    require_vouched,
)

__all__ = ["Gateway", "NotData", "OnRefusal"]

log = get_logger("gateway")

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REFUSED_METHODS: Final = frozenset({"CONNECT", "TRACE"})
# A body that was not read is swallowed up to here so that the client's connection lives on.
_SWALLOWED: Final = 64 * 1024
# Sec-Fetch-Dest values under which a browser would run or embed the answer instead of reading it.
_CODE: Final = frozenset(
    {"audioworklet", "paintworklet", "script", "serviceworker", "sharedworker", "worker", "style"}
)
_FIRST_ERROR: Final = 400
# The service is not to blame for these.
_NO_FAULT: Final = frozenset({"answered", "client-gone"})
_FRAMES: Final = frozenset({"embed", "frame", "iframe", "object", "xslt"})


OnRefusal = Callable[[Person, str, str, MissingRole], Awaitable[None]]
"""Told of each missing role, for the record: who, their address, the service, the refusal."""


class NotData(Refused):
    """The browser asks for a service's answer in order to run or embed it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request whose form is sound, judged by nobody yet."""

    method: str
    path: CanonicalPath
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    framing: Framing
    address: str


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Who may call which service, and with which token."""

    service: Service
    caller: Caller
    token: str | None = field(repr=False)


class Gateway:
    """The ASGI callable of ``/api/{service}/...``, behind :class:`mainhub.web.Edge`.

    The edge has settled the Host and opened the trace; it answers what fails here by mistake.
    *metrics* count and time the calls; *frontends* knows which front-end may call what.

    Attributes:
        routes: the services; assign another table to swap all of them at once. Calls in flight
            finish on the terms on which they began.
    """

    def __init__(
        self,
        *,
        routes: RouteTable,
        authenticator: Authenticator,
        grants: TokenGrants,
        upstream: Upstream,
        frontends: FrontendCalls,
        own_origin: str,
        trusted_proxies: Sequence[Network] = (),
        on_refusal: OnRefusal | None = None,
        decide: Decide = decide,
        limits: CallLimits | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.routes = routes
        self._authenticator = authenticator
        self._tokens = ServiceTokens(grants)
        self._upstream = upstream
        self._frontends = frontends
        self._own_origin = own_origin
        self._trusted_proxies = tuple(trusted_proxies)
        self._on_refusal = on_refusal
        self._decide = decide
        self._limits = limits
        self._https = urlsplit(own_origin).scheme == "https"
        self._figures = Figures(metrics or Metrics.unread())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "websocket":
            await _refuse_websocket(scope, receive, send)
            return
        answer = Answer(send, https=self._https)
        began = asyncio.get_running_loop().time()
        call: _Call | None = None
        relay: Relay | None = None
        outcome: str | None = None
        try:
            call = self._parsed(scope)
            admitted = await self._admit(call, answer)
            relay = Relay(admitted.service, upstream=self._upstream, receive=receive, answer=answer)
            await self._send_on(call, admitted, relay)
        except Refusal as refusal:
            outcome = refusal.outcome
            answer.close_after = _leaves_body(scope["headers"])
            await answer.problem(refusal.problem)
        finally:
            named = self.routes.find(call.path) if call else None
            self._figures.ended(named, outcome or (relay.outcome if relay else "failed"))
            log.info(
                "gateway.call",
                service=call.path.service if call else None,
                method=scope["method"],
                path=str(call.path) if call else None,
                status=answer.status,
                duration_ms=round((asyncio.get_running_loop().time() - began) * 1000, 1),
                bytes_in=relay.body.received if relay else 0,
                bytes_out=answer.sent,
            )

    def _parsed(self, scope: Scope) -> _Call:
        """Return the call that *scope* describes.

        Raises:
            Refusal: it is too large, ambiguous, or in a protocol that is not relayed.
        """
        # A copy: uvicorn appends a chunked body's trailers to the list that the scope holds.
        headers = tuple(scope["headers"])
        method = scope["method"]
        if method in _REFUSED_METHODS:
            raise Refusal(problems.method_not_allowed(method, allowed=METHODS))
        if method not in METHODS or "websocket" in (sole(headers, b"upgrade") or "").lower():
            raise Refusal(problems.upgrade_unsupported())
        try:
            return _Call(
                method=method,
                path=canonical_path(scope["raw_path"]),
                query=checked_query(scope["query_string"]),
                headers=headers,
                framing=framing(headers, http_version=scope["http_version"]),
                address=client_address(scope, self._trusted_proxies),
            )
        except MainHubError as error:
            raise Refusal(problems.problem_of(error)) from error

    async def _send_on(self, call: _Call, admitted: _Admitted, relay: Relay) -> None:
        """Carry *call* to its service in a span of its own, which that sees as its parent."""
        service, token = admitted.service, admitted.token
        facts = {
            "http.request.method": call.method,
            "server.address": urlsplit(service.upstream).hostname or "",
            "mainhub.service": service.name,
        }
        with (
            span(f"{call.method} {service.name}", "client", **facts) as opened,
            self._figures.under_way(service, relay),
            _as_asked(call),
        ):
            head = self._head(call, service, token, trace=opened.trace)

            async def another() -> RequestHead | None:
                newer = await self._tokens.another(admitted.caller, service, token)
                if newer is None:
                    return None
                return self._head(call, service, newer, trace=opened.trace)

            try:
                await relay.run(head, has_body=call.framing.has_body, another=another)
            finally:
                _tell(opened, relay)

    async def _admit(self, call: _Call, answer: Answer) -> _Admitted:
        """Judge *call*; return who calls which service, and the token for it, if it gets one.

        Raises:
            Refusal: it ends here.
        """
        try:
            service = self.routes.find(call.path)
            caller = await self._caller(call)
            _check_origin(call, own_origin=self._own_origin)
            await self._frontends.require(caller, call.headers, call.path.service)
            if service is None:
                # Only now, so that nobody outside learns which services there are.
                raise Refusal(problems.not_found("There is no service of that name."))
            await self._judge(caller, call, service)
            await self._count(caller, service, answer)
            if (call.framing.length or 0) > service.max_body:
                raise Refusal(problems.too_large(service.max_body))
            token = await self._tokens.token(caller, service)
        except csrf.CrossSite as error:
            raise Refusal(problems.cross_site(str(error))) from error
        except MainHubError as error:
            raise Refusal(problems.problem_of(error)) from error
        return _Admitted(service, caller, token)

    async def _count(self, caller: Caller, service: Service, answer: Answer) -> None:
        """Count the call, and tell the person where they stand, whatever comes of it."""
        if self._limits is None:
            return
        admission = await self._limits.check(caller.person.id, service.name)
        headers = [
            (name.lower().encode(), value.encode())
            for name, value in limit_headers(admission)
            if name != "Retry-After"
        ]
        answer.added.extend(headers)
        if not admission.allowed:
            found = admission.limit
            detail = f"You may make {found.limit} calls in {found.period.total_seconds():g} s."
            raise Refusal(problems.rate_limited(detail, admission.retry_after))

    async def _judge(self, caller: Caller, call: _Call, service: Service) -> None:
        decision = self._decide(caller.person, service.need)
        try:
            decision.raise_unless_allowed(f"The service {service.name}")
        except MissingRole as refusal:
            if caller.named is not None and self._decide(caller.named, service.need).allowed:
                raise not_just_now(caller) from refusal
            if self._on_refusal is not None:
                await self._on_refusal(caller.person, call.address, service.name, refusal)
            raise

    async def _caller(self, call: _Call) -> Caller:
        try:
            caller = await self._authenticator.authenticate(call.headers)
        except Unavailable as error:
            if brings_bearer(call.headers):
                # It is the provider whose keys are not known.
                raise
            # Never 401: nobody is signed out because a store does not answer.
            log.warning("gateway.sessions_unavailable", caused_by=repr(error))
            raise SessionsUnavailable from error
        if caller is None:
            raise Refusal(problems.not_signed_in())
        require_vouched(caller, call.method)
        return caller

    def _head(
        self, call: _Call, service: Service, token: str | None, *, trace: Trace
    ) -> RequestHead:
        query = f"?{call.query.decode('ascii')}" if call.query else ""
        headers = [
            (b"host", urlsplit(service.upstream).netloc.encode()),
            *_traced(relayed(call.headers), call, trace),
            # Ours come last: nothing that the client lists or sends can take their place.
            *forwarded(call.address, own_origin=self._own_origin, service=service.name),
            (b"traceparent", trace.traceparent.encode()),
            (b"x-request-id", trace.request_id.encode()),
        ]
        if token is not None:
            headers.append((b"authorization", b"Bearer " + token.encode("ascii")))
        return RequestHead(
            method=call.method,
            origin=service.upstream,
            target=f"{call.path.rest}{query}",
            headers=tuple(headers),
            length=call.framing.length,
        )


@contextmanager
def _as_asked(call: _Call) -> Iterator[None]:
    """Keep to what the client says of its own patience, and that it retries by itself."""
    left = Deadline.parse(sole(call.headers, DEADLINE_HEADER.lower().encode()))
    attempt = parse_attempt(sole(call.headers, ATTEMPT_HEADER.lower().encode()))
    with ExitStack() as stack:
        stack.enter_context(attempting(attempt))
        if left is not None:
            now = asyncio.get_running_loop().time()
            stack.enter_context(Deadline.at(now + left.total_seconds()))
        yield


def _check_origin(call: _Call, *, own_origin: str) -> None:
    destination = sole(call.headers, b"sec-fetch-dest")
    if destination in _CODE | _FRAMES:
        raise NotData(
            f"A service's answer is data; it cannot be used as {destination}.",
            remedy="Fetch it with api() of the SDK.",
        )
    if brings_bearer(call.headers):
        # No browser adds it by itself, and a cookie beside it counts for nothing.
        return
    csrf.check(
        method=call.method,
        header=sole(call.headers, csrf.HEADER.lower().encode()),
        fetch_site=sole(call.headers, b"sec-fetch-site"),
        origin=sole(call.headers, b"origin"),
        own_origin=own_origin,
    )


def _traced(
    headers: list[tuple[bytes, bytes]], call: _Call, trace: Trace
) -> list[tuple[bytes, bytes]]:
    """Drop ``tracestate`` unless the client's trace goes on (Trace Context, 3.3.1)."""
    if trace.trace_id in (sole(call.headers, b"traceparent") or ""):
        return headers
    return [(name, value) for name, value in headers if name != b"tracestate"]


def _tell(opened: Span, relay: Relay) -> None:
    opened.tell(**{"http.response.status_code": relay.status, "mainhub.outcome": relay.outcome})
    if relay.status is not None and relay.status >= _FIRST_ERROR:
        opened.fail(str(relay.status))
    elif relay.outcome not in _NO_FAULT:
        opened.fail(relay.outcome)


def _leaves_body(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether the connection must end because of a body that nobody reads.

    After ``Expect: 100-continue`` the client may send its body or not (RFC 9110, 10.1.1), so what
    comes next on the connection could be either.
    """
    if sole(headers, b"expect") is not None:
        return True
    try:
        body = framing(headers, http_version="1.1")
    except BadFraming:
        return True
    return body.has_body and (body.length is None or body.length > _SWALLOWED)


async def _refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    problem = problems.upgrade_unsupported()
    body = problem.body()
    await send(
        {
            "type": "websocket.http.response.start",
            "status": problem.status,
            "headers": problem.all_headers(body),
        }
    )
    await send({"type": "websocket.http.response.body", "body": body})
