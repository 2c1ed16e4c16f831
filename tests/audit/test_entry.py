from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.audit import Action, Entry, Outcome, Target


def test_an_action_may_be_given_by_its_name() -> None:
    entry = Entry(action="frontend.changed", outcome="failed")
    assert entry.action is Action.FRONTEND_CHANGED
    assert entry.outcome is Outcome.FAILED
    with pytest.raises(ValueError, match="no-such"):
        Entry(action="no-such")


@given(st.text(), st.text(), st.text())
def test_texts_fit_their_columns(kind: str, name: str, detail: str) -> None:
    entry = Entry(
        action=Action.SIGNIN_DONE,
        target=Target(kind * 50, name * 600),
        detail=detail * 1200,
        address=name * 100,
        right=kind * 300,
    )
    assert entry.target is not None
    assert len(entry.target.kind) <= 32
    assert len(entry.target.name) <= 512
    assert len(entry.detail or "") <= 1000
    assert len(entry.address or "") <= 64
    assert len(entry.right or "") <= 256


def test_control_characters_make_no_second_line() -> None:
    entry = Entry(action=Action.SIGNIN_REFUSED, detail="a\r\n2026 signin.done\x1b[31m\x00\u202eb")
    assert entry.detail == "a  2026 signin.done [31m b"
