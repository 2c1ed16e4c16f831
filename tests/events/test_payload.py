from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.moments import ORDERS
from mainhub.events import SYSTEM, BadData, Catalogue, EventType
from mainhub.events.payload import Field, checked_freely

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUE = Catalogue([ORDERS])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
GOOD: dict[str, dict[str, Any]] = {
    "user:login": {"provider": "entra", "session": "0a1b"},
    "user:logout": {"session": "0a1b", "reason": "revoked"},
    "theme:changed": {"theme": "system"},
    "language:changed": {"locale": "fr"},
    "app:loaded": {"app": "dashboard", "took_ms": 12},
    "app:unloaded": {"app": "dashboard"},
    "app:error": {"app": "dashboard", "step": "mount", "message": "x", "trace_id": "0a"},
    "notification:show": {"message": "À midi\u202f!", "kind": "info"},
    "network:status": {"online": False},
    "resilience:changed": {
        "pipeline": "service-orders",
        "state": "open",
        "cause": "consecutive-failures",
    },
    "cache:invalidated": {"keys": ["frontends"], "what": "tag", "name": "person:42"},
}


def refusal(call: Callable[[], object]) -> str | None:
    """Return what *call* is refused with."""
    try:
        call()
    except BadData as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", SYSTEM, ids=lambda kind: kind.name)
def test_takes_what_the_table_says(kind: EventType) -> None:
    data = GOOD[kind.name]
    assert orjson.loads(orjson.dumps(kind.checked(data))) == data


@pytest.mark.parametrize("kind", SYSTEM, ids=lambda kind: kind.name)
def test_names_each_field_that_is_missing_or_unknown(kind: EventType) -> None:
    data = GOOD[kind.name]
    for field in kind.fields or ():
        rest = {name: value for name, value in data.items() if name != field.name}
        if field.required:
            with pytest.raises(BadData, match=rf"data\.{field.name} is missing"):
                kind.checked(rest)
        else:
            assert orjson.loads(orjson.dumps(kind.checked(rest))) == rest
    with pytest.raises(BadData, match=r"data\.more: there is no such field"):
        kind.checked(data | {"more": 1})


@pytest.mark.parametrize(
    ("type_", "change"),
    [
        ("theme:changed", {"theme": "pink"}),
        ("theme:changed", {"theme": ["dark"]}),
        ("app:loaded", {"took_ms": -1}),
        ("app:loaded", {"took_ms": True}),
        ("app:loaded", {"took_ms": 1.5}),
        ("app:loaded", {"took_ms": 10**30}),
        ("app:loaded", {"app": ""}),
        ("app:loaded", {"app": " \t\n"}),
        ("app:error", {"message": "x" * 301}),
        ("app:error", {"trace_id": None}),
        ("notification:show", {"message": "x" * 501}),
        ("notification:show", {"kind": "urgent"}),
        ("network:status", {"online": 1}),
        ("network:status", {"online": "true"}),
        ("cache:invalidated", {"keys": "frontends"}),
        ("cache:invalidated", {"keys": [1]}),
        ("cache:invalidated", {"keys": ["x"] * 65}),
        ("cache:invalidated", {"keys": {"a": 1}}),
    ],
)
def test_refuses_a_wrong_field_by_its_name(type_: str, change: dict[str, object]) -> None:
    (name,) = change
    with pytest.raises(BadData, match=rf"data\.{name}: expected"):
        CATALOGUE[type_].checked(GOOD[type_] | change)


@given(st.sampled_from(SYSTEM), st.dictionaries(st.text(), JSON, max_size=3))
def test_nothing_but_a_named_refusal_comes_of_any_data(
    kind: EventType, data: dict[str, object]
) -> None:
    told = refusal(lambda: kind.checked(data))
    assert told is None or (told.isprintable() and len(told) < 500)


@given(st.text(st.characters(), max_size=600))
def test_a_text_is_one_harmless_line_within_its_bound(text: str) -> None:
    field = Field("message", "text", "x", longest=300)
    try:
        kept = field.check(text)
    except BadData:
        return
    assert isinstance(kept, str)
    assert 0 < len(kept) <= 300
    assert kept == kept.strip()
    assert not {unicodedata.category(character) for character in kept} & {"Cc", "Cs"}
    assert kept.encode()
    assert field.check(kept) == kept


def test_a_text_cannot_pretend_to_read_otherwise() -> None:
    field = Field("message", "text", "x")
    assert field.check("\u202egnp.exe\u2066\r\n\x1b[31mred\x00") == "gnp.exe [31mred"


def test_keeps_what_french_and_pictures_are_written_with() -> None:
    text = "Prêt\u202f! C’est «\u00a0bon\u00a0» 👩\u200d💻"
    assert Field("message", "text", "x").check(text) == text


@given(st.dictionaries(st.text(), JSON, max_size=3))
def test_free_data_passes_unchanged_or_is_refused(data: dict[str, object]) -> None:
    told = refusal(lambda: checked_freely(data))
    if told is None:
        assert checked_freely(data) == data
        assert orjson.loads(orjson.dumps(checked_freely(data))) == data
    else:
        assert told.isprintable()


def nested(levels: int) -> dict[str, object]:
    inner: dict[str, object] = {}
    for _ in range(levels):
        inner = {"a": inner}
    return inner


def test_free_data_is_not_deep() -> None:
    assert ORDERS.checked(nested(7))
    for levels in (8, 100, 900):
        with pytest.raises(BadData, match="at most 8 levels"):
            ORDERS.checked(nested(levels))


@pytest.mark.parametrize(
    "data",
    [
        {"__proto__": {}},
        {"a": {"__proto__": 1}},
        {"": 1},
        {"x" * 65: 1},
        {"a": "\0"},
        {"a\r\nid: 1": 1},
        {"a": ["\x1b[31m"]},
        {"a": "\ud800"},
        {"a": 2**53 + 1},
        {"a": float("nan")},
        {"a": [float("inf")]},
        {"a": {1, 2}},
        {"a": b"x"},
        {3: 1},
    ],
)
def test_free_data_holds_nothing_that_misleads(data: dict[str, object]) -> None:
    with pytest.raises(BadData):
        ORDERS.checked(data)
