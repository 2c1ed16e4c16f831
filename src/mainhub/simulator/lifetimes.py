"""How long everything that the tenant hands out lives."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """Lifetimes of the tenant; the real access token lives 60 to 90 minutes, at random."""

    code: timedelta = timedelta(minutes=5)
    form: timedelta = timedelta(minutes=30)
    token: timedelta = timedelta(hours=1)
    refresh_token: timedelta = timedelta(days=90)
    sso_session: timedelta = timedelta(hours=24)
