"""What somebody may be let into: asked about one by one when access is explained."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mainhub.access import Need

__all__ = ["Matter", "Matters"]


@dataclass(frozen=True, slots=True)
class Matter:
    """A front-end, a service, the publishing of a type of event, or the administration.

    *closed*: nobody gets in, whatever they have.
    """

    kind: Literal["frontend", "service", "event", "administration"]
    name: str
    need: Need
    titles: Mapping[str, str] | None = None
    closed: bool = False


Matters = Callable[[], Awaitable[Iterable[Matter]]]
"""Returns everything that can be asked about."""
