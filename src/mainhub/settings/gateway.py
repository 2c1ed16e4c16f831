"""``[gateway]``: the services behind ``/api/NAME/``."""

import re
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from mainhub.settings.address import BaseUrl
from mainhub.settings.duration import Duration
from mainhub.settings.names import Name
from mainhub.settings.resilience import Breaker, Bulkhead, CallLimit, Retry
from mainhub.settings.section import Line, Section, Words
from mainhub.settings.size import ByteSize, Size

__all__ = ["Gateway", "Service"]

_CLIENT_ID: Final = "{client_id}"
_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@/%-]{0,999}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7a\x7c\x7e]{1,200}")


def _one(upstreams: tuple[str, ...]) -> tuple[str, ...]:
    if not upstreams:
        raise ValueError("expected the URL of the service, such as http://127.0.0.1:9000")
    if len(upstreams) > 1:
        raise ValueError("expected exactly one URL: load balancing comes with a later version")
    return upstreams


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text.replace(_CLIENT_ID, "x")):
        raise ValueError("expected a scope, such as api://{client_id}/access_as_user")
    return text


def _path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise ValueError("expected a path without query, such as /healthz")
    return text


class Service(Section):
    """One service. Without *roles* nobody may call it; without *scopes* it gets no token."""

    upstreams: Annotated[tuple[BaseUrl, ...], AfterValidator(_one), Words]
    roles: Annotated[tuple[Line, ...], Words] = ()
    scopes: Annotated[tuple[Annotated[str, AfterValidator(_scope)], ...], Words] = ()
    connect_timeout: Duration = timedelta(seconds=3)
    response_timeout: Duration = timedelta(seconds=10)
    idle_timeout: Duration = timedelta(seconds=60)
    max_body: ByteSize = Size(10 * 1024 * 1024)
    health: Annotated[str, AfterValidator(_path)] | None = None
    breaker: Breaker = Field(default_factory=Breaker)
    retry: Retry = Field(default_factory=Retry)
    bulkhead: Bulkhead = Field(default_factory=Bulkhead)
    limit: CallLimit = Field(default_factory=CallLimit)


class Gateway(Section):
    """The services that signed-in people reach through the hub."""

    unnamed_calls: Literal["refuse", "allow"] = "refuse"
    services: dict[Name, Service] = Field(default_factory=dict)
