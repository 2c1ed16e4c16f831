"""``[telemetry]``: what is logged and traced, where it goes, and who may read the metrics."""

import re
from typing import Annotated, Final, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from mainhub.settings.address import PageUrl
from mainhub.settings.section import Section

__all__ = ["Telemetry"]

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{16,1000}")
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE: Final = re.compile(r"[\x20-\x7e]{1,4000}")
_SERVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def _pairs(text: str) -> dict[str, str]:
    """Return the headers that *text* means, in the form of ``OTEL_EXPORTER_OTLP_HEADERS``."""
    found = {}
    for pair in text.split(","):
        if not pair.strip():
            continue
        name, equals, value = pair.partition("=")
        name, value = unquote(name).strip().lower(), unquote(value).strip()
        if not equals or not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError("expected headers as name=value, with commas between them")
        found[name] = value
    return found


def _headers(secret: SecretStr) -> SecretStr:
    _pairs(secret.get_secret_value())
    return secret


def _token(secret: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("expected at least 16 letters, digits or signs out of . _ ~ + / = -")
    return secret


def _service(name: str) -> str:
    if not _SERVICE.fullmatch(name):
        raise ValueError("expected a name of letters, digits, dots, dashes and underscores")
    return name


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _no_truth(value: object) -> object:
    # To Python (and so to pydantic) True is the number 1.
    if isinstance(value, bool):
        raise ValueError("expected a number from 0 to 1")  # noqa: TRY004  pydantic reports ValueError only
    return value


class Telemetry(Section):
    """Logs, traces and metrics. *log_format* is ``console`` in development unless it is set."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        "info"
    )
    log_format: Annotated[Literal["console", "json"], BeforeValidator(_lower)] = "json"
    service_name: Annotated[str, AfterValidator(_service)] = "mainhub"
    exporter: Annotated[Literal["none", "log", "otlp"], BeforeValidator(_lower)] = "none"
    otlp_endpoint: PageUrl = "http://localhost:4318"
    otlp_headers: Annotated[SecretStr, AfterValidator(_headers)] | None = None
    sample_ratio: Annotated[
        float, BeforeValidator(_no_truth), Field(ge=0, le=1, allow_inf_nan=False)
    ] = 1.0
    metrics_token: Annotated[SecretStr, AfterValidator(_token)] | None = None

    def collector_headers(self) -> dict[str, str]:
        """Return the headers for the collector by name, in lower case; they are secrets."""
        return _pairs(self.otlp_headers.get_secret_value()) if self.otlp_headers else {}
