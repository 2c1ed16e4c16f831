"""The way from a page to the company's services: ``/api/{service}/...``.

For: relaying a signed-in person's call to the service that the route table names, with that
person's access token, streaming both ways. Not for: the hub's own API (``control``), deciding who
somebody is (``signin``) or what they may do (``access``), nor for calls that the hub makes itself
(``outbound``).

The gateway is a raw ASGI callable, dispatched before any framework or middleware. A call travels
*canonical path, route, session, anti-forgery, front-end, permission, limit, token, upstream*, in
that order, and whatever is refused has not reached a service.

Invariants: the path that was judged is the path that is sent; no cookie, no client's claim about
itself and no hub secret goes upstream; nothing that a service answers runs in the hub's origin; an
answer that broke off never looks finished. The adapter in ``upstream.py`` is picked by ``app``.
"""

from mainhub.gateway.call_limits import CallLimits
from mainhub.gateway.frontend_calls import (
    ApiNotDeclared,
    Declaration,
    FrontendCalls,
    FrontendUnnamed,
)
from mainhub.gateway.gateway import Gateway
from mainhub.gateway.path import BadTarget, CanonicalPath, canonical_path
from mainhub.gateway.port import (
    RequestHead,
    Upstream,
    UpstreamResponse,
    UpstreamSlow,
    UpstreamUnreachable,
)
from mainhub.gateway.probe import probe
from mainhub.gateway.service import BadService, RouteTable, Service

__all__ = [
    "ApiNotDeclared",
    "BadService",
    "BadTarget",
    "CallLimits",
    "CanonicalPath",
    "Declaration",
    "FrontendCalls",
    "FrontendUnnamed",
    "Gateway",
    "RequestHead",
    "RouteTable",
    "Service",
    "Upstream",
    "UpstreamResponse",
    "UpstreamSlow",
    "UpstreamUnreachable",
    "canonical_path",
    "probe",
]
