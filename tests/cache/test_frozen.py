"""Values that are handed to many."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from pydantic import BaseModel

from cache.test_envelope import JSON
from mainhub.cache import CacheValueInvalid, thaw
from mainhub.cache.frozen import FrozenDict, FrozenList, freeze


def parts(value: Any) -> list[Any]:
    found = [value]
    if isinstance(value, dict):
        found += [part for item in value.values() for part in parts(item)]
    if isinstance(value, list):
        found += [part for item in value for part in parts(item)]
    return found


CHANGES: dict[type, list[tuple[str, tuple[Any, ...]]]] = {
    FrozenDict: [
        ("__setitem__", ("k", 1)),
        ("__delitem__", ("k",)),
        ("__ior__", ({},)),
        ("__init__", ({},)),
        ("clear", ()),
        ("pop", ("k", 1)),
        ("popitem", ()),
        ("setdefault", ("k", 1)),
        ("update", ({"k": 1},)),
    ],
    FrozenList: [
        ("__setitem__", (0, 1)),
        ("__delitem__", (0,)),
        ("__iadd__", ([1],)),
        ("__imul__", (2,)),
        ("__init__", ([1],)),
        ("append", (1,)),
        ("clear", ()),
        ("extend", ([1],)),
        ("insert", (0, 1)),
        ("pop", ()),
        ("remove", (1,)),
        ("reverse", ()),
        ("sort", ()),
    ],
}


@given(JSON)
def test_it_is_the_same_and_cannot_be_changed_anywhere(value: object) -> None:
    frozen = freeze(value)
    assert frozen == value
    for part in parts(frozen):
        assert type(part) not in {dict, list}
        for change, arguments in CHANGES.get(type(part), []):
            with pytest.raises(TypeError, match="thaw"):
                getattr(part, change)(*arguments)
    assert frozen == value
    for made in (thaw(frozen), copy.deepcopy(frozen), pickle.loads(pickle.dumps(frozen))):  # noqa: S301
        assert made == value
        assert not any(type(part) in CHANGES for part in parts(made))


def test_every_way_to_change_is_closed() -> None:
    for kind, plain in ((FrozenDict, dict), (FrozenList, list)):
        own = {name for name, _ in CHANGES[kind]}
        reading = {"copy", "fromkeys", "get", "items", "keys", "values", "count", "index"}
        public = {name for name in dir(plain) if not name.startswith("_")}
        assert public - reading <= own


@dataclasses.dataclass
class Point:
    x: int


class Model(BaseModel):
    x: int


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (Point(1), r"dataclasses\.asdict"),
        (Model(x=1), r'model_dump\(mode="json"\)'),
        (datetime.now(UTC), r"isoformat\(\)"),
        (uuid4(), r"str\(value\)"),
        (Decimal(1), r"str\(value\)"),
        (Colour.RED, r"value\.value"),
        ({1, 2}, r"sorted\(value\)"),
        ({"deep": [b"x"]}, "bytes are kept by themselves"),
        ({1: 2}, r"str\(key\)"),
        (float("nan"), "JSON cannot say"),
        (2**64, "64 bits"),
        (object(), "a cache keeps JSON"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_remedy(value: object, remedy: str) -> None:
    with pytest.raises(CacheValueInvalid, match=remedy):
        freeze(value)


def test_it_says_where() -> None:
    with pytest.raises(CacheValueInvalid, match=r"value\['rows'\]\[1\] is a set"):
        freeze({"rows": [1, {2}]})


def test_what_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(CacheValueInvalid, match="holds itself"):
        freeze(value)
