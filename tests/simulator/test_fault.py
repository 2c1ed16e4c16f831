from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.simulator.faults.fault import FINE, Fault, Mode, Target, read_fault, read_target
from mainhub.simulator.faults.form import read_form
from mainhub.simulator.faults.problems import DeskProblem

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["mode", "seconds", "status", "share", "only", "for"])
ALMOST = st.dictionaries(
    NAMES, ANYTHING | st.sampled_from([*Mode]) | st.floats(0, 600) | st.just("/v1/"), max_size=6
)


def mended(document: object) -> Fault | DeskProblem:
    try:
        return read_fault(document)
    except DeskProblem as problem:
        return problem


@given(ANYTHING | ALMOST)
def test_anything_is_a_bounded_fault_or_a_problem_with_a_remedy(document: object) -> None:
    found = mended(document)
    if isinstance(found, DeskProblem):
        assert 400 <= found.status < 500
        assert found.remedy
        assert len(str(found)) < 200
        return
    assert 0.1 <= found.seconds <= 120
    assert 400 <= found.status <= 599
    assert 0 <= found.share <= 100
    assert found.lasts is None or 1 <= found.lasts <= 3600
    assert found.only is None or found.only.startswith("/")
    assert mended(json.loads(json.dumps(found.document()))) == found


@given(st.text() | st.from_regex(r"mode=(slow|error|fine)(&[a-z]+=[^&]*){0,4}"))
def test_any_form_is_a_fault_or_a_problem(form: str) -> None:
    assert isinstance(mended(read_form(form)), Fault | DeskProblem)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_an_ellipsis_stands_for_anything(middle: str, end: str, more: str) -> None:
    fault = Fault(mode=Mode.HANG, only=f"/.../{end}")
    assert fault.concerns(f"/{middle}/{end}{more}")


@pytest.mark.parametrize(
    ("only", "path", "concerned"),
    [
        ("/v1/orders", "/v1/orders/stream", True),
        ("/v1/orders", "/healthz", False),
        ("/.../token", "/5f1c/oauth2/v2.0/token", True),
        ("/.../token", "/5f1c/oauth2/v2.0/authorize", False),
        ("/.../v2.0/.../keys", "/5f1c/discovery/v2.0/keys", False),
        ("/.../discovery/.../keys", "/5f1c/discovery/v2.0/keys", True),
    ],
)
def test_only_is_the_beginning_of_a_path(only: str, path: str, *, concerned: bool) -> None:
    assert Fault(mode=Mode.HANG, only=only).concerns(path) is concerned


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "no JSON object"),
        ({}, "mode is missing"),
        ({"mode": "sloow"}, "Did you mean slow?"),
        ({"mode": ["slow"]}, "There is no mode"),
        ({"mode": "slow", "secconds": 3}, "Did you mean seconds?"),
        ({"mode": "slow", "seconds": 0}, "from 0.1 to 120"),
        ({"mode": "slow", "seconds": "3"}, "from 0.1 to 120"),
        ({"mode": "slow", "seconds": True}, "from 0.1 to 120"),
        ({"mode": "slow", "seconds": float("nan")}, "from 0.1 to 120"),
        ({"mode": "slow", "seconds": 10**400}, "from 0.1 to 120"),
        ({"mode": "slow", "status": 500}, "status belongs to the mode error"),
        ({"mode": "error", "status": 399}, "from 400 to 599"),
        ({"mode": "error", "status": 500.5}, "whole number"),
        ({"mode": "hang", "share": 101}, "from 0 to 100"),
        ({"mode": "hang", "for": 0.5}, "from 1 to 3600"),
        ({"mode": "hang", "only": "v1"}, "beginning of a path"),
        ({"mode": "hang", "only": "/a\nb"}, "beginning of a path"),
        ({"mode": "fine", "share": 10}, "takes no share"),
    ],
)
def test_what_is_wrong_is_told_with_the_remedy(document: object, told: str) -> None:
    problem = mended(document)
    assert isinstance(problem, DeskProblem)
    assert told in f"{problem} {problem.remedy}"


def test_what_is_not_given_is_the_default() -> None:
    assert read_fault({"mode": "slow"}) == Fault(mode=Mode.SLOW, seconds=3)
    assert read_fault({"mode": "fine", "seconds": None}) == FINE


def test_a_form_gives_what_belongs_to_its_button() -> None:
    form = "seconds=2%2C5&status=500&share=50&for=&only=+%2Fv1+&mode=slow"
    assert read_form(form) == {"mode": "slow", "seconds": 2.5, "share": 50, "only": "/v1"}
    assert read_form(f"{form}&mode=fine") == {"mode": "fine"}


def test_an_unknown_target_is_told_with_the_known_ones() -> None:
    assert read_target("orders") is Target.ORDERS
    with pytest.raises(DeskProblem) as problem:
        read_target("order")
    assert problem.value.remedy == "Did you mean orders? There are: entra, orders."
