"""Key templates such as ``user:{id}``, read once; a key is then put together without binding.

Different arguments never share a key by accident: with several fields, what separates them is
escaped inside of them. Nothing is remembered by argument, so 1, True and 1.0 stay apart.
"""

import inspect
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from string import Formatter
from typing import Any, Final
from uuid import UUID

from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.keys import checked_key

__all__ = ["Template"]

_PLAIN: Final = (str, int, float, bool, type(None), UUID, Decimal)
_STEP: Final = re.compile(r"\A[^.\[\]]+(\.[A-Za-z_]\w*)*\Z")


class Template:
    """A key in which parameters of a function stand.

    Args:
        text: literal text and fields: ``{id}``, ``{user.id}``.
        function: whose parameters they are.

    Raises:
        CacheArgumentInvalid: it cannot be read, or names no parameter.
    """

    def __init__(self, text: str, function: Callable[..., Any], *, what: str = "key") -> None:
        self.text = text
        self._parameters = tuple(inspect.signature(function).parameters.values())
        self._places = {one.name: place for place, one in enumerate(self._parameters)}
        self._what = what
        self._function = getattr(function, "__qualname__", repr(function))
        self._literals, self._fields = self._parsed(text)
        # What ends a field is escaped in it, if another one follows.
        self._ends = [
            literal[:1] if place < len(self._fields) - 1 else ""
            for place, literal in enumerate(self._literals[1:])
        ]
        if any(not end for end in self._ends[:-1]):
            raise CacheArgumentInvalid(
                f"{what}={text!r}: two fields touch each other; write something between them, "
                "as in '{a}:{b}'"
            )

    @property
    def single(self) -> tuple[str, int, str] | None:
        """Text before, place of the argument, text after, if there is but one plain field."""
        if len(self._fields) != 1 or self._fields[0][1]:
            return None
        before, after = self._literals
        return before, self._fields[0][0], after

    @property
    def constant(self) -> str | None:
        """The key itself, if no argument stands in it."""
        return None if self._fields else self._literals[0]

    def fill(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return the key for these arguments.

        Raises:
            CacheArgumentInvalid: an argument has no text of its own.
            TypeError: the function does not take them.
        """
        parts = [self._literals[0]]
        for (place, steps), end, literal in zip(
            self._fields, self._ends, self._literals[1:], strict=True
        ):
            value = self._argument(place, args, kwargs)
            for step in steps:
                value = getattr(value, step)
            told = value if type(value) is str else self.spelled(value)
            if end and ("%" in told or end in told):
                told = told.replace("%", "%25").replace(end, f"%{ord(end):02X}")
            parts += (told, literal)
        return "".join(parts)

    def spelled(self, value: Any) -> str:
        """Return the text of an argument."""
        if isinstance(value, Enum):
            return self.spelled(value.value)
        if isinstance(value, _PLAIN):
            return str(value)
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        raise CacheArgumentInvalid(
            f"{self._what}={self.text!r}: a {type(value).__name__} is no part of a key; "
            "name what it is known by, as in '{user.id}'"
        )

    def _argument(self, place: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if place < len(args):
            return args[place]
        parameter = self._parameters[place]
        if parameter.name in kwargs:
            return kwargs[parameter.name]
        if parameter.default is parameter.empty:
            raise TypeError(f"{self._function}() misses the argument {parameter.name!r}")
        return parameter.default

    def _parsed(self, text: str) -> tuple[list[str], list[tuple[int, tuple[str, ...]]]]:
        checked_key(text, self._what)
        literals, fields = [""], []
        try:
            parsed = list(Formatter().parse(text))
        except ValueError as error:
            raise CacheArgumentInvalid(f"{self._what}={text!r}: {error}") from None
        for literal, field, spec, conversion in parsed:
            literals[-1] += literal
            if field is None:
                continue
            if spec or conversion or not _STEP.match(field):
                raise CacheArgumentInvalid(
                    f"{self._what}={text!r}: write a field as '{{name}}' or '{{name.attribute}}'"
                )
            name, *steps = field.split(".")
            fields.append((self._place(name), tuple(steps)))
            literals.append("")
        return literals, fields

    def _place(self, name: str) -> int:
        place = self._places.get(name)
        if place is None or self._parameters[place].kind in _COLLECTING:
            known = ", ".join(one.name for one in self._parameters if one.kind not in _COLLECTING)
            raise CacheArgumentInvalid(
                f"{self._what}={self.text!r}: {self._function} has no parameter {name!r}; "
                f"write one of: {known or 'it has none'}"
            )
        return place


_COLLECTING: Final = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
