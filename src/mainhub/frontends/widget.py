"""A widget: a card that a front-end offers for the dashboards of those who may open it."""

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from mainhub.errors import Invalid
from mainhub.i18n import Locale

__all__ = ["LONGEST_TITLE", "FrontendInvalid", "Size", "Widget", "is_icon", "is_text"]

Size = Literal["small", "medium", "large", "full"]
"""Of twelve columns: 4, 6, 8 or 12."""

LONGEST_TITLE: Final = 80
_LONGEST_SUMMARY: Final = 200
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_ICON: Final = re.compile(r"[a-z][a-z0-9-]{0,38}")


class FrontendInvalid(Invalid):
    """The description of a front-end is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Widget:
    """One card; *size* is what it asks for, the person may choose another."""

    name: str
    titles: dict[Locale, str]
    summaries: dict[Locale, str]
    icon: str
    size: Size = "medium"

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            FrontendInvalid: naming the field and what is expected.
        """
        self._require(_NAME.fullmatch(self.name), "name", "small letters, digits and dashes")
        for locale in ("fr", "en"):
            titled = is_text(self.titles.get(locale, ""), LONGEST_TITLE)
            told = is_text(self.summaries.get(locale, ""), _LONGEST_SUMMARY)
            self._require(titled, f"titles.{locale}", f"1 to {LONGEST_TITLE} printable characters")
            self._require(told, f"summaries.{locale}", f"1 to {_LONGEST_SUMMARY} of them")
        self._require(is_icon(self.icon), "icon", "the name of an icon")
        self._require(self.size in get_args(Size), "size", " or ".join(get_args(Size)))

    def _require(self, fits: object, field: str, expected: str) -> None:
        if not fits:
            raise FrontendInvalid(f"widget {self.name!r}: {field} must be {expected}")


def is_text(text: str, longest: int) -> bool:
    """Return whether *text* can be shown: printable, not blank, not longer than *longest*."""
    # French needs its narrow spaces, which Python does not call printable.
    plain = text.replace("\u202f", " ").replace("\u00a0", " ")
    return plain.isprintable() and 0 < len(text.strip()) <= longest


def is_icon(name: str) -> bool:
    """Return whether *name* could name an icon."""
    return _ICON.fullmatch(name) is not None
