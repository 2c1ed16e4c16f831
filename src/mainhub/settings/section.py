"""What every section of the tree has in common, and the plain kinds of values in them."""

import json
import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

__all__ = ["AtLeastOne", "Count", "Line", "Secret", "Section", "Words"]

_LONGEST_LINE: Final = 1000
_MOST_OF_ANYTHING: Final = 1_000_000
_BETWEEN_WORDS: Final = re.compile(r"[\s,]+")


class Section(BaseModel):
    """A table of settings: unknown names are errors, values never change once read."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )


def _one_line(text: str) -> str:
    line = text.strip()
    if not line or len(line) > _LONGEST_LINE or not line.isprintable():
        raise ValueError("expected one line of text")
    return line


def _some(items: tuple[str, ...]) -> tuple[str, ...]:
    if not items:
        raise ValueError("expected at least one")
    return items


def _no_truth(value: object) -> object:
    # To Python (and so to pydantic) True is the number 1.
    if isinstance(value, bool):
        raise ValueError("expected a whole number")  # noqa: TRY004  pydantic reports ValueError only
    return value


def _split(value: object) -> object:
    """Let a list be written on one line, as environment variables need it.

    Either words between commas or white space, or JSON.
    """
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [word for word in _BETWEEN_WORDS.split(value) if word]
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("expected a list, such as one,two or a JSON list") from None


Line = Annotated[str, AfterValidator(_one_line)]
"""Text on one line, without white space around it."""

Count = Annotated[int, BeforeValidator(_no_truth), Field(ge=1, le=_MOST_OF_ANYTHING)]
"""A whole number, one at least."""

AtLeastOne = AfterValidator(_some)
"""Put on a list: it may not be empty."""

Secret = Annotated[SecretStr, Field(min_length=1)]
"""Text that is never shown."""

Words = BeforeValidator(_split)
"""Put on a list: it may also be written as words between commas or white space."""
