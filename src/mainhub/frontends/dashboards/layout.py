"""What a dashboard is, and which ones are sound."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from mainhub.errors import Conflict, Invalid
from mainhub.frontends.widget import Size

__all__ = ["MOST_CARDS", "Card", "Dashboard", "DashboardChanged", "LayoutInvalid", "checked"]

MOST_CARDS: Final = 24
_WIDGET: Final = re.compile(r"[a-z][a-z0-9-]{0,62}/[a-z][a-z0-9-]{0,62}")


class LayoutInvalid(Invalid):
    """The cards cannot stand on a dashboard; the message says which and why."""


class DashboardChanged(Conflict):
    """It was saved from another page meanwhile."""


@dataclass(frozen=True, slots=True)
class Card:
    """A widget in its place: *widget* is ``FRONTEND/NAME``."""

    widget: str
    size: Size


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A person's cards in order.

    *generation* changes with each save; 0 is the default, saved by nobody.
    """

    generation: int
    cards: tuple[Card, ...]


def checked(
    cards: Sequence[Card], *, known: Collection[str], before: Sequence[Card]
) -> tuple[Card, ...]:
    """Return *cards* if they may be saved.

    Args:
        cards: the new ones.
        known: the widgets that the person may place.
        before: what stands now; a widget that is not available at the moment may stay.

    Raises:
        LayoutInvalid: too many, one twice, or one that the person cannot place.
    """
    if len(cards) > MOST_CARDS:
        raise LayoutInvalid(
            f"a dashboard holds {MOST_CARDS} cards at most", remedy="Remove some first."
        )
    kept = {card.widget for card in before}
    seen: set[str] = set()
    for card in cards:
        if not _WIDGET.fullmatch(card.widget):
            raise LayoutInvalid("a widget is named FRONTEND/NAME", remedy=_LIST_THEM)
        if card.widget in seen:
            raise LayoutInvalid(f"{card.widget} stands there twice", remedy="Send it once.")
        if card.widget not in known and card.widget not in kept:
            raise LayoutInvalid(f"there is no widget {card.widget} for you", remedy=_LIST_THEM)
        seen.add(card.widget)
    return tuple(cards)


_LIST_THEM: Final = "GET /hub/v1/frontends lists yours."
