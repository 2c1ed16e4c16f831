"""Looking at a service: does it answer, and how? Never with a person's token."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from mainhub.errors import Unavailable
from mainhub.gateway.port import RequestHead, Upstream
from mainhub.gateway.service import Service
from mainhub.health import Finding, State
from mainhub.telemetry import span

__all__ = ["probe"]

_FIRST_FAULT: Final = 500
_PORTS: Final = {"http": 80, "https": 443}
_REMEDY: Final = "See whether the service runs, and whether the hub reaches it."


def probe(service: Service, upstream: Upstream) -> Callable[[], Awaitable[Finding]]:
    """Return what looks at *service* once.

    Where ``service.health`` names a path, any answer below 500 is fine, one from 500 on degraded,
    none at all failed; a redirect is an answer. Else it is enough that a connection comes about.
    """
    if service.health is None:
        return lambda: _connects(service)
    path = service.health
    return lambda: _answers(service, upstream, path)


async def _answers(service: Service, upstream: Upstream, path: str) -> Finding:
    with span(f"GET {service.name}", "client", **{"mainhub.service": service.name}) as opened:
        head = RequestHead(
            method="GET",
            origin=service.upstream,
            target=path,
            headers=(
                (b"host", urlsplit(service.upstream).netloc.encode()),
                (b"user-agent", b"MainHub"),
                (b"accept", b"*/*"),
                (b"traceparent", opened.trace.traceparent.encode()),
            ),
            length=0,
        )
        try:
            async with asyncio.timeout(service.response_timeout.total_seconds()):
                response = await upstream.open(head, None, connect_timeout=service.connect_timeout)
        except TimeoutError:
            return Finding(State.FAILED, f"No answer at {path} in time.", _REMEDY)
        except Unavailable:
            return Finding(State.FAILED, f"No answer at {path}.", _REMEDY)
        status = response.status
        await response.aclose()
        opened.tell(**{"http.response.status_code": status})
    if status >= _FIRST_FAULT:
        return Finding(
            State.DEGRADED, f"It answers {status} at {path}.", "See the service's own logs."
        )
    return Finding(State.FINE, f"It answers {status} at {path}.")


async def _connects(service: Service) -> Finding:
    address = urlsplit(service.upstream)
    port = address.port or _PORTS[address.scheme]
    try:
        async with asyncio.timeout(service.connect_timeout.total_seconds()):
            _, writer = await asyncio.open_connection(address.hostname, port)
    except OSError as error:
        # A timeout is one of these, too.
        detail = f"No connection: {type(error).__name__}."
        return Finding(State.FAILED, detail, _REMEDY)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return Finding(
        State.FINE,
        "It takes connections; whether it answers is not asked, "
        f"since gateway.services.{service.name}.health is not set.",
    )
