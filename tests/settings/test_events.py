from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainhub.events import SYSTEM
from mainhub.settings import SettingsInvalid, load
from mainhub.settings.events import SYSTEM_TYPES

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = {"type": "orders:changed", "publish": ["Editor"], "audience": ["Employee"]}


def told(**values: object) -> str:
    preset = {"events": {"types": {"orders": WHOLE | values}}}
    with pytest.raises(SettingsInvalid) as caught:
        load(config=None, environ={}, preset=preset)
    (problem,) = caught.value.problems
    return problem.partition("events.types.orders.")[2]


def test_reads_a_type() -> None:
    settings = load(config=None, environ={}, preset={"events": {"types": {"orders": WHOLE}}})
    orders = settings.settings.events.types["orders"]
    assert (orders.type, orders.publish) == ("orders:changed", ("Editor",))
    assert (orders.audience, orders.summary) == (("Employee",), None)


def test_reads_a_type_from_the_environment() -> None:
    prefix = "MAINHUB_EVENTS__TYPES__ORDERS__"
    environ = {f"{prefix}{key.upper()}": str(value) for key, value in WHOLE.items()}
    environ |= {f"{prefix}PUBLISH": "Admin, Editor", f"{prefix}AUDIENCE": "person"}
    orders = load(config=None, environ=environ).settings.events.types["orders"]
    assert orders.publish == ("Admin", "Editor")
    assert orders.audience == ("person",)


def test_the_hubs_own_types_are_the_catalogues() -> None:
    assert {found.name for found in SYSTEM} == SYSTEM_TYPES


@pytest.mark.parametrize("type_", sorted(SYSTEM_TYPES))
def test_refuses_the_hubs_own_types(type_: str) -> None:
    assert told(type=type_).startswith("type: this type is the hub's own")


@pytest.mark.parametrize("type_", ["orders", "Orders:changed", "a:b:c", "a:", ":b", "a:b\n", "é:b"])
def test_refuses_what_is_no_type(type_: str) -> None:
    assert told(type=type_).startswith("type: expected two words in lower case with a colon")


def test_refuses_what_looks_like_the_hubs_own() -> None:
    assert told(type="user:promoted").startswith("type: types that begin with user:")


def test_refuses_a_type_that_nobody_may_publish_or_receives() -> None:
    assert told(publish=[]) == "publish: expected at least one"
    assert told(audience="") == "audience: expected at least one"


def test_refuses_a_person_beside_roles() -> None:
    assert told(audience=["person", "Admin"]).startswith("audience: expected roles, or *")


def test_refuses_one_type_under_two_names(tmp_path: Path) -> None:
    config = tmp_path / "mainhub.toml"
    table = '[events.types.{}]\ntype = "a:b"\npublish = "*"\naudience = "*"\n'
    config.write_text(table.format("one") + table.format("two"), encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="one and two are both the type a:b; keep one"):
        load(config=config, environ={})
