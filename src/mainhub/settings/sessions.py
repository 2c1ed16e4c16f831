"""``[sessions]``: how long a sign-in lasts, and where it is kept."""

from datetime import timedelta
from typing import Literal

from mainhub.settings.duration import Duration
from mainhub.settings.section import Section

__all__ = ["Sessions"]


class Sessions(Section):
    """A session ends *idle* after its last request, and *lifetime* after sign-in in any case.

    It is kept in *store*: the database of ``[database]``, or the Redis of ``[redis]``.
    """

    idle: Duration = timedelta(minutes=30)
    lifetime: Duration = timedelta(hours=12)
    admin_lifetime: Duration = timedelta(hours=8)
    store: Literal["database", "redis"] = "database"
