"""The order of the tests: nothing is lost, and what keeps a processor busy lies far apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from house.spread import merged


@given(st.integers(0, 40), st.integers(0, 400))
def test_all_are_there_in_their_own_order(few: int, many: int) -> None:
    busy = [f"busy-{at}" for at in range(few)]
    other = [f"other-{at}" for at in range(many)]
    found = merged(busy, other)
    assert [one for one in found if one.startswith("busy")] == busy
    assert [one for one in found if one.startswith("other")] == other
    assert len(found) == few + many


@given(st.integers(1, 40), st.integers(1, 20))
def test_between_two_busy_ones_are_as_many_as_between_others(few: int, times: int) -> None:
    found = merged(["busy"] * few, ["other"] * few * times)
    assert found == (["busy"] + ["other"] * times) * few
