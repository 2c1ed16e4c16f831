"""What the data of an event may hold: fields with bounds, or any small JSON object.

Data comes from browsers and ends in other people's pages, so that texts lose what a terminal or a
reader could be misled by, and everything has a bound.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from mainhub.errors import Invalid

__all__ = ["BadData", "Field", "Kind", "checked", "checked_freely"]

Kind = Literal["text", "choice", "integer", "boolean", "list of text"]

# Directions of writing that make a text read as what it is not (Unicode TR 36, 3.4).
_MISLEADING: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_WHITE: Final = re.compile(r"\s+")
_DEEPEST: Final = 8
_LONGEST_NAME: Final = 64
_LARGEST: Final = 2**53
_ALLOWED_CONTROLS: Final = "\t\n\r"


class BadData(Invalid):
    """The data of an event is not what its type asks for."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        told = remedy or "GET /hub/v1/events/types tells what each type holds."
        super().__init__(message, remedy=told)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event's data: *longest* counts characters, *most* the items of a list."""

    name: str
    kind: Kind
    about: str
    required: bool = True
    choices: tuple[str, ...] = ()
    longest: int = 200
    most: int = 64

    def check(self, value: object) -> object:
        """Return *value* as it is passed on.

        Raises:
            BadData: it is of another kind, or exceeds a bound.
        """
        if self.kind == "boolean":
            fits = isinstance(value, bool)
        elif self.kind == "integer":
            fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
        elif self.kind == "choice":
            fits = isinstance(value, str) and value in self.choices
        elif self.kind == "text":
            return self._text(value)
        else:
            return self._texts(value)
        if not fits:
            raise self._wrong()
        return value

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._wrong()
        text = _one_line(value)
        if not text or len(text) > self.longest:
            raise self._wrong()
        return text

    def _texts(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > self.most:
            raise self._wrong()
        return tuple(self._text(item) for item in value)

    def _wrong(self) -> BadData:
        wanted = {
            "boolean": "true or false",
            "integer": "a whole number, 0 or more",
            "choice": f"one of {', '.join(self.choices)}",
            "text": f"text of 1 to {self.longest} characters",
            "list of text": f"a list of at most {self.most} texts of 1 to {self.longest} "
            "characters",
        }[self.kind]
        return BadData(f"data.{self.name}: expected {wanted}")


def checked(data: Mapping[str, object], fields: Sequence[Field]) -> dict[str, object]:
    """Return *data* as it is passed on.

    Raises:
        BadData: a field is missing, wrong or unknown; the message names it, never its value.
    """
    known = {field.name: field for field in fields}
    for name in data:
        if name not in known:
            may = f"it may hold {', '.join(known)}" if known else "it holds nothing"
            raise BadData(f"data.{_shown(name)}: there is no such field; {may}")
    for field in fields:
        if field.required and field.name not in data:
            raise BadData(f"data.{field.name} is missing: {field.about}")
    return {name: known[name].check(value) for name, value in data.items()}


def checked_freely(data: Mapping[str, object]) -> dict[str, object]:
    """Return *data*, any JSON object of bounded depth, as it is passed on.

    Raises:
        BadData: it is too deep, or holds what JSON or a page had better not.
    """
    return {_name(name): _freely(value, f"data.{name}", 1) for name, value in data.items()}


def _freely(value: object, where: str, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        # JSON has no word for what is not finite.
        if not isfinite(value):
            raise BadData(f"{_shown(where)}: expected a number")
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise BadData(f"{_shown(where)}: expected a number of at most 2^53")
        return value
    if isinstance(value, str):
        return _harmless(value, where)
    if depth >= _DEEPEST:
        raise BadData(f"{_shown(where)}: expected at most {_DEEPEST} levels")
    if isinstance(value, Mapping):
        return {
            _name(name): _freely(item, f"{where}.{name}", depth + 1) for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_freely(item, where, depth + 1) for item in value]
    raise BadData(f"{_shown(where)}: expected JSON")


def _name(name: object) -> str:
    # A page that copies this field onto an object of its own would change all of its objects.
    if not isinstance(name, str) or name == "__proto__" or not 0 < len(name) <= _LONGEST_NAME:
        raise BadData(f"data: expected names of 1 to {_LONGEST_NAME} characters, not __proto__")
    return _harmless(name, "data", controls="")


def _harmless(text: str, where: str, *, controls: str = _ALLOWED_CONTROLS) -> str:
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in controls):
            raise BadData(f"{_shown(where)}: expected text without control characters")
    return text


def _one_line(text: str) -> str:
    """Return *text* without control characters, on one line."""
    kept = "".join(
        " " if unicodedata.category(character) in {"Cc", "Cs"} else character
        for character in text.translate(_MISLEADING)
    )
    # \s knows the narrow space that French puts before its punctuation; it stays.
    return _WHITE.sub(lambda found: found[0] if len(found[0]) == 1 else " ", kept).strip()


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)[:_LONGEST_NAME]
