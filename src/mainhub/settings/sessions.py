"""``[sessions]``: how long a sign-in lasts, and where it is kept."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator

from mainhub.settings.duration import Duration
from mainhub.settings.section import Section

__all__ = ["Sessions"]


_LONGEST_GRACE: Final = timedelta(minutes=5)


def _short(grace: timedelta) -> timedelta:
    if grace > _LONGEST_GRACE:
        raise ValueError("expected at most 5m: a session that was revoked may be believed so long")
    return grace


class Sessions(Section):
    """A session ends *idle* after its last request, and *lifetime* after sign-in in any case.

    It is kept in *store*: the database of ``[database]``, or the Redis of ``[redis]``. While that
    does not answer, what it said less than *grace* ago is believed, for what is safe alone. An
    administrator's roles are read again when they are older than *admin_roles_every*.
    """

    idle: Duration = timedelta(minutes=30)
    lifetime: Duration = timedelta(hours=12)
    admin_lifetime: Duration = timedelta(hours=8)
    admin_roles_every: Duration = timedelta(minutes=15)
    store: Literal["database", "redis"] = "database"
    grace: Annotated[Duration, AfterValidator(_short)] = timedelta(seconds=30)
