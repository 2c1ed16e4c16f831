"""Structured logs: one line per event, JSON for machines or aligned text for people."""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any, Literal, TextIO

import orjson
import structlog
from structlog.typing import FilteringBoundLogger, Processor

__all__ = ["LogFormat", "LogLevel", "configure", "get_logger", "set_level"]

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

_MASK = "********"
_SECRET_NAMES = re.compile(
    r"(?i)^(authorization|cookie|set-cookie|.*(token|secret|password|verifier|assertion)|code)$"
)
# A compact JWT, a bearer credential, and the query parameters in which OAuth carries secrets.
_SECRET_TEXT = re.compile(
    r"eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"
    r"|(?<=[Bb]earer )[\w.~+/-]+=*"
    r"|(?<=[?&\s]code=)[^&\s\"']+"
    r"|(?<=_token=)[^&\s\"']+"
    r"|(?<=client_secret=)[^&\s\"']+"
)


def get_logger(room: str) -> FilteringBoundLogger:
    """Return the logger of *room*; its lines carry the room's name."""
    logger: FilteringBoundLogger = structlog.get_logger(room=room)
    return logger


def configure(*, level: LogLevel, output: LogFormat, stream: TextIO | None = None) -> None:
    """Send all logs of this process, uvicorn's and libraries' included, to *stream* (stderr)."""
    stream = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if output == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=28)
    )
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:3], _name_library],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask_secrets,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    set_level(level)


def set_level(level: LogLevel) -> None:
    """Log from *level* on, from now on."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(numeric))
    # Libraries' chatter below a warning tells an operator nothing that our own events do not.
    logging.getLogger().setLevel(max(numeric, logging.WARNING))


def mask_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask what is named like a secret or looks like a token (structlog processor)."""
    for name, value in event.items():
        event[name] = _MASK if _SECRET_NAMES.match(name) and value else _masked(value)
    return event


def _masked(value: object) -> object:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_MASK, value)
    if isinstance(value, Mapping):
        return {
            name: _MASK if _SECRET_NAMES.match(str(name)) and inner else _masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float | datetime):
        return value
    return _SECRET_TEXT.sub(_MASK, repr(value))


def _name_library(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["room"] = record.name
    return event


def _to_json(event: object, **_options: object) -> str:
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:
        # Numbers beyond 64 bits and halves of surrogate pairs; no line is ever lost for them.
        return json.dumps(event, default=repr)
