"""``[telemetry]``: what is logged, and how."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from mainhub.settings.section import Section

__all__ = ["Telemetry"]


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class Telemetry(Section):
    """The logs. *log_format* is ``console`` in development unless it is set."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        "info"
    )
    log_format: Annotated[Literal["console", "json"], BeforeValidator(_lower)] = "json"
