"""What a request is called in metrics and spans: a word out of a bounded set, never its path."""

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

__all__ = [
    "LASTING",
    "ROUTE",
    "UNMATCHED",
    "facts_of",
    "known_method",
    "route_of",
    "status_class",
]

ROUTE: Final = "mainhub.route"
"""Where whoever dispatches a request may put its name into the scope."""
UNMATCHED: Final = "unmatched"
LASTING: Final = frozenset({"/events/stream"})
"""What lives as long as a page: a duration would tell nothing."""

# What belongs to no router of FastAPI's. The rest of what is reserved has no page.
_WHOLE: Final = {"api": "/api/{service}", "static": "/static/{file}"}
_RESERVED: Final = frozenset(
    {"assets", "auth", "authz", "events", "healthz", "hooks", "hub"}
    | {"livez", "metrics", "readyz", "_sim", "api", "static"}
)
_EXACT: Final = frozenset({"/events/stream", "/hub/v1/openapi.json"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: MutableMapping[str, Any]) -> str:
    """Return the template of the address that served *scope*, once it was served."""
    given = scope.get(ROUTE)
    if isinstance(given, str):
        return given
    template = getattr(scope.get("route"), "path", None)
    if isinstance(template, str):
        return template
    path: str = scope["path"]
    if path in _EXACT:
        return path
    first = path.lstrip("/").partition("/")[0]
    return _WHOLE.get(first) or (UNMATCHED if first in _RESERVED else "/{page}")


def known_method(method: str) -> str | None:
    """Return *method* if it is one that HTTP knows, since a caller may send any word."""
    return method if method in _METHODS else None


def status_class(status: int | None) -> str:
    """Return ``2xx`` and its like; ``none`` where no answer began."""
    return "none" if status is None else f"{status // 100}xx"


def facts_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return what is known of a request before it is served, by semantic conventions."""
    return {
        "http.request.method": known_method(scope["method"]) or "_OTHER",
        "url.scheme": scope["scheme"],
        "network.protocol.version": scope["http_version"],
    }
