"""OpenTelemetry reads dozens of environment variables; MainHub is told by its settings alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

__all__ = ["settings_only"]

_PREFIX: Final = "OTEL_"
_LOCK: Final = Lock()


@contextmanager
def settings_only() -> Iterator[None]:
    """Hide ``OTEL_*`` while parts of OpenTelemetry are imported and made, which is when it looks.

    There is no other way: headers of the environment are added to those that are given, and
    ``OTEL_SDK_DISABLED`` wins over everything.
    """
    with _LOCK:
        hidden = {name: os.environ.pop(name) for name in list(os.environ) if _is_theirs(name)}
        try:
            yield
        finally:
            os.environ.update(hidden)


def _is_theirs(name: str) -> bool:
    return name.startswith((_PREFIX, f"_{_PREFIX}"))
