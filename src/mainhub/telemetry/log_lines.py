"""How many log lines were written, by level."""

import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from typing_extensions import override

from mainhub.telemetry.metrics import Counter

__all__ = ["counted_lines"]


@contextmanager
def counted_lines(counter: Counter) -> Iterator[None]:
    """Count every line, our own and the libraries', while the context lasts."""
    ours, theirs = _Processor(counter), _Filter(counter)
    handlers = list(logging.getLogger().handlers)
    structlog.configure(processors=[ours, *structlog.get_config()["processors"]])
    for handler in handlers:
        handler.addFilter(theirs)
    try:
        yield
    finally:
        rest = [each for each in structlog.get_config()["processors"] if each is not ours]
        structlog.configure(processors=rest)
        for handler in handlers:
            handler.removeFilter(theirs)


class _Processor:
    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def __call__(
        self, _logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        self._counter.add(level="error" if method == "exception" else method)
        return event


class _Filter(logging.Filter):
    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        self._counter.add(level=record.levelname.lower())
        return True
