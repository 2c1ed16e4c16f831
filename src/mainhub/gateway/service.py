"""The services behind the gateway, and the table that finds them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from mainhub.access import Need
from mainhub.errors import Invalid
from mainhub.gateway.path import CanonicalPath
from mainhub.resilience import Pipeline

__all__ = ["BadService", "RouteTable", "Service"]

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class BadService(Invalid):
    """A service is described in a way that cannot work."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service and the terms on which the gateway relays to it.

    Attributes:
        name: its segment in ``/api/{name}/...``: lower-case letters, digits and hyphens.
        upstream: scheme, host and, if unusual, port; nothing more.
        need: the roles of which a person must have one.
        scopes: what the injected access token is asked for; empty: no token is injected.
        connect_timeout: to an open connection.
        response_timeout: to the head of the answer, connecting included, waiting for the client's
            own bytes not.
        idle_timeout: longest silence of either side once bytes flow.
        max_body: bytes that a request body may have.
        health: the path that tells how the service is; ``None``: a connection tells enough.
        way: what protects the service, and the hub from it; calls of all people share it.
    """

    name: str
    upstream: str
    need: Need
    scopes: tuple[str, ...]
    connect_timeout: timedelta
    response_timeout: timedelta
    idle_timeout: timedelta
    max_body: int
    health: str | None = None
    way: Pipeline | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadService(
                f"{self.name!r} is no name for a service",
                remedy="Use lower-case letters, digits and hyphens.",
            )
        if not _is_origin(self.upstream):
            raise BadService(
                f"the upstream of {self.name} is not scheme://host[:port]",
                remedy="Write it like http://127.0.0.1:8082, without path or credentials.",
            )
        waits = (self.connect_timeout, self.response_timeout, self.idle_timeout)
        if min(waits) <= timedelta(0) or self.max_body < 0:
            raise BadService(f"the time-outs of {self.name} must be positive")


class RouteTable:
    """All services by name. Never changes: a new table is swapped in whole."""

    __slots__ = ("_services",)

    def __init__(self, services: Iterable[Service]) -> None:
        found: dict[str, Service] = {}
        for service in services:
            if service.name in found:
                raise BadService(f"there are two services named {service.name}")
            found[service.name] = service
        self._services = MappingProxyType(found)

    def find(self, path: CanonicalPath) -> Service | None:
        """Return the service that *path* belongs to, or ``None``."""
        return self._services.get(path.service)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and text.lower() == f"{parts.scheme}://{netloc}"
    )
