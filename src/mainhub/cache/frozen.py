"""Values that are handed to many: lists and dictionaries that nobody can change.

They are made once, when a value comes in; a hit copies nothing.
"""

import math
from collections.abc import Callable
from typing import Any, Final, NoReturn

import orjson

from mainhub.cache.failures import CacheValueInvalid

__all__ = ["DEEPEST", "FrozenDict", "FrozenList", "freeze", "read_only", "thaw", "written"]

# As deep as orjson writes.
DEEPEST: Final = 250
_LEAST, _MOST = -(2**63), 2**64 - 1
# Where in a value: what it is in, and the step from there.
_Path = tuple[Any, object] | None


def _refuse(self: object, *args: object, **kwargs: object) -> NoReturn:
    del args, kwargs
    kind = "dict" if isinstance(self, dict) else "list"
    raise TypeError(
        f"this {kind} is a cache's, and others read it too: change a copy, "
        "mainhub.cache.thaw(value)"
    )


class FrozenDict(dict[str, Any]):
    """A dictionary from a cache, which cannot be changed."""

    __slots__ = ()
    __init__ = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, memo: object) -> Any:
        return thaw(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (dict(self),)


class FrozenList(list[Any]):
    """A list from a cache, which cannot be changed."""

    __slots__ = ()
    __init__ = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: object) -> Any:
        return thaw(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, (list(self),)


_new_dict: Callable[[type[FrozenDict]], FrozenDict] = dict.__new__
_new_list: Callable[[type[FrozenList]], FrozenList] = list.__new__


def freeze(value: Any) -> Any:
    """Return *value* as a cache keeps it: JSON's kinds alone, read-only throughout.

    Raises:
        CacheValueInvalid: it holds something else; the message says where, and what to do.
    """
    if type(value) is bytes:
        return value
    return _frozen(value, None, 0)


def read_only(value: Any, *, depth: int = 0) -> Any:
    """Return *value*, which a reader of JSON made, read-only throughout.

    Raises:
        RecursionError: it is deeper than anything that :func:`freeze` lets in.
    """
    kind = type(value)
    if kind is dict:
        if depth > DEEPEST:
            raise RecursionError
        made = _new_dict(FrozenDict)
        dict.update(made, {key: read_only(item, depth=depth + 1) for key, item in value.items()})
        return made
    if kind is list:
        if depth > DEEPEST:
            raise RecursionError
        listed = _new_list(FrozenList)
        list.extend(listed, [read_only(item, depth=depth + 1) for item in value])
        return listed
    return value


def thaw(value: Any) -> Any:
    """Return an ordinary copy of *value*, which may be changed."""
    if isinstance(value, dict):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list):
        return [thaw(item) for item in value]
    return value


def written(value: Any) -> bytes:
    """Return a value that :func:`freeze` let in as JSON."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise CacheValueInvalid(
            f"the value cannot be written as JSON ({error}): text must be whole Unicode; "
            "what is not, is kept as bytes"
        ) from None


def _frozen(value: Any, path: _Path, depth: int) -> Any:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        if not _LEAST <= value <= _MOST:
            raise CacheValueInvalid(f"{_at(path)} has more than 64 bits: write str(number)")
        return value
    if kind is float:
        if not math.isfinite(value):
            raise CacheValueInvalid(f"{_at(path)} is {value}, which JSON cannot say: write None")
        return value
    if depth > DEEPEST:
        raise CacheValueInvalid(
            f"the value is nested deeper than {DEEPEST}, or holds itself: write it flatter"
        )
    if isinstance(value, dict):
        made = _new_dict(FrozenDict)
        dict.update(
            made,
            {_key(key, path): _frozen(item, (path, key), depth + 1) for key, item in value.items()},
        )
        return made
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        listed = _new_list(FrozenList)
        list.extend(
            listed, [_frozen(item, (path, place), depth + 1) for place, item in enumerate(value)]
        )
        return listed
    raise CacheValueInvalid(f"{_at(path)} is a {kind.__name__}: {_remedy(value)}")


def _at(path: _Path) -> str:
    told = ""
    while path is not None:
        path, step = path
        told = f"[{step!r}]{told}"
    return f"value{told}"


def _key(key: object, path: _Path) -> str:
    if type(key) is not str:
        raise CacheValueInvalid(
            f"{_at(path)} has a key that is a {type(key).__name__}: write it as str(key)"
        )
    return key


def _remedy(value: object) -> str:
    if isinstance(value, set | frozenset):
        return "write sorted(value)"
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes are kept by themselves alone: give bytes(value), or its text (base64)"
    for has, remedy in _REMEDIES:
        if hasattr(value, has):
            return remedy
    if isinstance(value, str | int | float):
        return f"write {type(value).__mro__[1].__name__}(value)"
    return "a cache keeps JSON (None, bool, int, float, str, list, dict) or bytes: write it so"


_REMEDIES: Final = (
    ("__dataclass_fields__", "write dataclasses.asdict(value)"),
    ("model_dump", 'write value.model_dump(mode="json")'),
    ("_asdict", "write value._asdict()"),
    ("isoformat", "write value.isoformat()"),
    ("_value_", "write value.value"),
    ("hex", "write str(value)"),
    ("as_tuple", "write str(value)"),
    ("__await__", "it must be awaited first"),
)
