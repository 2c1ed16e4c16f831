"""``[frontends]``: how patient and how generous the shell is with micro-frontends."""

from datetime import timedelta

from mainhub.settings.duration import Duration
from mainhub.settings.section import Count, Section

__all__ = ["Frontends"]


class Frontends(Section):
    """Time-outs and limits that the shell applies to each micro-frontend."""

    load_timeout: Duration = timedelta(seconds=8)
    mount_timeout: Duration = timedelta(seconds=30)
    attempts: Count = 3
    max_loaded: Count = 5
    unload_after: Duration = timedelta(minutes=30)
