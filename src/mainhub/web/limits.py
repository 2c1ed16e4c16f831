"""How much a request may say before anybody listens; the server in front has no such limits."""

from collections.abc import MutableMapping
from typing import Any, Final

from mainhub.web.problems import Problem, headers_too_large, target_too_long

__all__ = ["MAX_FIELD", "MAX_FIELDS", "MAX_HEAD", "MAX_TARGET", "too_much"]

MAX_TARGET: Final = 8 * 1024
MAX_FIELD: Final = 16 * 1024
MAX_FIELDS: Final = 100
MAX_HEAD: Final = 32 * 1024


def too_much(scope: MutableMapping[str, Any]) -> Problem | None:
    """Return the problem of an HTTP request whose target or header section is too large."""
    target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if target >= MAX_TARGET:
        return target_too_long(MAX_TARGET)
    sizes = [len(name) + len(value) + 4 for name, value in scope["headers"]]
    if len(sizes) > MAX_FIELDS:
        return headers_too_large(MAX_FIELDS)
    if sum(sizes) > MAX_HEAD or max(sizes, default=0) > MAX_FIELD:
        return headers_too_large(MAX_HEAD)
    return None
