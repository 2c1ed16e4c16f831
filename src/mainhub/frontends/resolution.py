"""Which front-ends a person may open, and which of them owns a path."""

from collections.abc import Iterable
from dataclasses import dataclass

from mainhub.access import Decide, Need, decide
from mainhub.frontends.port import Frontend
from mainhub.identity import Person

__all__ = ["Resolution", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What *open_to* a person, and what becomes of the path that they asked for.

    *refused* is the front-end that owns the path but is not open to them; *found* says whether any
    front-end owns it at all.
    """

    open_to: tuple[Frontend, ...]
    refused: Frontend | None
    found: bool


def resolve(
    frontends: Iterable[Frontend], person: Person, path: str, *, decide: Decide = decide
) -> Resolution:
    """Resolve *frontends* (in their order) for *person*, who asks for *path*.

    *decide* is the one decision; without it, that of tokens alone.
    """
    active = [frontend for frontend in frontends if frontend.active]
    allowed = tuple(
        frontend for frontend in active if decide(person, Need.any_of(frontend.roles)).allowed
    )
    # The longest route wins, as in the browser: a closed page under an open one stays closed.
    nearest = max((frontend.claim(path) for frontend in active), default=0)
    owners = [frontend for frontend in active if nearest and frontend.claim(path) == nearest]
    refused = None if any(owner in allowed for owner in owners) or not owners else owners[0]
    return Resolution(allowed, refused, found=bool(owners))
