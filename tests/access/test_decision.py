from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.access import Need, decide
from mainhub.identity import (
    ADMIN,
    EDITOR,
    EMPLOYEE,
    EVERYONE,
    ROLELESS,
    MissingRole,
    NotSignedIn,
    Person,
)

ROLES = [ADMIN, EDITOR, EMPLOYEE, ROLELESS]


def person(*roles: str) -> Person:
    return Person("t.x", "X", None, roles, "t", "entra")


@pytest.mark.parametrize(
    ("roles", "needs", "allowed"),
    [
        ([EMPLOYEE], [EMPLOYEE], True),
        ([EMPLOYEE, ADMIN], [ADMIN], True),
        ([EMPLOYEE], [ADMIN, EDITOR], False),
        ([ADMIN], [EDITOR], False),
        ([ROLELESS], [ADMIN, EDITOR, EMPLOYEE], False),
        ([ROLELESS], [EVERYONE], True),
        ([ROLELESS], [ROLELESS], True),
        ([EMPLOYEE], [EVERYONE, ADMIN], True),
        ([ADMIN], [], False),
        (["admin"], [ADMIN], False),
        ([EVERYONE], [ADMIN], False),
    ],
)
def test_decides_by_role_and_denies_by_default(
    roles: list[str],
    needs: list[str],
    allowed: bool,  # noqa: FBT001 - a table
) -> None:
    decision = decide(person(*roles), Need.any_of(needs))
    assert (decision.allowed, decision.signed_in) == (allowed, True)
    assert decision.missing == (() if allowed else tuple(sorted(needs)))


@pytest.mark.parametrize("needs", [[], [ADMIN], [EVERYONE]])
def test_nobody_meets_no_need(needs: list[str]) -> None:
    decision = decide(None, Need.any_of(needs))
    assert not decision.allowed
    with pytest.raises(NotSignedIn, match="Reports is open to signed-in people only"):
        decision.raise_unless_allowed("Reports")


def test_the_refusal_names_what_is_missing() -> None:
    with pytest.raises(MissingRole, match="needs the role Admin or Editor") as raised:
        decide(person(EMPLOYEE), Need.any_of([EDITOR, ADMIN])).raise_unless_allowed("Reports")
    assert raised.value.needs == (ADMIN, EDITOR)
    assert raised.value.remedy == "Ask for the role Admin or Editor."


def test_what_is_open_to_nobody_says_so() -> None:
    with pytest.raises(MissingRole, match="open to nobody") as raised:
        decide(person(ADMIN), Need.any_of([])).raise_unless_allowed("Reports")
    assert raised.value.needs == ()


def test_who_is_allowed_is_not_stopped() -> None:
    decide(person(ADMIN), Need.any_of([ADMIN])).raise_unless_allowed("Reports")


@given(st.lists(st.sampled_from(ROLES), min_size=1), st.sets(st.sampled_from(ROLES)))
def test_more_roles_never_open_less(roles: list[str], needs: set[str]) -> None:
    need = Need.any_of(needs)
    assert decide(person(*roles), need).allowed == bool(needs & set(roles))
    assert decide(person(*roles, *needs), need).allowed == bool(needs)
