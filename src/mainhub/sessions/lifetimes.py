"""How long sessions live."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from mainhub.identity import ADMIN, Person

__all__ = ["Lifetimes"]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A session ends after *idle* without a request, and after *absolute* in any case.

    Administrators' sessions end after *administrator*, since more is lost with one. *touch_every*
    bounds how often activity is written down, so that a busy page costs one write a minute.
    *is_administrator* tells who is one; by itself it goes by the token alone.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    administrator: timedelta = timedelta(hours=8)
    touch_every: timedelta = timedelta(minutes=1)
    is_administrator: Callable[[Person], bool] = lambda person: ADMIN in person.roles

    def absolute_for(self, person: Person) -> timedelta:
        """Return the absolute lifetime of a session of *person*."""
        return self.administrator if self.is_administrator(person) else self.absolute
