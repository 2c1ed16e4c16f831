"""Counts in this process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.resilience import Limit, LimitStore, MemoryLimits
from resilience.limit_contract import LimitContract


class Microseconds(Clock):
    """A clock that is moved by whole microseconds."""

    def __init__(self) -> None:
        self.at = 1_000_000_000

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at / 1_000_000, UTC)

    @override
    def monotonic(self) -> float:
        # Half a microsecond more, so that cutting off gives what was meant.
        return (self.at + 0.5) / 1_000_000


class TestMemoryLimits(LimitContract):
    @pytest.fixture
    def store(self) -> LimitStore:
        return MemoryLimits()


@given(
    limit=st.integers(1, 50),
    period=st.integers(1, 10_000_000),
    burst=st.integers(1, 60),
    steps=st.lists(
        st.tuples(st.integers(0, 3_000_000), st.integers(1, 5)), min_size=1, max_size=60
    ),
)
def test_never_admits_more_than_burst_and_rate(
    limit: int, period: int, burst: int, steps: list[tuple[int, int]]
) -> None:
    if limit > period:
        return
    clock = Microseconds()
    store = MemoryLimits(clock=clock)
    asked = Limit(limit, timedelta(microseconds=period), burst)
    admitted: list[tuple[int, int]] = []
    for wait, cost in steps:
        clock.at += wait
        if cost > burst:
            continue
        if store.take_now("x", asked, cost).allowed:
            admitted.append((clock.at, cost))
    rate = Fraction(limit, period)
    for first, (begin, _) in enumerate(admitted):
        total = 0
        for end, cost in admitted[first:]:
            total += cost
            assert total <= burst + rate * (end - begin)


@given(
    limit=st.integers(1, 50),
    period=st.integers(1000, 10_000_000),
    burst=st.integers(1, 10),
    pauses=st.lists(st.integers(0, 500_000), max_size=20),
)
def test_retry_after_is_the_first_moment_that_passes(
    limit: int, period: int, burst: int, pauses: list[int]
) -> None:
    clock = Microseconds()
    asked = Limit(limit, timedelta(microseconds=period), burst)
    store = MemoryLimits(clock=clock)
    for pause in pauses:
        clock.at += pause
        store.take_now("x", asked)
    while (answer := store.take_now("x", asked)).allowed:
        pass
    wait = round(answer.retry_after * 1_000_000)
    clock.at += wait - 1
    assert not store.take_now("x", asked).allowed
    clock.at += 1
    assert store.take_now("x", asked).allowed


@given(pauses=st.lists(st.integers(0, 200_000_000), max_size=30))
def test_is_not_stricter_than_it_says(pauses: list[int]) -> None:
    """Whoever keeps to the rate is never refused."""
    clock = Microseconds()
    store, asked = MemoryLimits(clock=clock), Limit(7, timedelta(seconds=60), burst=1)
    for pause in pauses:
        clock.at += asked.interval + pause
        assert store.take_now("x", asked).allowed


def test_keeps_a_bounded_number_of_keys_and_those_that_count() -> None:
    clock = Microseconds()
    store, asked = MemoryLimits(most=100, clock=clock), Limit(10, timedelta(seconds=10))
    for _ in range(10):
        store.take_now("busy", asked)
    for number in range(1000):
        store.take_now(f"once-{number}", asked)
    assert len(store) <= 100
    assert not store.take_now("busy", asked).allowed


def test_keys_that_are_as_good_as_new_go_first() -> None:
    clock = Microseconds()
    store, asked = MemoryLimits(most=100, clock=clock), Limit(10, timedelta(seconds=10))
    for number in range(99):
        store.take_now(f"old-{number}", asked)
    clock.at += 11_000_000
    store.take_now("new", asked)
    store.take_now("newer", asked)
    store.take_now("newest", asked)
    assert len(store) == 3
