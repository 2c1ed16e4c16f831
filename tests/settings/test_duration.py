import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10s", timedelta(seconds=10)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5s", timedelta(seconds=1.5)),
        ("250ms", timedelta(milliseconds=250)),
        ("7d", timedelta(days=7)),
        ("PT30M", timedelta(minutes=30)),
        ("P1DT2H", timedelta(hours=26)),
        ("90", timedelta(seconds=90)),
        (90, timedelta(seconds=90)),
        (0.5, timedelta(seconds=0.5)),
    ],
)
def test_reads_what_people_write(written: object, meant: timedelta) -> None:
    assert parse_duration(written) == meant


@pytest.mark.parametrize(
    "written",
    ["", "0", "-1s", "P", "PT", "1y", "1 parsec", "30M10H", True, None, [], float("nan"), 1e300],
)
def test_refuses_what_is_no_positive_duration(written: object) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(written)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=3650)))
def test_reads_back_what_it_writes(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@given(st.text() | st.integers() | st.floats() | st.from_regex(r"P?T?(\d+\.?\d*[dhmsDHMSW])*"))
def test_anything_is_a_positive_duration_or_refused(value: object) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(value) > timedelta()
