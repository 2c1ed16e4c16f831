"""``[frontends]``: how patient the shell is with micro-frontends, and what each may call."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from mainhub.settings.duration import Duration
from mainhub.settings.names import Name
from mainhub.settings.section import Count, Section, Words

__all__ = ["Declared", "Frontends"]


class Declared(Section):
    """What one front-end declares; *apis* take the place of those that it comes with."""

    apis: Annotated[tuple[Name, ...], Words] = ()


class Frontends(Section):
    """Time-outs and limits that the shell applies to each micro-frontend."""

    load_timeout: Duration = timedelta(seconds=8)
    mount_timeout: Duration = timedelta(seconds=30)
    attempts: Count = 3
    max_loaded: Count = 5
    unload_after: Duration = timedelta(minutes=30)
    declared: dict[Name, Declared] = Field(default_factory=dict)
