"""``[sessions]``: how long a sign-in lasts."""

from datetime import timedelta

from mainhub.settings.duration import Duration
from mainhub.settings.section import Section

__all__ = ["Sessions"]


class Sessions(Section):
    """A session ends *idle* after its last request, and *lifetime* after sign-in in any case."""

    idle: Duration = timedelta(minutes=30)
    lifetime: Duration = timedelta(hours=12)
    admin_lifetime: Duration = timedelta(hours=8)
