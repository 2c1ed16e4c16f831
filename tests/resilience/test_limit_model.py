"""The count in memory against a naive model: every admission, added up in fractions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from mainhub.clock import Clock
from mainhub.resilience import Limit, MemoryLimits

US = 1_000_000


class MovedClock(Clock):
    """Told in microseconds, read in seconds, as floating point has them."""

    def __init__(self) -> None:
        self.us = 12_345_678

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.us / US, UTC)

    @override
    def monotonic(self) -> float:
        return self.us / US


@dataclass
class Bucket:
    """A bucket of places that drips back one place every interval; obviously right, and slow."""

    limit: Limit
    admitted: list[tuple[int, int]] = field(default_factory=list)
    blocked_until: int = 0

    def level(self, at: int) -> Fraction:
        """Return how many places are taken at an instant."""
        taken, since = Fraction(0), 0
        for moment, cost in self.admitted:
            taken = max(Fraction(0), taken - Fraction(moment - since, self.limit.interval)) + cost
            since = moment
        return max(Fraction(0), taken - Fraction(at - since, self.limit.interval))

    def would_pass(self, at: int, cost: int) -> bool:
        return at >= self.blocked_until and self.level(at) + cost <= self.limit.at_once

    def ask(self, at: int, cost: int) -> bool:
        if self.would_pass(at, cost):
            self.admitted.append((at, cost))
            return True
        if at >= self.blocked_until and self.limit.block:
            self.blocked_until = at + self.limit.block
        return False

    def reset(self, at: int) -> Fraction:
        """Return in how many microseconds everything is free again."""
        return max(self.level(at) * self.limit.interval, Fraction(self.blocked_until - at))


limits = st.builds(
    lambda limit, per_call, burst, block: Limit(
        limit,
        timedelta(microseconds=limit * per_call + limit // 2),
        burst,
        timedelta(microseconds=block) if block else None,
    ),
    limit=st.integers(1, 50),
    per_call=st.integers(1, 2_000_000),
    burst=st.one_of(st.none(), st.integers(1, 20)),
    block=st.sampled_from([0, 0, 1, 999, 100_000, 30_000_000]),
)
# What to wait: anything, or until the last refusal would pass, or just less than that.
pauses = st.one_of(st.sampled_from(["retry", "before"]), st.integers(0, 3_000_000))
steps = st.lists(st.tuples(pauses, st.integers(1, 6)), max_size=60)


@given(limit=limits, steps=steps)
def test_agrees_with_the_model_at_every_step(
    limit: Limit, steps: list[tuple[str | int, int]]
) -> None:
    clock, model = MovedClock(), Bucket(limit)
    store = MemoryLimits(clock=clock)
    wait = 0
    for pause, cost in steps:
        clock.us += {"retry": wait, "before": max(0, wait - 1)}.get(str(pause), 0)
        clock.us += pause if isinstance(pause, int) else 0
        paid = min(cost, limit.at_once)
        expected = model.ask(clock.us, paid)
        answer = store.take_now("x", limit, paid)
        assert answer.allowed is expected
        assert answer.reset == float(model.reset(clock.us) / US)
        assert answer.remaining == most_that_pass(model, clock.us)
        wait = round(answer.retry_after * US)
        assert answer.retry_after == wait / US
        if not expected:
            # The first moment that passes: then it does, and a microsecond before it does not.
            assert model.would_pass(clock.us + wait, paid)
            assert not model.would_pass(clock.us + wait - 1, paid)


def most_that_pass(model: Bucket, at: int) -> int:
    return max(
        cost for cost in range(model.limit.at_once + 1) if not cost or model.would_pass(at, cost)
    )


@given(limit=limits, steps=steps)
def test_never_admits_more_than_the_burst_and_the_rate(
    limit: Limit, steps: list[tuple[str | int, int]]
) -> None:
    clock = MovedClock()
    store = MemoryLimits(clock=clock)
    admitted: list[tuple[int, int]] = []
    wait = 0
    for pause, cost in steps:
        clock.us += pause if isinstance(pause, int) else wait
        paid = min(cost, limit.at_once)
        answer = store.take_now("x", limit, paid)
        wait = round(answer.retry_after * US)
        if answer.allowed:
            admitted.append((clock.us, paid))
    rate = Fraction(limit.limit, limit.period // timedelta(microseconds=1))
    for first, (begin, _) in enumerate(admitted):
        total = 0
        for end, cost in admitted[first:]:
            total += cost
            assert total <= limit.at_once + rate * (end - begin)


@given(
    most=st.integers(1, 20),
    asked=st.lists(
        st.tuples(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), st.integers(0, 2_000_000)),
        max_size=80,
    ),
)
def test_holds_no_more_keys_than_it_may(most: int, asked: list[tuple[str, int]]) -> None:
    clock = MovedClock()
    store = MemoryLimits(most=most, clock=clock)
    names = {
        name: Limit(2, timedelta(seconds=1), name=name, block_for=timedelta(seconds=3))
        for name in ("one", "two")
    }
    for key, pause in asked:
        clock.us += pause
        store.take_now(key, names["one" if key < "n" else "two"])
        assert len(store) <= most
